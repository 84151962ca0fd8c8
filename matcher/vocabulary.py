"""All words that mean something to anyone, looked up in one pass over an item's terms.

A *node* is a meaning: a concept of the thesaurus, or a word somebody typed that the thesaurus does not know. Each
unique phrase is stored once, however many profiles want it; profiles hang on nodes (``matcher.profile``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import marisa_trie

from matcher.language.lemma import is_known
from matcher.language.references import canonical_reference
from matcher.language.words import word_data
from matcher.phrases import phrase_keys, spellings
from matcher.taken_apart import compounds_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matcher.reading import Term
    from matcher.topics import Concept

HitKind = Literal["core", "weak", "law", "bare_law", "not", "body"]
How = Literal["whole", "head", "part", "subject", "apart"]
SHORTEST_STEM: Final = 5  # a compound no dictionary can split still begins with its first word
SHORTEST_REST: Final = 4
LONGEST_WHOLE_ONLY: Final = 3


class Pattern(NamedTuple):
    """One phrase of one node."""

    node: int
    kind: HitKind
    keys: tuple[str, ...]
    parts_too: bool


Patterns = dict[str, tuple[Pattern, ...]]


class Hit(NamedTuple):
    """A pattern found among an item's terms; ``start`` and ``end`` are character offsets in the source."""

    node: int
    kind: HitKind
    how: How
    start: int
    end: int
    mask: int


@dataclass
class Vocabulary:
    """Phrases by their first word, by compound parts, and by law reference."""

    singles: Patterns = field(default_factory=dict)
    phrases: Patterns = field(default_factory=dict)
    parts: Patterns = field(default_factory=dict)
    stems: tuple[marisa_trie.Trie, ...] = ()
    _closed: frozenset[str] = frozenset()
    """Keys of ``parts`` that are among ``stems``."""

    def copy(self) -> Vocabulary:
        """One that more phrases can be added to; this one stays as it is."""
        return replace(self, singles=dict(self.singles), phrases=dict(self.phrases), parts=dict(self.parts))

    def add(self, node: int, phrase: str, kind: HitKind, *, whole_only: bool = False) -> None:
        """Make a phrase (dictionary form, several words allowed) mean a node.

        A false friend whose dictionary form means the node already ("dyrt", "dyr") counts in its own form only.
        """
        for form in spellings(phrase):
            keys, part_key = phrase_keys(form)
            if not keys:
                continue
            pattern = Pattern(node, kind, keys, not whole_only and len(form) > LONGEST_WHOLE_ONLY)
            if kind == "not" and len(keys) == 1 and any(p.node == node for p in self.singles.get(keys[0], ())):
                _append(self.singles, form.casefold(), pattern)
                continue
            if len(keys) > 1:
                _append(self.phrases, keys[0], pattern)
                continue
            _append(self.singles, keys[0], pattern)
            if " " not in form:
                _append(self.singles, form.casefold(), pattern)
            if part_key:
                _append(self.parts, part_key, pattern)

    def add_concept(self, node: int, concept: Concept) -> None:
        """All words, laws and false friends of a concept."""
        whole = {word.casefold() for word in concept.whole_only}
        kinds: tuple[tuple[HitKind, tuple[str, ...]], ...] = (
            ("core", concept.words),
            ("weak", concept.weak),
            ("not", concept.false_friends),
            ("body", concept.committees),
        )
        for kind, words in kinds:
            for word in words:
                self.add(node, word, kind, whole_only=word.casefold() in whole)
        for reference in concept.law:
            self.add_law(node, canonical_reference(reference))

    def add_law(self, node: int, reference: str) -> None:
        """A reference; without its law it is a hint only, since every law has its own § 18."""
        law, _, paragraph = reference.partition("§")
        _append(self.singles, reference, Pattern(node, "law", (reference,), parts_too=False))
        if law:
            bare = f"§{paragraph}"
            _append(self.singles, bare, Pattern(node, "bare_law", (bare,), parts_too=False))

    def close(self) -> None:
        """Build the table of stems of what was added; to be called when all phrases are in."""
        added = self.parts.keys() - self._closed
        stems = [key for key in added if len(key) >= SHORTEST_STEM and "+" not in key]
        if stems:
            self.stems = (*self.stems, marisa_trie.Trie(stems))
        self._closed |= added

    def find(self, terms: tuple[Term, ...]) -> list[Hit]:
        """All hits, false friends already taken out."""
        hits: list[Hit] = []
        for position, term in enumerate(terms):
            hits += self._single(term)
            if not self.phrases.keys().isdisjoint(term.keys):
                hits += self._phrase(terms, position)
            hits += self._taken_apart(terms, position)
        return _without_false_friends(hits) if any(hit.kind == "not" for hit in hits) else hits

    def may_mean(self, term: Term) -> bool:
        """Whether the term, or a phrase that begins with it, means anything to anyone."""
        return not self.phrases.keys().isdisjoint(term.keys) or any(True for _ in self._single(term))

    def _single(self, term: Term) -> Iterator[Hit]:
        seen = set()
        for key in term.keys:
            for pattern in self.singles.get(key, ()):
                if pattern.node not in seen or pattern.kind == "not":
                    seen.add(pattern.node)
                    yield Hit(pattern.node, pattern.kind, "whole", term.start, term.end, term.mask)
        for key, how in self._part_keys(term):
            for pattern in self.parts.get(key, ()):
                hyphen_or_long = pattern.parts_too or how == "whole" or "-" in term.keys[0]
                if hyphen_or_long and (pattern.node not in seen or pattern.kind == "not"):
                    seen.add(pattern.node)
                    yield Hit(pattern.node, pattern.kind, how, term.start, term.end, term.mask)

    def _part_keys(self, term: Term) -> Iterator[tuple[str, How]]:
        if term.parts:
            yield from part_keys(term.parts)
        elif term.keys[0].isalpha() and len(term.keys[0]) >= SHORTEST_STEM + SHORTEST_REST:
            stems = [stem for table in self.stems for stem in table.prefixes(term.keys[0])]
            if stems and not is_known(term.keys[0]):
                yield from ((stem, "part") for stem in stems if len(term.keys[0]) - len(stem) >= SHORTEST_REST)

    def _taken_apart(self, terms: tuple[Term, ...], position: int) -> Iterator[Hit]:
        seen = set()
        for key, first, last in compounds_at(terms, position):
            for pattern in self.parts.get(key, ()):
                if pattern.node not in seen and pattern.kind != "body":
                    seen.add(pattern.node)
                    mask = min(first.mask, last.mask)
                    yield Hit(pattern.node, pattern.kind, "apart", first.start, last.end, mask)

    def _phrase(self, terms: tuple[Term, ...], position: int) -> Iterator[Hit]:
        first = terms[position]
        seen = set()
        for key in first.keys:
            for pattern in self.phrases.get(key, ()):
                last = _matches(pattern, terms, position)
                if last is not None and pattern not in seen:
                    seen.add(pattern)
                    mask = min(first.mask, last.mask)
                    yield Hit(pattern.node, pattern.kind, "whole", first.start, last.end, mask)


