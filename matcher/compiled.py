"""Profiles turned inside out: every meaning is stored once, with the profiles that want it and how much.

An item is read once against the meanings; what it costs to hand out the evidence to profiles is a few vector
operations over those that want a meaning which was found. Profiles that mean the same are one *audience*.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from matcher.aside import Aside
from matcher.commonness import shipped_commonness
from matcher.phrases import prepare_phrases
from matcher.profile import Profile, Resolver
from matcher.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from matcher.profile import Meaning
    from matcher.topics import Thesaurus

# "aside": how much of a topic's weight speaks for an alert only, and not for a place high up in the list. "kin": people
# linked to those that the profile is there for, and so no others to it ("forældre" to one for children).
Role = Literal["topic", "aside", "hint", "target_group", "kin", "exclude", "own_name"]
ROLES: Final[tuple[Role, ...]] = ("topic", "aside", "hint", "target_group", "kin", "exclude", "own_name")
DIRECT: Final = 0.4  # wanted at least this much: evidence; less: a hint

# (audiences, each once; how much each wants it)
Postings = tuple["NDArray[np.intp]", "NDArray[np.float64]"]


class Node(NamedTuple):
    """A meaning: a concept's id and Danish label, or a typed phrase (then ``concept`` is empty)."""

    concept: str
    label: str
    kind: str
    kle: tuple[str, ...]
    commonness: float


class Audience(NamedTuple):
    """Profiles that mean the same and are filtered alike, by their ids."""

    ids: tuple[str, ...]
    municipalities: frozenset[str]
    committees: tuple[str, ...]
    excludes: bool


class Wants:
    """What each audience wants, in flat arrays: 100,000 audiences fit where their dicts would not."""

    def __init__(self) -> None:
        self._starts = array("q", [0])
        self._roles, self._nodes, self._weights = array("b"), array("i"), array("d")

    def add(self, weights: Mapping[Role, Mapping[int, float]]) -> None:
        """The wants of the next audience."""
        for role, nodes in weights.items():
            self._roles.extend([ROLES.index(role)] * len(nodes))
            self._nodes.extend(nodes)
            self._weights.extend(nodes.values())
        self._starts.append(len(self._nodes))

    def __getitem__(self, audience: int) -> dict[Role, dict[int, float]]:
        """The meanings that one audience wants, by role, with their weights."""
        part = slice(self._starts[audience], self._starts[audience + 1])
        found: dict[Role, dict[int, float]] = defaultdict(dict)
        for role, node, weight in zip(self._roles[part], self._nodes[part], self._weights[part], strict=True):
            found[ROLES[role]][node] = weight
        return dict(found)

    def inverted(self) -> dict[Role, dict[int, Postings]]:
        """The same the other way round: who wants each meaning."""
        starts = np.array(self._starts, dtype=np.int64)
        # The type that numpy indexes with: a narrower one is widened anew for every item.
        audiences = np.repeat(np.arange(len(starts) - 1, dtype=np.intp), np.diff(starts))
        roles, nodes = np.array(self._roles, dtype=np.int8), np.array(self._nodes, dtype=np.int32)
        order = np.lexsort((audiences, nodes, roles))
        roles, nodes, audiences = roles[order], nodes[order], audiences[order]
        weights = np.array(self._weights, dtype=np.float64)[order]
        edges = np.flatnonzero(np.diff(roles) | np.diff(nodes)) + 1
        found: dict[Role, dict[int, Postings]] = defaultdict(dict)
        for start, end in pairwise([0, *edges.tolist(), len(order)] if len(order) else []):
            found[ROLES[roles[start]]][int(nodes[start])] = (audiences[start:end], weights[start:end])
        return dict(found)


