"""What stands inside an item's papers: the best page for each audience, and what it is worth.

A paper is long, and most of it is about something else: a word in passing on one of two hundred pages is no news. A
page counts when it speaks of a topic several times over, and most when the topic meets the target group there.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from matcher.commonness import specificity
from matcher.evidence import HINTS, HOW, NAMED_IN_PASSING
from matcher.language.masks import PASSING
from matcher.paper_reading import PaperReading, read_paper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

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
_SILENCING: Final = frozenset({"title", "lead", "committee"})


@dataclass(frozen=True)
class BestPages:
    """For each audience the page that speaks most of its matter.

    ``worth``: 0 where no page is worth pointing to. ``at``: the page's number in ``places``, which holds (attachment,
    page) of each.
    """

    worth: NDArray[np.float64]
    at: NDArray[np.intp]
    places: list[tuple[int, int]]

    def for_those(self, wanted: NDArray[np.bool_]) -> BestPages:
        """The same for some audiences, nothing for the others."""
        return BestPages(np.where(wanted, self.worth, 0.0), self.at, self.places)

    def by_place(self, audiences: NDArray[np.intp]) -> Iterator[tuple[tuple[int, int], NDArray[np.intp]]]:
        """(attachment, page) and those of ``audiences`` whose best page it is; all of them must have one."""
        at = self.at.take(audiences)
        order = np.argsort(at, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(at.take(order))) + 1) if order.size else ():
            yield self.places[at[part[0]]], audiences.take(part)


@dataclass(frozen=True)
class _PageEvidence:
    hits: list[tuple[Hit, float]]
    """With the strength of each, its meaning's specificity included."""
    room: float
    """How much a mention counts on so full a page."""


def read_papers(item: ItemText) -> tuple[PaperReading | None, ...]:
    """The language analysis of all papers whose text the item holds."""
    return tuple(read_paper(paper.pages) if paper.pages else None for paper in item.attachments)


def best_pages(papers: Sequence[PaperReading | None], profiles: CompiledProfiles, evidence: Evidence) -> BestPages:
    """Each audience's best page. ``evidence`` is that of the item's own text."""
    best = BestPages(np.zeros(profiles.size), np.zeros(profiles.size, dtype=np.intp), [])
    if evidence.kind == "routine":
        return best
    # An excluded word in the item's title or summary silences the item, on a page the page.
    silent = _excluding(
        [node for node, placed in evidence.placed.items() if any(one.place in _SILENCING for one in placed)], profiles
    )
    for position, paper in enumerate(papers):
        if paper is None:
            continue
        lasting = 1 / (1 + 0.1 * max(0.0, math.log2(max(1, len(paper.pages)) / SHORT_PAPER)))
        for number in paper.telling(profiles.vocabulary):
            page = _page_evidence(number, paper, profiles)
            worth = _worths(page, profiles, lasting)
            better = (worth > best.worth) & ~silent & ~_excluding([hit.node for hit, _ in page.hits], profiles)
            if better.any():
                best.worth[better], best.at[better] = worth[better], len(best.places)
                best.places.append((position, number))
    return best


def scores_of(worth: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """The worth of pages on the scale of items' own scores, so that both meet the same thresholds."""
    scores: NDArray[np.float64] = np.interp(
        worth, (0.0, WEAK, STRONG, NAMED), (0.0, weights.alert, weights.strong, 1.0)
    )
    return scores


def hits_on(terms: tuple[Term, ...], profiles: CompiledProfiles) -> list[tuple[Hit, float]]:
    """What counts on a page: sure words, names of councils hardly, other names not at all."""
    found = []
    for hit in profiles.vocabulary.find(terms):
        if hit.kind in HINTS or hit.kind == "body" or hit.mask > PASSING:
            continue
        found.append((hit, HOW[hit.how] * (NAMED_IN_PASSING if hit.mask == PASSING else 1.0)))
    return found


def _page_evidence(number: int, paper: PaperReading, profiles: CompiledProfiles) -> _PageEvidence:
    hits = [
        (hit, strength * specificity(profiles.nodes[hit.node].commonness))
        for hit, strength in hits_on(paper.terms(number), profiles)
    ]
    room = min(1.0, math.sqrt(PAGE_WORDS / max(1, paper.pages[number].words)))
    return _PageEvidence(hits, room)


def _worths(page: _PageEvidence, profiles: CompiledProfiles, lasting: float) -> NDArray[np.float64]:
    """What the page is worth to each audience; 0 where it says nothing that is worth pointing to."""
    topic = _spoken_of(page, profiles, "topic")
    worth = np.zeros(profiles.size)
    told = np.flatnonzero(topic >= SUPPORT)
    if told.size:
        value, group = topic.take(told), _spoken_of(page, profiles, "target_group").take(told)
        found = np.minimum(value, _MOST) * (TOPIC_ALONE + np.minimum(group, 1.0)) * lasting
        found = np.where(value < LEAST_TOPIC, np.minimum(found, IN_PASSING), found)
        worth[told] = np.where(found >= SUPPORT, found, 0.0)
    names = profiles.postings.get("own_name", {})
    for hit, _ in page.hits:
        if hit.node in names:
            worth[names[hit.node][0]] = NAMED
    return worth


def _spoken_of(page: _PageEvidence, profiles: CompiledProfiles, role: Role) -> NDArray[np.float64]:
    """How much the page speaks of what each audience wants. A word counts once, whatever it means to the audience
    (the topic as typed, its concept, a narrower one); each further mention adds less.
    """
    postings = profiles.postings.get(role, {})
    meanings: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    everything = 0.0
    for hit, strength in page.hits:
        if hit.node in postings:
            word = meanings[hit.start, hit.end]
            word[hit.node] = max(strength, word.get(hit.node, 0.0))
            everything += strength
    spoken = np.zeros(profiles.size)
    if page.room * math.log1p(everything) / math.log1p(ENOUGH_MENTIONS) < SUPPORT:
        return spoken
    # A page uses few different words, so each is handed out once, with how often it stands there.
    for said, times in Counter(tuple(sorted(word.items())) for word in meanings.values()).items():
        most = np.zeros(profiles.size)
        for node, strength in said:
            audiences, weights = postings[node]
            most[audiences] = np.maximum(most[audiences], strength * weights)
        spoken += times * most
    result: NDArray[np.float64] = page.room * np.log1p(spoken) / math.log1p(ENOUGH_MENTIONS)
    return result


def _excluding(nodes: Iterable[int], profiles: CompiledProfiles) -> NDArray[np.bool_]:
    """Which audiences exclude one of these meanings."""
    excluded = profiles.postings.get("exclude", {})
    silent = np.zeros(profiles.size, dtype=np.bool_)
    for node in excluded.keys() & set(nodes):
        silent[excluded[node][0]] = True
    return silent
