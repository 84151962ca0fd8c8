"""What stands inside an item's papers: the best page for each audience, and what it is worth.

A paper is long, and most of it is about something else: a word in passing on one of two hundred pages is no news. A
page counts when it speaks of a topic several times over, and most when the topic meets the target group there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from matcher.commonness import specificity
from matcher.evidence import HINTS, HOW, NAMED_IN_PASSING
from matcher.language.masks import PASSING
from matcher.paper_reading import PaperReading, read_paper

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.compiled import CompiledProfiles, Role
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.reading import Term
    from matcher.vocabulary import Hit
    from matcher.weights import Weights

# Worth of a page, 0 upwards: from WEAK on it is an alert, from STRONG on it may mail at once.
WEAK: Final = 0.5
STRONG: Final = 1.0
IN_PASSING: Final = 0.49
NAMED: Final = 3.0  # the association's own name; no topic is ever worth as much
# Topic words on the page below this are words in passing, whatever else stands there ...
LEAST_TOPIC: Final = 0.45
# ... unless the item's own text has shown that it concerns the audience: then this much is worth pointing to.
SUPPORT: Final = 0.25
TOPIC_ALONE: Final = 0.8
ENOUGH_MENTIONS: Final = 5  # specific words of the topic on a page: count 1
PAGE_WORDS: Final = 250  # a page with more words than this dilutes them
SHORT_PAPER: Final = 10  # pages; the best of many pages proves less
_MOST: Final = 1.5


class PaperPage(NamedTuple):
    """The page of an attachment that speaks most of an audience's matter."""

    worth: float
    attachment: int
    page: int


@dataclass(frozen=True)
class _PageEvidence:
    place: tuple[int, int]
    hits: list[tuple[Hit, float]]
    """With the strength of each, its meaning's specificity included."""
    room: float
    """How much a mention counts on so full a page."""


def read_papers(item: ItemText) -> tuple[PaperReading | None, ...]:
    """The language analysis of all papers whose text the item holds."""
    return tuple(read_paper(paper.pages) if paper.pages else None for paper in item.attachments)


def best_pages(
    papers: Sequence[PaperReading | None], profiles: CompiledProfiles, evidence: Evidence
) -> dict[int, PaperPage]:
    """By audience: its best page, if that is worth pointing to. ``evidence`` is that of the item's own text."""
    best: dict[int, PaperPage] = {}
    if evidence.kind == "routine":
        return best
    for position, paper in enumerate(papers):
        if paper is None:
            continue
        lasting = 1 / (1 + 0.1 * max(0.0, math.log2(max(1, len(paper.pages)) / SHORT_PAPER)))
        for number in paper.telling(profiles.vocabulary):
            page = _page_evidence(position, number, paper, profiles)
            for audience, worth in _worths(page, profiles, lasting):
                before = best.get(audience)
                if (before is None or worth > before.worth) and not _excluded(audience, page, profiles, evidence):
                    best[audience] = PaperPage(worth, position, number)
    return best


def score_of(worth: float, weights: Weights) -> float:
    """A page's worth on the scale of the item's own scores, so that both meet the same thresholds."""
    if worth < WEAK:
        return weights.alert * worth / WEAK
    if worth < STRONG:
        return weights.alert + (weights.strong - weights.alert) * (worth - WEAK) / (STRONG - WEAK)
    return weights.strong + (1 - weights.strong) * min(1.0, (worth - STRONG) / (NAMED - STRONG))


def hits_on(terms: tuple[Term, ...], profiles: CompiledProfiles) -> list[tuple[Hit, float]]:
    """What counts on a page: sure words, names of councils hardly, other names not at all."""
    found = []
    for hit in profiles.vocabulary.find(terms):
        if hit.kind in HINTS or hit.kind == "body" or hit.mask > PASSING:
            continue
        found.append((hit, HOW[hit.how] * (NAMED_IN_PASSING if hit.mask == PASSING else 1.0)))
    return found


def _page_evidence(position: int, number: int, paper: PaperReading, profiles: CompiledProfiles) -> _PageEvidence:
    hits = [
        (hit, strength * specificity(profiles.nodes[hit.node].commonness))
        for hit, strength in hits_on(paper.terms(number), profiles)
    ]
    room = min(1.0, math.sqrt(PAGE_WORDS / max(1, paper.pages[number].words)))
    return _PageEvidence((position, number), hits, room)


def _worths(page: _PageEvidence, profiles: CompiledProfiles, lasting: float) -> Iterator[tuple[int, float]]:
    names = profiles.postings.get("own_name", {})
    named = {int(audience) for hit, _ in page.hits if hit.node in names for audience in names[hit.node][0]}
    yield from ((audience, NAMED) for audience in named)
    group: dict[int, float] | None = None
    for audience, value in _spoken_of(page, profiles, "topic").items():
        if value < SUPPORT or audience in named:
            continue
        group = _spoken_of(page, profiles, "target_group") if group is None else group
        worth = min(value, _MOST) * (TOPIC_ALONE + min(group.get(audience, 0.0), 1.0)) * lasting
        if value < LEAST_TOPIC:
            worth = min(worth, IN_PASSING)
        if worth >= SUPPORT:
            yield audience, worth


def _spoken_of(page: _PageEvidence, profiles: CompiledProfiles, role: Role) -> dict[int, float]:
    """By audience: how much the page speaks of what it wants. A word counts once, whatever it means to the audience
    (the topic as typed, its concept, a narrower one); each further mention adds less.
    """
    postings = profiles.postings.get(role, {})
    wanted = [(hit, strength) for hit, strength in page.hits if hit.node in postings]
    if page.room * math.log1p(sum(strength for _, strength in wanted)) / math.log1p(ENOUGH_MENTIONS) < SUPPORT:
        return {}
    spans = {span: number for number, span in enumerate({(hit.start, hit.end) for hit, _ in wanted})}
    audiences = np.concatenate([postings[hit.node][0] for hit, _ in wanted])
    values = np.concatenate([postings[hit.node][1] * strength for hit, strength in wanted])
    words = np.concatenate([np.full(len(postings[hit.node][0]), spans[hit.start, hit.end]) for hit, _ in wanted])
    pairs, at = np.unique(audiences * len(spans) + words, return_inverse=True)
    best = np.zeros(len(pairs))
    np.maximum.at(best, at, values)
    who, places = np.unique(pairs // len(spans), return_inverse=True)
    spoken = page.room * np.log1p(np.bincount(places, best)) / math.log1p(ENOUGH_MENTIONS)
    return dict(zip(who.tolist(), spoken.tolist(), strict=True))


def _excluded(audience: int, page: _PageEvidence, profiles: CompiledProfiles, evidence: Evidence) -> bool:
    """An excluded word on the page silences the page; in the item's title or summary, the item."""
    unwanted = profiles.weights[audience].get("exclude", {})
    if not unwanted:
        return False
    if any(hit.node in unwanted for hit, _ in page.hits):
        return True
    placed = [one for node in unwanted for one in evidence.placed.get(node, ())]
    return any(one.place in {"title", "lead", "committee"} for one in placed)
