"""The audiences that an item says something to, those together to whom it says the same.

However many profiles there are, an item holds a handful of meanings, and profiles differ in what they want of just
those in a few hundred ways. So each way is judged once, for all audiences that share it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from matcher.features import features

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from matcher.compiled import CompiledProfiles, Postings, Role
    from matcher.evidence import Evidence
    from matcher.weights import Weights

ROLES: Final[tuple[Role, ...]] = ("topic", "target_group", "hint")
SURE: Final = ROLES[:2]


@dataclass(frozen=True)
class Crowd:
    """Groups of audiences, with the postings that ``features`` asks for, numbered by group.

    ``audiences`` are all that are in a group, in the order of the groups; ``group`` says in which.
    """

    size: int
    postings: dict[Role, dict[int, Postings]]
    audiences: NDArray[np.intp]
    group: NDArray[np.intp]

    def members(self, chosen: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """(group, its audiences) for the ``chosen`` groups, as far as the audiences are ``wanted``."""
        kept = chosen[self.group] & wanted[self.audiences]
        audiences, group = self.audiences[kept], self.group[kept]
        edges = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(group)] if len(group) else []
        for start, end in pairwise(edges):
            yield int(group[start]), audiences[start:end]


def crowd_of(evidence: Evidence, profiles: CompiledProfiles, weights: Weights, least: float) -> Crowd:
    """Group the audiences by all that they want of what the item says.

    Those who could not reach the score ``least``, whatever hints they find, are left out.
    """
    signature = np.zeros(profiles.size, dtype=np.uint64)
    _sign(signature, profiles, SURE, evidence.sure)
    audiences = _prospects(signature, evidence, profiles, weights, least) if least else None
    _sign(signature, profiles, ("hint",), evidence.sure)
    _sign(signature, profiles, ROLES, evidence.hints.keys() - evidence.sure.keys())
    audiences = np.flatnonzero(signature) if audiences is None else audiences
    return _grouped(signature, audiences, _entries(profiles, ROLES, evidence.sure.keys() | evidence.hints))


def crowd_of_one(wants: Mapping[Role, Mapping[int, float]]) -> Crowd:
    """A single audience with the wants of ``CompiledProfiles.weights``."""
    only, nobody = np.zeros(1, dtype=np.int32), np.zeros(0, dtype=np.intp)
    postings = {
        role: {node: (only, np.array([weight])) for node, weight in nodes.items()} for role, nodes in wants.items()
    }
    return Crowd(1, postings, nobody, nobody)


def score_groups(crowd: Crowd, evidence: Evidence, weights: Weights) -> NDArray[np.float64]:
    """The score of each group, 0 where it finds nothing."""
    groups, rows = features(evidence, crowd)
    scores = np.zeros(crowd.size)
    scores[groups] = weights.scores(rows)
    return scores


def _prospects(
    signature: NDArray[np.uint64], evidence: Evidence, profiles: CompiledProfiles, weights: Weights, least: float
) -> NDArray[np.intp]:
    """Audiences that would reach ``least`` if they found every hint in the item.

    No weight of a hint is negative (``fit_weights``), so nobody scores more with fewer. Those who find hints only
    have the signature 0 and are one group among the others.
    """
    crowd = _grouped(signature, np.arange(profiles.size), _entries(profiles, SURE, evidence.sure))
    hints = {-1 - node: vector for node, vector in evidence.sure.items()}
    for node, vector in evidence.hints.items():
        hints[-1 - node] = hints.get(-1 - node, 0) + vector
    every_group = (np.arange(crowd.size, dtype=np.int32), np.ones(crowd.size))
    crowd.postings["topic"].update(dict.fromkeys(hints, every_group))
    ceilings = score_groups(crowd, replace(evidence, hints=hints), weights)
    return crowd.audiences[(ceilings >= least)[crowd.group]]


def _grouped(
    signature: NDArray[np.uint64], audiences: NDArray[np.intp], entries: Iterator[tuple[Role, int, Postings]]
) -> Crowd:
    """A group for each different signature, with the postings of its first audience."""
    audiences = audiences[np.argsort(signature[audiences])]
    signs = signature[audiences]
    leads = np.r_[signs[:1] == signs[:1], signs[1:] != signs[:-1]]
    first, group = audiences[leads], np.cumsum(leads) - 1
    number = np.full(signature.size, -1, dtype=np.int32)
    number[first] = np.arange(len(first), dtype=np.int32)
    postings: dict[Role, dict[int, Postings]] = {role: {} for role in ROLES}
    for role, node, (wanting, weights) in entries:
        numbers = number[wanting]
        kept = numbers >= 0
        postings[role][node] = (numbers[kept], weights[kept])
    return Crowd(len(first), postings, audiences, group)


def _entries(
    profiles: CompiledProfiles, roles: tuple[Role, ...], nodes: Iterable[int]
) -> Iterator[tuple[Role, int, Postings]]:
    for role in roles:
        postings = profiles.postings.get(role, {})
        for node in nodes:
            if node in postings:
                yield role, node, postings[node]


def _sign(
    signature: NDArray[np.uint64], profiles: CompiledProfiles, roles: tuple[Role, ...], nodes: Iterable[int]
) -> None:
    """Adds the marks of what is wanted to each audience: equal sums, equal wants.

    Different wants have equal sums of such scattered 64-bit numbers about once in 10^19 pairs.
    """
    for role, node, (audiences, _) in _entries(profiles, roles, nodes):
        signature[audiences] += profiles.marks(role, node)
