"""Everybody that an item says something to, judged together.

However many profiles there are, an item holds a handful of meanings, and profiles differ in what they want of just
those in a few hundred ways. So each way is judged once, for all audiences that share it. Hints, of which there are
many, only add to one feature: they are summed up for each audience by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from matcher.features import features, hint_shares, sure_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from matcher.compiled import CompiledProfiles, Postings, Role
    from matcher.evidence import Evidence
    from matcher.weights import Weights

SURE: Final[tuple[Role, ...]] = ("topic", "aside", "target_group")
KIN: Final[tuple[Role, ...]] = ("kin",)  # says only who is nobody else: an item that names nothing but kin says nothing
IN_REASONS: Final[tuple[Role, ...]] = (*SURE, "hint", "own_name")
NAMES_PEOPLE: Final = np.uint64(0xA0761D6478BD642F)  # any scattered number will do


@dataclass(frozen=True)
class Crowd:
    """``size`` groups of audiences, with the postings that ``features`` asks for, numbered by group.

    ``names_people`` is that of ``CompiledProfiles``, for each group.
    """

    size: int
    postings: dict[Role, dict[int, Postings]]
    names_people: NDArray[np.bool_]


def scored(
    evidence: Evidence, profiles: CompiledProfiles, weights: Weights, least: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """(audiences that score at least ``least``, in ascending order; the score of each).

    With ``least`` 0 these are all to whom the item says anything at all.
    """
    signature = _signature(profiles, SURE, evidence.sure)
    kin = _signature(profiles, KIN, evidence.people)
    hints = hint_shares(evidence, profiles)
    audiences = np.flatnonzero(signature) if least else np.flatnonzero((signature != 0) | (hints > 0))
    if not audiences.size:
        return audiences, np.zeros(0)
    order, starts = _runs(_signs(signature + kin, audiences, profiles))
    group = np.empty(len(order), dtype=np.intp)
    group[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    leaders = audiences.take(order.take(starts))
    postings = _postings_of(leaders, profiles, SURE, evidence.sure) | _postings_of(
        leaders, profiles, KIN, evidence.people
    )
    sure, central = sure_rows(evidence, Crowd(len(leaders), postings, profiles.names_people.take(leaders)))
    # Hints never speak against anybody (``fit_weights``): a group that misses with the most of them misses.
    ceilings = weights.scores(sure.with_hints(np.arange(len(leaders)), hints.max()))
    kept = (ceilings >= least).take(group)
    audiences, group = audiences[kept], group[kept]
    shares = hints.take(audiences)
    scores = weights.scores(sure.with_hints(group, shares))
    told = scores >= least if least else sure.touched.take(group) | (shares > 0)
    audiences, scores, group, shares = audiences[told], scores[told], group[told], shares[told]
    if central is not sure:
        lower = np.flatnonzero((central.rows != sure.rows).any(axis=1).take(group))
        rows = central.with_hints(group.take(lower), shares.take(lower))
        scores[lower] = weights.ordered(scores.take(lower), weights.scores(rows))
    return audiences, scores


def score_alone(
    wants: Mapping[Role, Mapping[int, float]], evidence: Evidence, weights: Weights, *, names_people: bool
) -> float:
    """The score of a single audience with the wants of ``CompiledProfiles.weights``; 0 where it finds nothing."""
    only = np.zeros(1, dtype=np.intp)
    postings = {
        role: {node: (only, np.array([weight])) for node, weight in nodes.items()} for role, nodes in wants.items()
    }
    crowd = Crowd(1, postings, np.array([names_people]))
    _, rows = features(evidence, crowd)
    if not len(rows):
        return 0.0
    _, central = features(evidence, crowd, central=True)
    return float(weights.ordered(weights.scores(rows), weights.scores(central))[0])


def alike(audiences: NDArray[np.intp], evidence: Evidence, profiles: CompiledProfiles) -> Iterator[NDArray[np.intp]]:
    """Places in ``audiences``, those together that want the same of all that the item says: for the same reasons."""
    if audiences.size:
        said = evidence.sure.keys() | evidence.hints.keys() | evidence.placed.keys()
        signature = _signature(profiles, IN_REASONS, said) + _signature(profiles, KIN, evidence.people)
        order, starts = _runs(_signs(signature, audiences, profiles))
        yield from np.split(order, starts[1:])


def _signature(profiles: CompiledProfiles, roles: tuple[Role, ...], nodes: Iterable[int]) -> NDArray[np.uint64]:
    """For each audience the sum of the marks of what it wants: equal sums, equal wants; 0 wants nothing.

    Different wants have equal sums of such scattered 64-bit numbers about once in 10^19 pairs.
    """
    signature = np.zeros(profiles.size, dtype=np.uint64)
    for role in roles:
        postings = profiles.postings.get(role, {})
        for node in nodes:
            if node in postings:
                np.add.at(signature, postings[node][0], profiles.marks(role, node))
    return signature


def _signs(
    signature: NDArray[np.uint64], audiences: NDArray[np.intp], profiles: CompiledProfiles
) -> NDArray[np.uint64]:
    """The signatures of some audiences; those who name people have another than those who do not."""
    names_people = profiles.names_people.take(audiences)
    return signature.take(audiences) ^ np.where(names_people, NAMES_PEOPLE, np.uint64(0))


def _runs(signs: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(an order in which equal signs stand together, where each run of equal ones begins in it).

    Sorted by 16 of their 64 bits, which numpy does several times quicker. Where two signs agree in these, a run may
    come in pieces: then something is judged twice, with the same result.
    """
    order = np.argsort((signs >> np.uint64(48)).astype(np.uint16), kind="stable")
    signs = signs.take(order)
    return order, np.flatnonzero(np.r_[True, signs[1:] != signs[:-1]])


def _postings_of(
    leaders: NDArray[np.intp], profiles: CompiledProfiles, roles: tuple[Role, ...], nodes: Iterable[int]
) -> dict[Role, dict[int, Postings]]:
    """What the groups want that have these ``leaders``: the postings of some roles, numbered by group."""
    number = np.full(profiles.size, -1, dtype=np.intp)
    number[leaders] = np.arange(len(leaders))
    found: dict[Role, dict[int, Postings]] = {}
    for role in roles:
        postings = profiles.postings.get(role, {})
        found[role] = {}
        for node in nodes:
            if node in postings:
                wanting, weights = postings[node]
                numbers = number.take(wanting)
                kept = np.flatnonzero(numbers >= 0)
                found[role][node] = (numbers.take(kept), weights.take(kept))
    return found
