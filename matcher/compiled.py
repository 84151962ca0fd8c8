"""Profiles turned inside out: every meaning is stored once, with the profiles that want it and how much.

An item is read once against the meanings; what it costs to hand out the evidence to profiles is a few vector
operations over those that want a meaning which was found. Profiles that mean the same are one *audience*.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from matcher.commonness import shipped_commonness, specificity
from matcher.profile import Profile, Resolver
from matcher.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from matcher.profile import Meaning
    from matcher.topics import Thesaurus

Role = Literal["topic", "hint", "target_group", "exclude", "own_name"]
DIRECT: Final = 0.4  # wanted at least this much: evidence; less: a hint

Postings = tuple["NDArray[np.intp]", "NDArray[np.float64]"]


class Node(NamedTuple):
    """A meaning: a concept's id and Danish label, or a typed phrase (then ``concept`` is empty)."""

    concept: str
    label: str
    kind: str
    kle: tuple[str, ...]
    specificity: float


class Audience(NamedTuple):
    """Profiles that mean the same and are filtered alike."""

    profiles: tuple[Profile, ...]
    municipalities: frozenset[str]
    committees: tuple[str, ...]


@dataclass
class CompiledProfiles:
    """What ``find`` asks; build it with ``compile_profiles``."""

    version: str
    vocabulary: Vocabulary
    nodes: list[Node]
    audiences: list[Audience]
    postings: dict[Role, dict[int, Postings]]
    weights: list[dict[Role, dict[int, float]]]
    by_municipality: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def reaches(self, municipality: str, code: int | None) -> NDArray[np.bool_]:
        """Which audiences want to hear of this municipality."""
        key = f"{municipality.casefold()}|{code or ''}"
        if key not in self.by_municipality:
            names = {municipality.casefold(), str(code or "")} - {""}
            self.by_municipality[key] = np.array(
                [not a.municipalities or not a.municipalities.isdisjoint(names) for a in self.audiences], dtype=np.bool_
            )
        return self.by_municipality[key]


def compile_profiles(
    profiles: Iterable[Profile], thesaurus: Thesaurus, commonness: Mapping[str, float] | None = None
) -> CompiledProfiles:
    """Resolve, group and invert the profiles.

    ``commonness``: concept id → share of all agenda items it is found in; the shipped table when left out.
    """
    builder = _Builder(thesaurus, shipped_commonness() if commonness is None else commonness)
    profiles = list(profiles)
    for profile in profiles:
        builder.add(profile)
    return builder.build(profiles)


class _Builder:
    def __init__(self, thesaurus: Thesaurus, commonness: Mapping[str, float]) -> None:
        self.thesaurus = thesaurus
        self.commonness = commonness
        self.resolver = Resolver(thesaurus)
        self.vocabulary = Vocabulary()
        self.nodes: list[Node] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.groups: dict[tuple[object, ...], list[Profile]] = defaultdict(list)
        self.meanings: dict[tuple[object, ...], Meaning] = {}

    def add(self, profile: Profile) -> None:
        """Group the profile with those that mean the same."""
        meaning = self.resolver.meaning(profile)
        filters = tuple(
            tuple(sorted({value.casefold().strip() for value in values}))
            for values in (profile.municipalities, profile.committees, profile.exclude, profile.own_names)
        )
        key = (*meaning.signature, *filters)
        self.groups[key].append(profile)
        self.meanings[key] = meaning

    def build(self, profiles: list[Profile]) -> CompiledProfiles:
        audiences, weights = [], []
        for key, members in self.groups.items():
            first = members[0]
            weights.append(self._weights(self.meanings[key], first))
            municipalities = frozenset(value.casefold().strip() for value in first.municipalities)
            audiences.append(Audience(tuple(members), municipalities, first.committees))
        self.vocabulary.close()
        version = hashlib.sha256(f"{self.thesaurus.version}{profiles}".encode()).hexdigest()[:12]
        return CompiledProfiles(version, self.vocabulary, self.nodes, audiences, _inverted(weights), weights)

    def _weights(self, meaning: Meaning, profile: Profile) -> dict[Role, dict[int, float]]:
        weights: dict[Role, dict[int, float]] = defaultdict(dict)
        for channel, concepts in meaning.concepts.items():
            for id_, weight in concepts.items():
                role: Role = channel if weight >= DIRECT else "hint"
                if role != "hint" or channel == "topic":
                    _raise(weights[role], self._concept_node(id_), weight)
        for channel, phrases in meaning.phrases.items():
            for phrase, weight in phrases.items():
                _raise(weights[channel], self._phrase_node(phrase), weight)
        for word in profile.exclude:
            weights["exclude"][self._phrase_node(word.casefold().strip())] = 1.0
        for name in profile.own_names:
            weights["own_name"][self._phrase_node(name.casefold().strip(), whole_only=True)] = 1.0
        return dict(weights)

    def _concept_node(self, id_: str) -> int:
        concept = self.thesaurus.concepts[id_]
        number = self.numbers.get(("concept", id_))
        if number is None:
            number = self.numbers["concept", id_] = len(self.nodes)
            specific = specificity(self.commonness.get(id_, 0.0))
            self.nodes.append(Node(id_, concept.label, concept.kind, concept.kle, specific))
            self.vocabulary.add_concept(number, concept)
        return number

    def _phrase_node(self, phrase: str, *, whole_only: bool = False) -> int:
        key = ("name" if whole_only else "phrase", phrase)
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.nodes)
            known = [id_ for id_, weight in self.resolver.concepts_of(phrase).items() if weight == 1.0]
            common = max((self.commonness.get(id_, 0.0) for id_ in known), default=0.0)
            self.nodes.append(Node("", phrase, "phrase", (), specificity(common)))
            self.vocabulary.add(number, phrase, "core", whole_only=whole_only)
        return number


def _raise(into: dict[int, float], node: int, weight: float) -> None:
    into[node] = max(into.get(node, 0.0), weight)


def _inverted(weights: list[dict[Role, dict[int, float]]]) -> dict[Role, dict[int, Postings]]:
    lists: dict[Role, dict[int, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for audience, roles in enumerate(weights):
        for role, nodes in roles.items():
            for node, weight in nodes.items():
                lists[role][node].append((audience, weight))
    return {
        role: {
            node: (np.array([a for a, _ in pairs], dtype=np.intp), np.array([w for _, w in pairs], dtype=np.float64))
            for node, pairs in nodes.items()
        }
        for role, nodes in lists.items()
    }
