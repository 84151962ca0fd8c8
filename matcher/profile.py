"""What an association wants to hear of, and how its everyday words become weighted meanings.

A typed word stands for the concepts that know it, their narrower concepts a little less, and their neighbours
and hints much less. Several words of one field stand for the field. A word the thesaurus does not know is looked
for as it is, and through the concepts which its parts belong to ("seniordans" has to do with seniors).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from matcher.language import analyse
from matcher.phrases import phrase_keys, prepare_phrases, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matcher.topics import Concept, Thesaurus

Channel = Literal["topic", "target_group"]

NARROWER: Final = 0.65  # a narrower concept; what is narrower still is a hint like a neighbour
RELATED: Final = 0.25
TYPED_HINT: Final = 0.5  # a typed word that is only a hint to a concept ("rådgivning")
FIELD: Final = 0.65  # a concept that several typed words are narrower than
NAMED_OF_A_FIELD: Final = 3
BY_PART: Final = 0.5
DESCRIPTION: Final = 0.25
# What description and typed words both lead to is the association's own: in full where a typed word takes it in, and as
# evidence where it is only near to one.
SAID_AGAIN: Final = 1.0
NEAR_AND_SAID: Final = 0.5
DEEPEST: Final = 3
# A target group alone proves little to an association whose topics lie elsewhere ("børn" to one that works with
# alcohol in families), and much to one whose topics are all about that group.
LEAST_OF_A_GROUP: Final = 0.4
SHARED_NEIGHBOUR: Final = 0.5
ENOUGH_TOPICS: Final = 2 / 3  # of the topics: then the group counts in full


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
    leanings: tuple[tuple[str, float], ...] = ()
    """Subject → factor on its weight, as the association's answers have taught (``matcher.learning``)."""


@dataclass(frozen=True)
class Meaning:
    """A profile's words as weights: concept id or unknown phrase → weight, for each channel.

    ``factors``: what the association's answers have taught, by ("concept", id) or ("phrase", phrase). They do not
    decide which role a meaning has, only how much it counts there.
    """

    concepts: dict[Channel, dict[str, float]]
    phrases: dict[Channel, dict[str, float]]
    factors: dict[tuple[str, str], float] = field(default_factory=dict)

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """Equal for profiles that mean the same."""
        parts = [*self.concepts.items(), *self.phrases.items()]
        return (
            *((channel, tuple(sorted(weights.items()))) for channel, weights in parts),
            *sorted(self.factors.items()),
        )


class _Words(NamedTuple):
    """A thesaurus' concepts by the keys of their words, and which are linked. Shared: to be read only."""

    core: dict[str, list[Concept]]
    hints: dict[str, list[Concept]]
    near: dict[str, set[str]]
    labels: dict[str, str]


@lru_cache(maxsize=4)
def _words_of(thesaurus: Thesaurus) -> _Words:
    prepare_phrases(thesaurus.phrases)
    words = _Words(defaultdict(list), defaultdict(list), {id_: set() for id_ in thesaurus.concepts}, {})
    for concept in thesaurus.concepts.values():
        words.labels[concept.label.casefold()] = concept.label
        _enter(words.core, (concept.label, *concept.words), concept)
        _enter(words.hints, concept.weak, concept)
        for other in concept.neighbours:
            words.near[concept.id].add(other)
            words.near[other].add(concept.id)
    return words


