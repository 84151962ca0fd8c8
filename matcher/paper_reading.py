"""What language analysis makes of a paper: the terms of each page, in a form small enough to keep for every document.

A word stands once in the document's own list, however often it is used; a page holds numbers only. A paper that hangs
on many items is read once.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from matcher.reading import Term, terms_of_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.vocabulary import Vocabulary

# Lines such as "4.2 Ensomhed blandt ældre ........ 17": a page with several of them lists what stands elsewhere.
_CONTENTS_LINE: Final = re.compile(r"(?:\.{4,}|…{2,}|(?:\. ){4,}|\s{4,})\s*\d{1,3}$")
_CONTENTS_LINES: Final = 5
_NUMBERS: Final = 5  # start since the term before, length, token number, word, mask

Word = tuple[tuple[str, ...], tuple[str, ...]]  # keys and parts of a Term


@dataclass(frozen=True)
class Page:
    """One page: how many words it has, and ``_NUMBERS`` numbers for each of its terms."""

    words: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class PaperReading:
    """All pages of one document, with the words that they use."""

    words: tuple[Word, ...]
    pages: tuple[Page, ...]

    def terms(self, page: int) -> tuple[Term, ...]:
        """The terms of a page, as ``matcher.reading`` knows them."""
        numbers, found, start = self.pages[page].numbers, [], 0
        for at in range(0, len(numbers), _NUMBERS):
            further, length, number, word, mask = numbers[at : at + _NUMBERS]
            start += further
            found.append(Term(start, start + length, number, *self.words[word], mask))
        return tuple(found)

    def telling(self, vocabulary: Vocabulary) -> list[int]:
        """The pages with any word that may mean something to someone."""
        words = {
            number
            for number, (keys, parts) in enumerate(self.words)
            if vocabulary.may_mean(Term(0, 0, 0, keys, parts, 0))
        }
        return [number for number, page in enumerate(self.pages) if not words.isdisjoint(page.numbers[3::_NUMBERS])]

    def to_bytes(self) -> bytes:
        """Packed, for storage."""
        pages = [[page.words, page.numbers] for page in self.pages]
        return zlib.compress(json.dumps([self.words, pages], ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def from_bytes(cls, data: bytes) -> PaperReading:
        """The reading that ``to_bytes`` wrote."""
        words, pages = json.loads(zlib.decompress(data))
        return cls(
            tuple((tuple(keys), tuple(parts)) for keys, parts in words),
            tuple(Page(count, tuple(numbers)) for count, numbers in pages),
        )


def read_paper(pages: Sequence[str]) -> PaperReading:
    """Analyse all pages. A table of contents is left out: what it names stands on its own page too."""
    places: dict[Word, int] = {}
    read = []
    for text in pages:
        terms, words = ((), 0) if _is_contents(text) else terms_of_text(text)
        starts = [0, *(term.start for term in terms)]
        numbers: list[int] = []
        for (before, start), term in zip(pairwise(starts), terms, strict=True):
            word = places.setdefault((term.keys, term.parts), len(places))
            numbers += (start - before, term.end - start, term.number, word, term.mask)
        read.append(Page(words, tuple(numbers)))
    return PaperReading(tuple(places), tuple(read))


def _is_contents(text: str) -> bool:
    return sum(bool(_CONTENTS_LINE.search(line)) for line in text.split("\n")) >= _CONTENTS_LINES
