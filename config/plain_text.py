"""Titles and headings as word patterns read them, whatever way a file name, a PDF or a person spelled them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_UNSEEN = "\u00ad\u200b"
_SPELLED = {"å": "a", "æ": "ae", "ø": "oe", "_": " "}


def plain(text: str) -> tuple[str, list[int]]:
    """The text as patterns read it, and for each of its characters the place it came from.

    Small letters; å, aa and a are one (some PDFs lose the ring); æ and ø as file names spell them; no hyphen inside
    a word; "_" is a blank.
    """
    found: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        before, after = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
        if letter in _UNSEEN or unicodedata.combining(letter):
            continue
        if letter in "-‐‑" and before.isalpha() and after.isalpha():
            continue
        if letter in "aA" and before in ("a", "A"):
            continue  # "aa" is the old å
        for new in _SPELLED.get(letter.casefold(), letter.casefold()):
            found.append(new)
            places.append(place)
    return "".join(found), places


def any_of(phrases: Iterable[str], *, at_start: bool = False) -> re.Pattern[str]:
    """A pattern over ``plain`` texts for phrases in which "*" stands for any letters; ``at_start``: only there."""
    body = "|".join(_pattern(phrase) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"\W*(?:{body})" if at_start else body)


def _pattern(phrase: str) -> str:
    words = (re.escape(part).replace(r"\*", r"\w*") for part in plain(phrase)[0].split())
    return r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