@dataclass
class CompiledProfiles:
    """What ``find`` asks; build it with ``compile_profiles``."""

    version: str
    vocabulary: Vocabulary
    nodes: list[Node]
    audiences: list[Audience]
    postings: dict[Role, dict[int, Postings]]
    weights: Wants
    _marks: dict[tuple[Role, int], NDArray[np.uint64]] = field(default_factory=dict)

    @cached_property
    def with_kle(self) -> list[tuple[int, tuple[str, ...]]]:
        """The meanings that have numbers in KLE."""
        return [(number, node.kle) for number, node in enumerate(self.nodes) if node.kle]

    @cached_property
    def names_people(self) -> NDArray[np.bool_]:
        """Which audiences typed a target group that the thesaurus knows."""
        named = np.zeros(self.size, dtype=np.bool_)
        for node, (audiences, _) in self.postings.get("target_group", {}).items():
            if self.nodes[node].kind == "target_group":
                named[audiences] = True
        return named

    @property
    def size(self) -> int:
        """How many audiences the postings number."""
        return len(self.audiences)

    def ids_of(self, audiences: NDArray[np.intp]) -> list[str]:
        """The profiles of these audiences, in the order given."""
        ids, starts = self._ids
        firsts, counts = starts.take(audiences), np.diff(starts).take(audiences)
        # The places starts[a], starts[a] + 1, ... of each audience, one after the other.
        places = np.repeat(firsts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        found: list[str] = ids.take(places).tolist()
        return found

    @cached_property
    def _ids(self) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
        """(all profiles, those of an audience together; where the ids of each audience begin, and the end)."""
        starts = np.cumsum([0, *(len(audience.ids) for audience in self.audiences)])
        ids = np.empty(starts[-1], dtype=object)
        ids[:] = [id_ for audience in self.audiences for id_ in audience.ids]
        return ids, starts

    def marks(self, role: Role, node: int) -> NDArray[np.uint64]:
        """A number for each entry of a posting, the same for the same role, meaning and weight, else unlike any other.

        The mixing is splitmix64's (Steele, Lea and Flood 2014).
        """
        if (role, node) not in self._marks:
            weights = self.postings[role][node][1]
            salt = np.uint64(
                (ROLES.index(role) + 1) * 0x632BE59BD9B4E019 + node * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
            )
            mixed = weights.view(np.uint64) ^ salt
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
            self._marks[role, node] = mixed ^ (mixed >> np.uint64(31))
        return self._marks[role, node]

    def reaches(self, municipality: str, code: int | None) -> NDArray[np.bool_]:
        """Which audiences want to hear of this municipality."""
        names = {municipality.casefold(), str(code or "")} - {""}
        return self._by_municipalities.chosen(lambda wanted: not wanted or not names.isdisjoint(wanted))

    def hears(self, committee: str) -> NDArray[np.bool_]:
        """Which audiences follow this committee; most follow all."""
        here = committee.casefold()
        return self._by_committees.chosen(lambda wanted: not wanted or any(name in here for name in wanted))

    @cached_property
    def _by_municipalities(self) -> _Filter:
        return _Filter([audience.municipalities for audience in self.audiences])

    @cached_property
    def _by_committees(self) -> _Filter:
        return _Filter([frozenset(one.casefold().strip() for one in aud.committees) for aud in self.audiences])


class _Filter:
    """Each audience's wish, every different wish asked once."""

    def __init__(self, wishes: Sequence[frozenset[str]]) -> None:
        self._different = list(dict.fromkeys(wishes))
        numbers = {wish: number for number, wish in enumerate(self._different)}
        self._numbers = np.fromiter((numbers[wish] for wish in wishes), dtype=np.int32, count=len(wishes))

    def chosen(self, meets: Callable[[frozenset[str]], bool]) -> NDArray[np.bool_]:
        """For each audience, whether its wish is met."""
        answers = np.fromiter((meets(wish) for wish in self._different), dtype=np.bool_, count=len(self._different))
        # Most often nobody minds, and then there is nothing to look up.
        return np.ones(len(self._numbers), dtype=np.bool_) if answers.all() else answers.take(self._numbers)


def compile_profiles(
    profiles: Iterable[Profile], thesaurus: Thesaurus, commonness: Mapping[str, float] | None = None
) -> CompiledProfiles:
    """Resolve, group and invert the profiles.

    ``commonness``: concept id → share of all agenda items it is found in; the shipped table when left out.
    """
    builder = _Builder(thesaurus, shipped_commonness() if commonness is None else commonness)
    for profile in profiles:
        builder.add(profile)
    return builder.build()


@lru_cache(maxsize=4)
def concept_vocabulary(thesaurus: Thesaurus) -> Vocabulary:
    """The phrases of all concepts, numbered in the thesaurus' order. Shared: to be copied, not added to."""
    prepare_phrases(thesaurus.phrases)
    vocabulary = Vocabulary()
    for number, concept in enumerate(thesaurus.concepts.values()):
        vocabulary.add_concept(number, concept)
    vocabulary.close()
    return vocabulary


class _Group(NamedTuple):
    first: Profile
    ids: list[str]


class _Builder:
    def __init__(self, thesaurus: Thesaurus, commonness: Mapping[str, float]) -> None:
        self.thesaurus = thesaurus
        self.commonness = commonness
        self.resolver = Resolver(thesaurus)
        self.aside = Aside(self.resolver, commonness)
        self.vocabulary = concept_vocabulary(thesaurus).copy()
        # Concepts that nobody asks for are looked for too: they tell what else an item is about.
        self.nodes = [
            Node(concept.id, concept.label, concept.kind, concept.kle, commonness.get(concept.id, 0.0))
            for concept in thesaurus.concepts.values()
        ]
        self.numbers = {("concept", node.concept): number for number, node in enumerate(self.nodes)}
        self.audiences: dict[bytes, _Group] = {}
        self.wants = Wants()
        self.version = hashlib.sha256(thesaurus.version.encode())

    def add(self, profile: Profile) -> None:
        """Group the profile with those that mean the same."""
        meaning, aside = self.resolver.meaning(profile), self.aside.of(profile)
        filters = tuple(
            tuple(sorted({value.casefold().strip() for value in values}))
            for values in (profile.municipalities, profile.committees, profile.exclude, profile.own_names)
        )
        # The key itself would be many times the size of what is kept.
        key = hashlib.sha256(repr((meaning.signature, sorted(aside.items()), filters)).encode()).digest()
        if key not in self.audiences:
            self.audiences[key] = _Group(profile, [])
            self.wants.add(self._weights(meaning, aside, profile))
        self.audiences[key].ids.append(profile.id)
        self.version.update(repr(profile).encode())

    def build(self) -> CompiledProfiles:
        """Invert what was added."""
        self.vocabulary.close()
        audiences = [
            Audience(
                tuple(group.ids),
                frozenset(value.casefold().strip() for value in group.first.municipalities),
                group.first.committees,
                bool(group.first.exclude),
            )
            for group in self.audiences.values()
        ]
        return CompiledProfiles(
            self.version.hexdigest()[:12], self.vocabulary, self.nodes, audiences, self.wants.inverted(), self.wants
        )

    def _weights(self, meaning: Meaning, aside: Mapping[str, float], profile: Profile) -> dict[Role, dict[int, float]]:
        weights: dict[Role, dict[int, float]] = defaultdict(dict)
        for channel, concepts in meaning.concepts.items():
            for id_, weight in concepts.items():
                role: Role = channel if weight >= DIRECT else "hint"
                if role != "hint" or channel == "topic":
                    key = ("concept", id_)
                    _raise(weights[role], self.numbers[key], weight * meaning.factors.get(key, 1.0))
        for channel, phrases in meaning.phrases.items():
            for phrase, weight in phrases.items():
                learned = meaning.factors.get(("phrase", phrase), 1.0)
                _raise(weights[channel], self._phrase_node(phrase), weight * learned)
        weights["kin"] = self._kin(weights["target_group"])
        weights["aside"] = self._aside(weights["topic"], aside, meaning)
        for word in profile.exclude:
            weights["exclude"][self._phrase_node(word.casefold().strip())] = 1.0
        for name in profile.own_names:
            weights["own_name"][self._phrase_node(name.casefold().strip(), whole_only=True)] = 1.0
        return dict(weights)

    def _kin(self, groups: Mapping[int, float]) -> dict[int, float]:
        own = [self.nodes[node].concept for node in groups if self.nodes[node].kind == "target_group"]
        return {self.numbers["concept", id_]: 1.0 for group in own for id_ in self.resolver.kin(group)}

    def _aside(self, topics: Mapping[int, float], aside: Mapping[str, float], meaning: Meaning) -> dict[int, float]:
        shares = {self.numbers["concept", id_]: share for id_, share in aside.items()}
        for phrase in meaning.phrases["topic"] if aside else ():
            shares[self._phrase_node(phrase)] = self.aside.of_word(phrase, aside)
        return {node: topics[node] * share for node, share in shares.items() if share and node in topics}

    def _phrase_node(self, phrase: str, *, whole_only: bool = False) -> int:
        key = ("name" if whole_only else "phrase", phrase)
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.nodes)
            known = [id_ for id_, weight in self.resolver.concepts_of(phrase).items() if weight == 1.0]
            common = max((self.commonness.get(id_, 0.0) for id_ in known), default=0.0)
            self.nodes.append(Node("", phrase, "phrase", (), common))
            self.vocabulary.add(number, phrase, "core", whole_only=whole_only)
            for friend in (word for id_ in known for word in self.thesaurus.concepts[id_].false_friends):
                self.vocabulary.add(number, friend, "not")
        return number


def _raise(into: dict[int, float], node: int, weight: float) -> None:
    into[node] = max(into.get(node, 0.0), weight)
