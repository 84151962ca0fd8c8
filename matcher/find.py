"""The judgement: which profiles does an agenda item concern, and why. Pure: no database, no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from matcher.evidence import gather, line_around
from matcher.features import features
from matcher.reading import Reading, read_item, text_of
from matcher.reasons import Reason, reasons_for
from matcher.weights import shipped_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matcher.compiled import Audience, CompiledProfiles
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.weights import Weights

Grade = Literal["strong", "weak", "below"]
OWN_NAME_SCORE: Final = 1.0
# What stands here is a name, not a passage: the reader sees the title and the committee anyway.
WITHOUT_PASSAGE: Final = frozenset({"title", "committee", "case_number"})
ROUTINE_WORDS: Final = 12  # a routine item with less text than this is silent


class Judged(NamedTuple):
    """An audience's score with the evidence it rests on."""

    audience: int
    score: float
    evidence: Evidence
    item: ItemText
    reading: Reading


@dataclass(frozen=True)
class Found:
    """An item concerns a profile. ``score`` 0..1.

    Grades: ``strong`` may mail at once, ``weak`` only goes into digests; ``below`` the alert threshold appears
    only when the caller asks for every score. Reasons are put into words when they are first asked for.
    """

    profile_id: str
    score: float
    grade: Grade
    judged: Judged = field(repr=False, compare=False)
    profiles: CompiledProfiles = field(repr=False, compare=False)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, best first."""
        judged = self.judged
        return reasons_for(judged.audience, judged.evidence, judged.item, judged.reading, self.profiles)

    @property
    def passage(self) -> str:
        """The best quotation: from the text, else the title of a paper, else none ("")."""
        quotes = [reason for reason in self.reasons if reason.section_kind not in WITHOUT_PASSAGE]
        quotes.sort(key=lambda reason: reason.section_kind == "attachment")
        return quotes[0].quote if quotes else ""


def find(
    item: ItemText, profiles: CompiledProfiles, *, reading: Reading | None = None, everything: bool = False
) -> list[Found]:
    """Profiles that the item concerns, best first; ``everything``: all with any evidence, whatever the score.

    ``reading`` saves the language analysis when it is at hand.
    """
    weights = shipped_weights()
    least = 0.0 if everything else weights.alert
    found = [
        Found(profile.id, judged.score, _grade(judged.score, weights), judged, profiles)
        for judged in judge(item, reading or read_item(item), profiles, weights, least)
        for profile in profiles.audiences[judged.audience].profiles
    ]
    return sorted(found, key=lambda one: (-one.score, one.profile_id))


def judge(
    item: ItemText, reading: Reading, profiles: CompiledProfiles, weights: Weights, least: float = 0.0
) -> list[Judged]:
    """The audiences with a score of at least ``least``; none for silent items."""
    evidence = gather(item, reading, profiles)
    welcome = profiles.reaches(item.municipality, item.municipality_code)
    result = {}
    for audience, score in _scores(evidence, profiles, weights, welcome, least):
        if not _hears(profiles.audiences[audience], item.committee):
            continue
        judged = Judged(audience, score, evidence, item, reading)
        rest = _without_excluded(judged, profiles, weights, least)
        if rest is not None:
            result[audience] = rest
    for audience in _named(evidence, profiles):
        if welcome[audience]:
            result[audience] = Judged(audience, OWN_NAME_SCORE, evidence, item, reading)
    return list(result.values())


def _scores(
    evidence: Evidence, profiles: CompiledProfiles, weights: Weights, welcome: NDArray[np.bool_], least: float
) -> list[tuple[int, float]]:
    if is_silent(evidence):
        return []
    audiences, rows = features(evidence, profiles)
    scores = weights.scores(rows)
    chosen = (scores >= least) & welcome[audiences]
    return list(zip(audiences[chosen].tolist(), scores[chosen].tolist(), strict=True))


def is_silent(evidence: Evidence) -> bool:
    """Items about the meeting itself, or with many small matters, that tell no news."""
    return evidence.kind != "matter" and evidence.words < ROUTINE_WORDS


def _grade(score: float, weights: Weights) -> Grade:
    if score >= weights.strong:
        return "strong"
    return "weak" if score >= weights.alert else "below"


def _named(evidence: Evidence, profiles: CompiledProfiles) -> set[int]:
    """Audiences whose own name stands in the item."""
    postings = profiles.postings.get("own_name", {})
    return {int(audience) for node in evidence.placed if node in postings for audience in postings[node][0]}


def _hears(audience: Audience, committee: str) -> bool:
    if not audience.committees:
        return True
    return any(name.casefold().strip() in committee.casefold() for name in audience.committees)


def _without_excluded(judged: Judged, profiles: CompiledProfiles, weights: Weights, least: float) -> Judged | None:
    """The item judged without the lines that an excluded word stands in; None when that leaves too little.

    An excluded word in the title or the summary silences the whole item.
    """
    audience, _, evidence, item, reading = judged
    excluded = profiles.weights[audience].get("exclude", {})
    hits = [placed for node in excluded for placed in evidence.placed.get(node, ())]
    if not hits:
        return judged
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
    everyone = np.ones(len(profiles.audiences), dtype=np.bool_)
    scores = dict(_scores(again, profiles, weights, everyone, least))
    return Judged(audience, scores[audience], again, item, rest) if audience in scores else None
