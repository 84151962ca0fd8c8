"""A phrase that somebody wrote, in the keys by which it is found in a text.

Analysing the thesaurus' ten thousand phrases takes seconds, and every process needs them: their keys are kept in the
user's cache folder, for as long as the language components stay as they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.language import analyse
from matcher.language.hunspell import dictionary_state
from matcher.language.kept import cache_folder, written_aside
from matcher.language.lemma import phrase_lemma
from matcher.language.words import word_data
from matcher.reading import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.reading import Term

# (lemma of each word, key among compound parts: "besøg+ven"; empty for several words)
Keys = tuple[tuple[str, ...], str]


def phrase_keys(phrase: str) -> Keys:
    """The lemma of each word, and the key among compound parts ("besøg+ven"), which is empty for several words."""
    return _kept().get(phrase) or _analysed(phrase)


def prepare_phrases(phrases: Iterable[str]) -> None:
    """Has the keys of all these phrases, in every spelling, at hand, from the cache folder as far as they are there."""
    wanted = {form for phrase in phrases for form in spellings(phrase)} - _kept().keys()
    if not wanted:
        return
    path = _file()
    known = _read(path)
    missing = wanted - known.keys()
    known |= {phrase: _analysed(phrase) for phrase in missing}
    _kept().update(known)
    if missing:
        with contextlib.suppress(OSError), written_aside(path) as aside:
            aside.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")


@cache
def _kept() -> dict[str, Keys]:
    return {}


@cache
def _file() -> Path:
    """A file for just this state of the language components and of what they rest on."""
    here = Path(__file__).parent
    files = [Path(__file__), here / "reading.py", *sorted((here / "language").glob("*.*"))]
    state = hashlib.sha256(f"{dictionary_state()} {version('spacy')} {version('simplemma')}".encode())
    for file in files:
        state.update(file.read_bytes())
    return cache_folder() / f"phrases-{state.hexdigest()[:12]}.json"


def _read(path: Path) -> dict[str, Keys]:
    """What the file holds; nothing when it is not there or not whole: then it is made anew."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {phrase: _keys(keys, part) for phrase, (keys, part) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keys(keys: object, part: object) -> Keys:
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or not isinstance(part, str):
        raise TypeError("not the keys of a phrase")
    return tuple(keys), part


def spellings(phrase: str) -> tuple[str, ...]:
    """The phrase and, for a known abbreviation, its other form."""
    other = _other_forms().get(phrase.casefold().strip())
    return (phrase, other) if other else (phrase,)


@cache
def _other_forms() -> dict[str, str]:
    short = word_data().abbreviations
    return {long: abbreviation for abbreviation, long in short.items()} | short


@lru_cache(maxsize=100_000)
def _analysed(phrase: str) -> Keys:
    terms = terms_of(analyse(phrase))
    if terms and terms[0].number < 0:
        return terms[0].keys[:1], ""  # "§ 18-midler" is known by its reference
    keys = tuple(_phrase_key(term) for term in terms if term.number >= 0)
    if len(keys) != 1:
        return keys, ""
    return keys, "+".join(terms[0].parts) if len(terms[0].parts) > 1 else keys[0]


def _phrase_key(term: Term) -> str:
    """The lemma, unless the analysis kept the word as it is (initials)."""
    return phrase_lemma(term.keys[0]) if len(term.keys) > 1 else term.keys[0]
