"""Words that stand together with what a profile finds: in its items far more often than in all the others."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from matcher.reading import Reading

SHORTEST: Final = 5
LEAST_ITEMS: Final = 3  # of the profile's: less is chance
LEAST_SHARE: Final = 0.15  # of the profile's
TIMES_AS_OFTEN: Final = 3.0  # as in other items
# Dunning's log-likelihood ratio, chi-squared with one degree of freedom: 10.83 is one chance in a thousand.
LEAST_LIKELIHOOD: Final = 10.83
MOST: Final = 60
WHERE: Final = frozenset({"title", "section"})


class Companion(NamedTuple):
    """A word by its lemma: in ``together`` of the profile's ``hits`` items, most of them found for ``subject``."""

    word: str
    is_compound: bool
    together: int
    hits: int
    subject: str


class Companions:
    """Counts the words of items as they are looked at."""

    def __init__(self) -> None:
        from spacy.lang.da.stop_words import STOP_WORDS  # noqa: PLC0415 - spaCy takes a second; few count words

        self._says_nothing = STOP_WORDS
        self._items, self._hits = 0, 0
        self._everywhere: Counter[str] = Counter()
        self._together: dict[str, Counter[str]] = defaultdict(Counter)
        self._compounds: set[str] = set()

    def add(self, reading: Reading, subject: str | None) -> None:
        """An item's words; ``subject`` is what the profile found it for, None where it did not."""
        words: set[str] = set()
        for source in reading.sources:
            if source.kind in WHERE:
                for term in source.terms:
                    lemma = term.keys[-1]
                    if not term.mask and len(lemma) >= SHORTEST and lemma not in self._says_nothing:
                        words.add(lemma)
                        if len(term.parts) > 1:
                            self._compounds.add(lemma)
        self._items += 1
        self._everywhere.update(words)
        if subject is not None:
            self._hits += 1
            for word in words:
                self._together[word][subject] += 1

    def best(self) -> list[Companion]:
        """The likeliest companions first, at most MOST."""
        elsewhere = self._items - self._hits
        found: list[tuple[float, Companion]] = []
        for word, subjects in self._together.items():
            together = subjects.total()
            if together < max(LEAST_ITEMS, LEAST_SHARE * self._hits) or not all(map(str.isalpha, word.split("-"))):
                continue
            others = self._everywhere[word] - together
            if together / self._hits < TIMES_AS_OFTEN * others / max(elsewhere, 1):
                continue
            likelihood = log_likelihood(together, others, self._hits, elsewhere)
            if likelihood >= LEAST_LIKELIHOOD:
                ((subject, _),) = subjects.most_common(1)
                found.append((likelihood, Companion(word, word in self._compounds, together, self._hits, subject)))
        found.sort(key=lambda entry: (-entry[0], entry[1].word))
        return [companion for _, companion in found[:MOST]]


def log_likelihood(here: int, there: int, of_here: int, of_there: int) -> float:
    """Dunning's G² (1993) of a word in ``here`` of ``of_here`` items and ``there`` of ``of_there`` others."""
    whole = of_here + of_there

    def part(seen: int, in_rows: int, in_columns: int) -> float:
        return seen * math.log(seen * whole / (in_rows * in_columns)) if seen else 0.0

    with_word, without = here + there, whole - here - there
    return 2 * (
        part(here, with_word, of_here)
        + part(there, with_word, of_there)
        + part(of_here - here, without, of_here)
        + part(of_there - there, without, of_there)
    )
