"""References to laws in one spelling.

"§18", "paragraf 18", "servicelovens § 18, stk. 4", "§§ 79 og 83 a" and "§ 18 i serviceloven" become terms like
"serviceloven § 18 stk. 4"; each reference also counts without its "stk." and without its law.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from matcher.language.words import word_data

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAW: Final = "|".join(
    [
        r"lov\s+om\s+[a-zæøå][a-zæøå ]{3,70}?",
        r"barnets\s+lov",
        r"den\s+kommunale\s+styrelseslov",
        r"[a-zæøå]{3,}lov",
        r"sel",
        r"lab",
    ]
)
_PARAGRAPH: Final = r"\d{1,3}(?:\s?[a-hj-n](?![a-zæøå]))?(?:\s*,?\s*stk\.?\s*\d{1,2})?"
_REFERENCE: Final = re.compile(
    rf"(?:(?<![a-zæøå])(?P<before>{_LAW})(?:ens|en|s)?['’]?s?\s*,?\s*)?"
    rf"(?:§+\s*§?|paragraf(?:ferne|fer|fen)?(?![a-zæøå]))\s*(?P<numbers>{_PARAGRAPH}"
    rf"(?:\s*(?:,|og|eller|samt|-|–)\s*(?:§\s*)?{_PARAGRAPH})*)"
    rf"(?:\s+i\s+(?P<after>{_LAW})(?:ens|en|s)?(?![a-zæøå]))?",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"(?P<number>\d{1,3})(?:\s?(?P<letter>[a-hj-n])(?![a-zæøå]))?(?:\s*,?\s*stk\.?\s*(?P<stk>\d{1,2}))?", re.IGNORECASE
)
WIDEST_RANGE: Final = 20


class Reference(NamedTuple):
    """A reference to a law: every term it counts as, most exact first, and its characters in the text."""

    terms: tuple[str, ...]
    start: int
    end: int


def find_references(text: str) -> Iterator[Reference]:
    """All references in a text, in order."""
    if "§" not in text and "aragraf" not in text:
        return
    for match in _REFERENCE.finditer(text):
        law = canonical_law(match["before"] or match["after"] or "")
        for number, letter, stk in _numbers(match["numbers"]):
            yield Reference(_terms(law, number, letter, stk), match.start(), match.end())


def canonical_law(name: str) -> str:
    """One spelling per law: "Lov om social service" and "servicelov" → "serviceloven"; "" stays ""."""
    name = re.sub(r"\s+", " ", name).strip().casefold()
    known = word_data().laws.get(name) or word_data().laws.get(f"{name}en")
    if known or not name:
        return known or ""
    return f"{name}en" if name.endswith("lov") and " " not in name else name


def canonical_reference(reference: str) -> str:
    """A thesaurus entry such as "servicelov § 18 stk. 4" with its law in our spelling."""
    law, _, paragraph = reference.partition("§")
    return f"{canonical_law(law)} §{paragraph}".strip()


def _numbers(text: str) -> Iterator[tuple[str, str, str]]:
    """(number, letter, stk) of each paragraph in "79 og 83 a"; "83-87" names all five."""
    previous, end = None, 0
    for match in _NUMBER.finditer(text):
        number = int(match["number"])
        between = text[end : match.start()].strip()
        if previous is not None and between in {"-", "–"} and 0 < number - previous < WIDEST_RANGE:
            yield from ((str(inner), "", "") for inner in range(previous + 1, number))
        yield match["number"], (match["letter"] or "").lower(), match["stk"] or ""
        previous, end = number, match.end()


def _terms(law: str, number: str, letter: str, stk: str) -> tuple[str, ...]:
    paragraph = f"§ {number}{' ' + letter if letter else ''}"
    forms = [f"{paragraph} stk. {stk}", paragraph] if stk else [paragraph]
    return tuple([f"{law} {form}" for form in forms if law] + forms)
