"""What an association wants to hear of, and how its everyday words become weighted meanings.

A typed word stands for the concepts that know it, their narrower concepts a little less, and their neighbours
and hints much less. A word the thesaurus does not know is looked for as it is, and through the concepts which
its parts belong to ("seniordans" has to do with seniors).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from matcher.language import analyse
from matcher.vocabulary import phrase_keys, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matcher.topics import Concept, Thesaurus

Channel = Literal["topic", "target_group"]

NARROWER: Final = 0.65  # a narrower concept; what is narrower still is a hint like a neighbour
RELATED: Final = 0.25
TYPED_HINT: Final = 0.5  # a typed word that is only a hint to a concept ("rådgivning")
BY_PART: Final = 0.5
DESCRIPTION: Final = 0.25
DEEPEST: Final = 3


@dataclass(frozen=True)
class Profile:
    """One association's wishes as typed. Empty ``municipalities`` or ``committees`` means all."""

    id: str
    name: str = ""
    description: str = ""
    topics: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meaning:
    """A profile's words as weights: concept id or unknown phrase → weight, for each channel."""

    concepts: dict[Channel, dict[str, float]]
    phrases: dict[Channel, dict[str, float]]

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """Equal for profiles that mean the same."""
        return tuple(
            (channel, tuple(sorted(weights.items())))
            for part in (self.concepts, self.phrases)
            for channel, weights in part.items()
        )


@dataclass
class Resolver:
    """Finds the concepts of a typed word: by label, core words or hints, all by lemma."""

    thesaurus: Thesaurus
    _core: dict[str, list[Concept]] = field(default_factory=lambda: defaultdict(list))
    _hints: dict[str, list[Concept]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for concept in self.thesaurus.concepts.values():
            _enter(self._core, (concept.label, *concept.words), concept)
            _enter(self._hints, concept.weak, concept)

    def meaning(self, profile: Profile) -> Meaning:
        """The weights of all the words of a profile."""
        concepts: dict[Channel, dict[str, float]] = {"topic": {}, "target_group": {}}
        phrases: dict[Channel, dict[str, float]] = {"topic": {}, "target_group": {}}
        typed: tuple[tuple[Channel, tuple[str, ...]], ...] = (
            ("topic", profile.topics),
            ("target_group", profile.target_groups),
        )
        for channel, words in typed:
            for word in words:
                _raise(phrases[channel], {word.casefold().strip(): self._own_weight(word)})
                _raise(concepts[channel], self.concepts_of(word))
        _raise(concepts["topic"], {id_: w * DESCRIPTION for id_, w in self._described(profile.description).items()})
        return Meaning(concepts, phrases)

    def concepts_of(self, word: str) -> dict[str, float]:
        """Concept ids with weights 0..1 for a typed word or phrase; empty when nothing is known."""
        found: dict[str, float] = {}
        for concept in self._known(word):
            _raise(found, dict(self._with_neighbours(concept, 1.0)))
        if found:
            return found
        for concept in _look_up(self._hints, word):
            _raise(found, {concept.id: RELATED})
        for part in _pieces(word):
            for concept in _look_up(self._core, part):
                _raise(found, {id_: w * BY_PART for id_, w in self._with_neighbours(concept, 1.0)})
        return found

    def _known(self, word: str) -> list[Concept]:
        return _look_up(self._core, word)

    def _own_weight(self, word: str) -> float:
        """How much the typed word itself proves, apart from its concept."""
        return TYPED_HINT if not self._known(word) and _look_up(self._hints, word) else 1.0

    def _with_neighbours(self, concept: Concept, weight: float) -> Iterator[tuple[str, float]]:
        frontier, seen = [concept], {concept.id}
        yield concept.id, weight
        yield from ((other, weight * RELATED) for other in concept.related)
        for depth in range(1, DEEPEST + 1):
            narrower = [id_ for above in frontier for id_ in above.narrower if id_ not in seen]
            seen.update(narrower)
            yield from ((id_, weight * (NARROWER if depth == 1 else RELATED)) for id_ in narrower)
            frontier = [self.thesaurus.concepts[id_] for id_ in narrower]

    def _described(self, description: str) -> dict[str, float]:
        """Concepts of the single words of a description."""
        found: dict[str, float] = {}
        for token in analyse(description):
            if token.is_alpha:
                for concept in _look_up(self._core, token.text):
                    _raise(found, {concept.id: 1.0})
        return found


def _enter(table: dict[str, list[Concept]], words: Iterable[str], concept: Concept) -> None:
    for key in {key for word in words for key in _keys(word)}:
        if concept not in table[key]:
            table[key].append(concept)


def _look_up(table: dict[str, list[Concept]], word: str) -> list[Concept]:
    found = {concept.id: concept for key in _keys(word) for concept in table.get(key, ())}
    return list(found.values())


def _keys(phrase: str) -> Iterator[str]:
    for form in spellings(phrase):
        keys, part_key = phrase_keys(form)
        yield " ".join(keys)
        if "+" in part_key:
            yield part_key


def _pieces(word: str) -> list[str]:
    """The words of a phrase or the parts of a compound; the last part says least, but may be all there is."""
    terms = [token for token in analyse(word) if token.is_alpha]
    if len(terms) > 1:
        return [term.text for term in terms]
    return [part.lemma for token in terms for part in token._.parts]


def _raise(into: dict[str, float], weights: dict[str, float]) -> None:
    for key, weight in weights.items():
        into[key] = max(into.get(key, 0.0), weight)