@dataclass
class Resolver:
    """Finds the concepts of a typed word: by label, core words or hints, all by lemma."""

    thesaurus: Thesaurus
    # Many profiles type the same words.
    _resolved: dict[tuple[str, Channel], dict[str, float]] = field(default_factory=dict)
    _proves: dict[str, float] = field(default_factory=dict)
    _fields_of: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = _words_of(self.thesaurus)
        self._core, self._hints, self._near, self._labels = words.core, words.hints, words.near, words.labels

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
                _raise(concepts[channel], self.concepts_of(word, channel))
        _raise(concepts["topic"], self._fields(profile.topics))
        self._weigh_groups(profile, concepts["target_group"], phrases["target_group"])
        _raise(concepts["topic"], self._with_description(profile.description, concepts["topic"]))
        meaning = Meaning(concepts, phrases)
        return replace(meaning, factors=self._factors(profile, meaning)) if profile.leanings else meaning

    def subjects(self, label: str) -> list[str]:
        """What a reason's label is about: a concept's own label, or those of the concepts it means, or itself."""
        folded = label.casefold().strip()
        if folded in self._labels:
            return [self._labels[folded]]
        known = [id_ for id_, weight in self.concepts_of(folded).items() if weight == 1.0]
        return list(dict.fromkeys(self.thesaurus.concepts[id_].label for id_ in known)) or [folded]

    def _factors(self, profile: Profile, meaning: Meaning) -> dict[tuple[str, str], float]:
        """Factors other than 1 on what the profile wants; a phrase counts as its concepts do on average."""
        learned = dict(profile.leanings)
        found: dict[tuple[str, str], float] = {}
        for id_ in {id_ for wanted in meaning.concepts.values() for id_ in wanted}:
            found["concept", id_] = learned.get(self.thesaurus.concepts[id_].label, 1.0)
        for phrase in {phrase for wanted in meaning.phrases.values() for phrase in wanted}:
            subjects = self.subjects(phrase)
            found["phrase", phrase] = sum(learned.get(subject, 1.0) for subject in subjects) / len(subjects)
        return {key: factor for key, factor in found.items() if factor != 1.0}

    def concepts_of(self, word: str, channel: Channel = "topic") -> dict[str, float]:
        """Concept ids with weights 0..1 for a typed word or phrase; empty when nothing is known.

        As a target group a word means people: "idrætsudøvere" does not ask for all about sport.
        """
        if (word, channel) not in self._resolved:
            self._resolved[word, channel] = self._resolve(word, channel)
        return self._resolved[word, channel]

    def _resolve(self, word: str, channel: Channel) -> dict[str, float]:
        found: dict[str, float] = {}
        known = self.known(word)
        people = [concept for concept in known if concept.kind == channel == "target_group"]
        for concept in people or known:
            _raise(found, dict(self._with_neighbours(concept, 1.0)))
        if found:
            return found
        for concept in _look_up(self._hints, word):
            _raise(found, {concept.id: RELATED})
        for concept in self._of_parts(word):
            _raise(found, {id_: w * BY_PART for id_, w in self._with_neighbours(concept, 1.0)})
        return found

    def _of_parts(self, word: str) -> list[Concept]:
        """Concepts of the words of a phrase; "rådgivning til unge" asks for advice, not for all about the young."""
        concepts = [concept for part in _pieces(word) for concept in _look_up(self._core, part)]
        topics = [concept for concept in concepts if concept.kind == "topic"]
        return topics or concepts

    def _weigh_groups(self, profile: Profile, concepts: dict[str, float], phrases: dict[str, float]) -> None:
        """Lower the weight of each target group by how little the profile's topics have to do with it."""
        if not profile.topics:
            return
        topics = [
            {id_ for id_, weight in self.concepts_of(word).items() if weight >= BY_PART} for word in profile.topics
        ]
        factor = {group: self._factor(group, topics) for group in concepts}
        best = max((factor[group] for group, weight in concepts.items() if weight == 1.0), default=1.0)
        for group in concepts:
            concepts[group] *= factor[group]
        for phrase in phrases:
            phrases[phrase] *= best

    def _fields(self, topics: tuple[str, ...]) -> dict[str, float]:
        """Concepts that a profile names several narrower ones of: it works in the field, whatever its word.

        Who types home care, meals and housing for the old wants to hear of the care for the old as a whole.
        """
        counts = Counter(chain.from_iterable(self._broader(word) for word in topics))
        return {id_: FIELD for id_, count in counts.items() if count >= NAMED_OF_A_FIELD}

    def _broader(self, word: str) -> frozenset[str]:
        """Topics right above those that know a word."""
        if word not in self._fields_of:
            above = chain.from_iterable(self.above(concept) for concept in self.known(word))
            self._fields_of[word] = frozenset(concept.id for concept in above if concept.kind == "topic")
        return self._fields_of[word]

    def _factor(self, group: str, topics: list[set[str]]) -> float:
        affinity = sum(max((self.nearness(group, id_) for id_ in ids), default=0.0) for ids in topics) / len(topics)
        return LEAST_OF_A_GROUP + (1 - LEAST_OF_A_GROUP) * min(1.0, affinity / ENOUGH_TOPICS)

    def nearness(self, concept: str, other: str) -> float:
        """1 for the same concept and for linked ones, less for those that share a neighbour, else 0."""
        if concept == other or concept in self._near[other]:
            return 1.0
        return 0.0 if self._near[concept].isdisjoint(self._near[other]) else SHARED_NEIGHBOUR

    def kin(self, group: str) -> list[str]:
        """The groups of people that one is linked to."""
        return [id_ for id_ in sorted(self._near[group]) if self.thesaurus.concepts[id_].kind == "target_group"]

    def known(self, word: str) -> list[Concept]:
        """The concepts that have this very word as label or core word."""
        return _look_up(self._core, word)

    def is_general(self, word: str) -> bool:
        """Whether the thesaurus counts the word as a mere hint to something."""
        return bool(_look_up(self._hints, word))

    def above(self, concept: Concept) -> list[Concept]:
        """The concepts that a concept is narrower than."""
        near = (self.thesaurus.concepts[id_] for id_ in sorted(self._near[concept.id]))
        return [other for other in near if concept.id in other.narrower]

    def _own_weight(self, word: str) -> float:
        """How much the typed word itself proves, apart from its concept."""
        if word not in self._proves:
            self._proves[word] = self._prove(word)
        return self._proves[word]

    def _prove(self, word: str) -> float:
        return TYPED_HINT if not self.known(word) and _look_up(self._hints, word) else 1.0

    def _with_neighbours(self, concept: Concept, weight: float) -> Iterator[tuple[str, float]]:
        frontier, seen = [concept], {concept.id}
        yield concept.id, weight
        yield from ((other, weight * RELATED) for other in concept.related)
        for depth in range(1, DEEPEST + 1):
            narrower = [id_ for above in frontier for id_ in above.narrower if id_ not in seen]
            seen.update(narrower)
            yield from ((id_, weight * (NARROWER if depth == 1 else RELATED)) for id_ in narrower)
            frontier = [self.thesaurus.concepts[id_] for id_ in narrower]

    def _with_description(self, description: str, wanted: dict[str, float]) -> dict[str, float]:
        """What a description adds to the topics that are wanted without it: concepts of its single words."""
        return {id_: self._by_description(id_, wanted.get(id_, 0.0)) for id_ in self.described(description)}

    def _by_description(self, id_: str, wanted: float) -> float:
        if not wanted or self.thesaurus.concepts[id_].kind != "topic":
            return DESCRIPTION
        return SAID_AGAIN if wanted >= BY_PART else NEAR_AND_SAID

    def described(self, description: str) -> set[str]:
        """Concepts of the single words of a description."""
        words = (token.text for token in analyse(description)) if description else ()
        return {
            concept.id for word in words if word.replace("-", "").isalpha() for concept in _look_up(self._core, word)
        }


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