@lru_cache(maxsize=100_000)
def part_keys(parts: tuple[str, ...]) -> tuple[tuple[str, How], ...]:
    """Every run of neighbouring parts, longest first, and how much of the word it is.

    "whole" for all of them, "head" when it ends the word, "subject" when what comes after it says hardly anything.
    """
    count = len(parts)
    broad = word_data().broad_heads
    runs: list[tuple[str, How]] = []
    for length in range(count, 0, -1):
        for first in range(count - length + 1):
            how: How = "whole" if length == count else "head" if first + length == count else "part"
            if how == "part" and first == 0 and broad.issuperset(parts[length:]):
                how = "subject"
            runs.append(("+".join(parts[first : first + length]), how))
    return tuple(runs)


def _append(table: Patterns, key: str, pattern: Pattern) -> None:
    """Never in place: copies share what is there."""
    patterns = table.get(key, ())
    if pattern not in patterns:
        table[key] = (*patterns, pattern)


def _matches(pattern: Pattern, terms: tuple[Term, ...], position: int) -> Term | None:
    """The last term of the phrase when its words follow one another from this position on."""
    words = [terms[position]]
    ahead = position + 1
    for key in pattern.keys[1:]:
        while ahead < len(terms) and terms[ahead].number < 0:
            ahead += 1
        if ahead >= len(terms) or key not in terms[ahead].keys or terms[ahead].number - words[-1].number > 2:  # noqa: PLR2004
            return None
        words.append(terms[ahead])
        ahead += 1
    return words[-1]


def _without_false_friends(hits: Iterable[Hit]) -> list[Hit]:
    hits = list(hits)
    friends = defaultdict(list)
    for hit in hits:
        if hit.kind == "not":
            friends[hit.node].append((hit.start, hit.end))
    return [
        hit
        for hit in hits
        if hit.kind != "not"
        and not any(start <= hit.start and hit.end <= end for start, end in friends.get(hit.node, ()))
    ]
