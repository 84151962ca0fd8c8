"""Compound words taken apart: "seniorbesøgsvennerne" → senior + besøg + ven.

A compound is one or more beginnings (linking letters included) and an inflected noun or adjective at the end, as
the hunspell dictionary allows them. Of the splits that are possible the one with the fewest and longest parts is
taken; its parts are then taken apart in turn. Guards keep words whole which only look like compounds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import simplemma

from matcher.language.hunspell import compound_tables
from matcher.language.words import word_data

MIN_WORD: Final = 6
MIN_PART: Final = 2  # "bo|støtte"; parts of up to three letters are only those listed in words.toml
SHORT: Final = 3


class Part(NamedTuple):
    """A part of a compound: its lemma, and where its letters stand in the word (linking letters included)."""

    lemma: str
    start: int
    end: int


@lru_cache(maxsize=200_000)
def split_compound(word: str) -> tuple[Part, ...]:
    """The smallest parts of a lower-case word in order, or nothing when it is no compound."""
    if "-" in word:
        return _split_at_hyphens(word)
    if not word.isalpha():
        return ()
    base = dictionary_lemma(word)
    if base and base != word:
        return _split_like(word, base)
    split = _best_split(word)
    if split is None:
        return ()
    return tuple(smaller for part in split for smaller in _take_apart(word, part))


def dictionary_lemma(word: str) -> str | None:
    """The dictionary form of a noun or adjective that stands in the dictionary as a whole, else None."""
    return word_data().lemmas.get(word) or compound_tables().end_lemma(word)


def _split_like(word: str, base: str) -> tuple[Part, ...]:
    """An inflected word comes apart where its dictionary form does: "tjenesten" holds no stone."""
    parts = split_compound(base)
    if not parts or word[: parts[-1].start] != base[: parts[-1].start]:
        return ()
    return (*parts[:-1], parts[-1]._replace(end=len(word)))


def _split_at_hyphens(word: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    start = 0
    for piece in word.split("-"):
        if len(piece) > 1 and any(letter.isalpha() for letter in piece):
            inner = split_compound(piece)
            parts += [Part(p.lemma, p.start + start, p.end + start) for p in inner] or [
                Part(part_lemma(piece), start, start + len(piece))
            ]
        start += len(piece) + 1
    return tuple(parts) if len(parts) > 1 or "-" in word[1:-1] else ()


def part_lemma(piece: str) -> str:
    """The lemma of a piece which stands at the beginning or the end of a compound ("børne" → "barn")."""
    data = word_data()
    begin = data.begins.get(piece) or compound_tables().begin_lemma(piece)
    if begin and piece not in data.lemmas and begin != piece:
        return data.lemmas.get(begin, begin)
    return simple_lemma(piece)


def _take_apart(word: str, part: Part) -> tuple[Part, ...]:
    inner = split_compound(word[part.start : part.end])
    if not inner and part.lemma != word[part.start : part.end]:
        # "ungdomsuddannelses" ends in a linking letter: its lemma may split where the form does not.
        inner = tuple(p for p in split_compound(part.lemma) if p.end <= part.end - part.start)
    if len(inner) < 2:  # noqa: PLR2004
        return (part,)
    stretched = [*inner[:-1], inner[-1]._replace(end=part.end - part.start)]
    return tuple(Part(p.lemma, p.start + part.start, p.end + part.start) for p in stretched)


def _best_split(word: str) -> tuple[Part, Part] | None:
    if len(word) < MIN_WORD or _is_opaque(word):
        return None
    candidates = []
    for boundary in range(MIN_PART, len(word) - MIN_PART + 1):
        end = _end_lemma(word[boundary:])
        begin = _begin(word[:boundary]) if end else None
        if end and begin:
            candidates.append((_quality(begin, boundary, len(word), end), boundary, begin.lemma, end))
    if not candidates:
        return None
    _, boundary, begin_lemma, end = max(candidates)
    return Part(begin_lemma, 0, boundary), Part(end, boundary, len(word))


def _quality(begin: _Begin, boundary: int, length: int, end: str) -> tuple[int, bool, int]:
    """Fewest beginnings first; then an end that must stay whole; then the split whose shorter half is longest."""
    return -begin.pieces, end in word_data().opaque, min(boundary, length - boundary)


def _is_opaque(word: str) -> bool:
    data = word_data()
    lemma = simple_lemma(word)
    return word in data.opaque or lemma in data.opaque or lemma in compound_tables().verbs


@lru_cache(maxsize=100_000)
def simple_lemma(word: str) -> str:
    """The lemma by our exceptions, then simplemma's dictionary, then hunspell's; the word itself if unknown.

    Where simplemma takes a noun for a form of a verb ("borger" for "borge", "handicap" for "handicappe") the noun
    is meant: municipal prose is made of nouns.
    """
    exception = word_data().lemmas.get(word)
    if exception:
        return exception
    if simplemma.is_known(word, lang="da"):
        lemma: str = simplemma.lemmatize(word, lang="da").lower()
        if is_dictionary_form(word) and not is_dictionary_form(lemma):
            lemma = word
        return word_data().lemmas.get(lemma, lemma)
    lemma = compound_tables().end_lemma(word) or word
    return word_data().lemmas.get(lemma, lemma)


@lru_cache(maxsize=100_000)
def is_dictionary_form(word: str) -> bool:
    """Whether the word is a noun or adjective as the dictionary lists it."""
    return compound_tables().end_lemma(word) == word


@lru_cache(maxsize=100_000)
def _end_lemma(piece: str) -> str | None:
    """The lemma of a piece that may end a compound: nouns and adjectives only."""
    known = compound_tables().end_lemma(piece)
    if known is None and piece not in word_data().lemmas:
        return None
    # A dictionary form at the end is the noun: "foreningslokale" is a room, though "lokale" is also "lokal".
    lemma = piece if known == piece and piece not in word_data().lemmas else simple_lemma(piece)
    if lemma in compound_tables().verbs:
        lemma = known or lemma
    usable = _long_enough(lemma) and lemma not in word_data().blocked_ends
    return lemma if usable else None


class _Begin(NamedTuple):
    lemma: str
    pieces: int


@lru_cache(maxsize=100_000)
def _begin(piece: str) -> _Begin | None:
    """A beginning, which may itself be several beginnings one after the other."""
    lemma = word_data().begins.get(piece) or compound_tables().begin_lemma(piece)
    if lemma is not None and _long_enough(lemma):
        return _Begin(word_data().lemmas.get(lemma, lemma), 1)
    for boundary in range(len(piece) - MIN_PART, MIN_PART - 1, -1):
        last, front = _begin(piece[boundary:]), _begin(piece[:boundary])
        if last and last.pieces == 1 and front:
            return _Begin(piece, front.pieces + 1)
    return None


def _long_enough(lemma: str) -> bool:
    return len(lemma) > SHORT or lemma in word_data().short_parts
