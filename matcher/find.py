"""The judgement: which profiles does an agenda item concern, and why. Pure: no database, no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from matcher.evidence import gather, line_around
from matcher.features import features
from matcher.reading import Reading, read_item, text_of
from matcher.reasons import Reason, reasons_for
from matcher.weights import shipped_weights

if TYPE_CHECKING:
    from matcher.compiled import Audience, CompiledProfiles
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.weights import Weights

Grade = Literal["strong", "weak", "below"]
OWN_NAME_SCORE: Final = 1.0
ROUTINE_WORDS: Final = 12  # a routine item with less text than this is silent


@dataclass(frozen=True)
class Found:
    """An item concerns a profile. ``score`` 0..1; ``passage``: the best quotation for a mail.

    Grades: ``strong`` may mail at once, ``weak`` only goes into digests; ``below`` the alert threshold appears
    only when the caller asks for every score.
    """

    profile_id: str
    score: float
    grade: Grade
    reasons: tuple[Reason, ...]
    passage: str


class Judged(NamedTuple):
    """An audience's score with the evidence it rests on."""

    audience: int
    score: float
    evidence: Evidence
    item: ItemText
    reading: Reading


def find(
    item: ItemText, profiles: CompiledProfiles, *, reading: Reading | None = None, everything: bool = False
) -> list[Found]:
    """Profiles that the item concerns, best first; ``everything``: all with any evidence, whatever the score.

    ``reading`` saves the language analysis when it is at hand.
    """
    reading = reading or read_item(item)
    weights = shipped_weights()
    found = []
    for judged in judge(item, reading, profiles, weights):
        grade = _grade(judged.score, weights)
        if grade == "below" and not everything:
            continue
        reasons = reasons_for(judged.audience, judged.evidence, judged.item, judged.reading, profiles)
        passage = reasons[0].quote if reasons else item.title
        found += [
            Found(profile.id, judged.score, grade, reasons, passage)
            for profile in profiles.audiences[judged.audience].profiles
        ]
    return sorted(found, key=lambda one: (-one.score, one.profile_id))


def judge(item: ItemText, reading: Reading, profiles: CompiledProfiles, weights: Weights) -> list[Judged]:
    """A score for every audience with any evidence; silent items give an empty list."""
    evidence = gather(item, reading, profiles)
    named = _wanting(evidence, profiles, "own_name")
    excluding = _wanting(evidence, profiles, "exclude")
    audiences, rows = features(evidence, profiles)
    if is_silent(evidence):
        audiences, rows = audiences[:0], rows[:0]
    welcome = profiles.reaches(item.municipality, item.municipality_code)
    result = {}
    for audience, score in zip(audiences.tolist(), weights.scores(rows).tolist(), strict=True):
        if not welcome[audience] or not _hears(profiles.audiences[audience], item.committee):
            continue
        judged: Judged | None = Judged(audience, score, evidence, item, reading)
        if audience in excluding:
            judged = _without_excluded(audience, evidence, item, reading, profiles, weights)
        if judged is not None:
            result[audience] = judged
    for audience in named:
        if welcome[audience]:
            result[audience] = Judged(audience, OWN_NAME_SCORE, evidence, item, reading)
    return list(result.values())


def is_silent(evidence: Evidence) -> bool:
    """Routine items without news."""
    return evidence.kind == "routine" and evidence.words < ROUTINE_WORDS


def _grade(score: float, weights: Weights) -> Grade:
    if score >= weights.strong:
        return "strong"
    return "weak" if score >= weights.alert else "below"


def _wanting(evidence: Evidence, profiles: CompiledProfiles, role: Literal["own_name", "exclude"]) -> set[int]:
    postings = profiles.postings.get(role, {})
    return {int(audience) for node in evidence.placed if node in postings for audience in postings[node][0]}


def _hears(audience: Audience, committee: str) -> bool:
    if not audience.committees:
        return True
    return any(name.casefold().strip() in committee.casefold() for name in audience.committees)


def _without_excluded(
    audience: int,
    evidence: Evidence,
    item: ItemText,
    reading: Reading,
    profiles: CompiledProfiles,
    weights: Weights,
) -> Judged | None:
    """The item without the lines that an excluded word stands in; None when it stands in title or summary."""
    excluded = profiles.weights[audience]["exclude"]
    hits = [placed for node in excluded for placed in evidence.placed.get(node, ())]
    if any(placed.place in {"title", "lead", "committee"} for placed in hits):
        return None
    sources = list(reading.sources)
    for placed in hits:
        source = sources[placed.source]
        start, end = line_around(text_of(item, source.kind, source.position), placed.hit.start)
        kept = tuple(term for term in source.terms if not start <= term.start < end)
        sources[placed.source] = replace(source, terms=kept)
    rest = Reading(tuple(sources))
    again = gather(item, rest, profiles)
    audiences, rows = features(again, profiles)
    position = np.flatnonzero(audiences == audience)
    if not len(position):
        return None
    score = float(weights.scores(rows[position])[0])
    return Judged(audience, score, again, item, rest)
