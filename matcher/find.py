"""The judgement: which profiles does an agenda item concern, and why. Pure: no database, no network, no clock."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from matcher.crowd import alike, score_alone, scored
from matcher.evidence import Placed, gather, line_around
from matcher.papers import NAMED, best_pages, hits_on, read_papers, scores_of
from matcher.reading import Reading, Source, read_item, text_of
from matcher.reasons import Reason, reasons_for
from matcher.weights import shipped_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from matcher.compiled import CompiledProfiles, Role
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.paper_reading import PaperReading
    from matcher.papers import BestPages
    from matcher.weights import Weights

Grade = Literal["strong", "weak", "below"]
OWN_NAME_SCORE: Final = 1.0
# What stands here is a name, not a passage: the reader sees the title and the committee anyway.
WITHOUT_PASSAGE: Final = frozenset({"title", "committee", "case_number"})
ROUTINE_WORDS: Final = 12  # a routine item with less text than this is silent


class Said(NamedTuple):
    """An item as it was read, what it says, and to whom."""

    item: ItemText
    reading: Reading
    evidence: Evidence
    profiles: CompiledProfiles


@dataclass
class Party:
    """Profiles that an item concerns equally, for the same reasons. ``score`` 0..1.

    Grades: ``strong`` may mail at once, ``weak`` only goes into digests; ``below`` the alert threshold appears
    only when the caller asks for every score. ``members`` are numbers of audiences; all of them want the same of
    this item. Reasons are put into words when they are first asked for.
    """

    score: float
    grade: Grade
    members: NDArray[np.intp]
    said: Said = field(repr=False, compare=False)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, best first."""
        said = self.said
        return reasons_for(int(self.members[0]), said.evidence, said.item, said.reading, said.profiles)

    @property
    def passage(self) -> str:
        """The best quotation: from the text, else the title of a paper, else none ("")."""
        quotes = [reason for reason in self.reasons if reason.section_kind not in WITHOUT_PASSAGE]
        quotes.sort(key=lambda reason: reason.section_kind == "attachment")
        return quotes[0].quote if quotes else ""

    @property
    def in_paper(self) -> bool:
        """Whether a page of a paper spoke for it."""
        return any(source.kind.startswith("page ") for source in self.said.reading.sources)

    @property
    def profile_ids(self) -> list[str]:
        """The profiles, in the order in which they were compiled."""
        return self.said.profiles.ids_of(self.members)


class Told(NamedTuple):
    """Audiences, in ascending order, with the score of each, and what the item says to them."""

    audiences: NDArray[np.intp]
    scores: NDArray[np.float64]
    said: Said


@dataclass(frozen=True)
class Verdict:
    """Whom an item concerns: ``crowds``, one for its text and one for each page of a paper, and those judged ``alone``.

    Nobody is in two of them. Tens of thousands cost no more here than a few arrays; ``parties`` say why,
    ``profile_ids`` who.
    """

    crowds: list[Told]
    alone: list[Party]

    @cached_property
    def parties(self) -> list[Party]:
        """All of them, those to whom the item says the same taken together."""
        weights = shipped_weights()
        groups = []
        for audiences, scores, said in self.crowds:
            for places in alike(audiences, said.evidence, said.profiles):
                score = float(scores[places[0]])
                groups.append(Party(score, _grade(score, weights), audiences.take(places), said))
        return groups + self.alone

    @property
    def profile_ids(self) -> list[str]:
        """The profiles, in no particular order."""
        ids = [id_ for told in self.crowds for id_ in told.said.profiles.ids_of(told.audiences)]
        return ids + [id_ for party in self.alone for id_ in party.profile_ids]


@dataclass(frozen=True)
class Found:
    """An item concerns one profile: a ``Party`` with the profile's id."""

    profile_id: str
    score: float
    grade: Grade
    party: Party = field(repr=False, compare=False)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, best first."""
        return self.party.reasons

    @property
    def passage(self) -> str:
        """The best quotation, or none ("")."""
        return self.party.passage


def find(
    item: ItemText,
    profiles: CompiledProfiles,
    *,
    reading: Reading | None = None,
    papers: Sequence[PaperReading | None] | None = None,
    everything: bool = False,
) -> list[Found]:
    """Profiles that the item concerns, best first; ``everything``: all with any evidence, whatever the score.

    ``reading`` saves the language analysis when it is at hand, ``papers`` that of each attachment's pages.
    """
    found = [
        Found(id_, party.score, party.grade, party)
        for party in find_parties(item, profiles, reading=reading, papers=papers, everything=everything)
        for id_ in party.profile_ids
    ]
    return sorted(found, key=lambda one: (-one.score, one.profile_id))


def find_parties(
    item: ItemText,
    profiles: CompiledProfiles,
    *,
    reading: Reading | None = None,
    papers: Sequence[PaperReading | None] | None = None,
    everything: bool = False,
) -> list[Party]:
    """The same, with profiles to whom the item says the same taken together; no profile is in two parties."""
    return judge(item, profiles, reading=reading, papers=papers, everything=everything).parties


def judge(
    item: ItemText,
    profiles: CompiledProfiles,
    *,
    reading: Reading | None = None,
    papers: Sequence[PaperReading | None] | None = None,
    everything: bool = False,
) -> Verdict:
    """The same again, before anybody asks why: what an item costs, however many profiles it concerns."""
    weights = shipped_weights()
    least = 0.0 if everything else weights.alert
    papers = read_papers(item) if papers is None else papers
    reading = reading or read_item(item)
    said = Said(item, reading, gather(item, reading, profiles), profiles)
    welcome = profiles.reaches(item.municipality, item.municipality_code)
    heard = welcome & profiles.hears(item.committee)
    verdict = _in_text(said, welcome, heard, weights, least)
    if not any(papers):
        return verdict
    pages = best_pages(papers, profiles, said.evidence)
    pages = pages.for_those(np.where(pages.worth >= NAMED, welcome, heard))
    return _with_pages(verdict, said, pages, papers, weights, least)


def _in_text(
    said: Said, welcome: NDArray[np.bool_], heard: NDArray[np.bool_], weights: Weights, least: float
) -> Verdict:
    """Those whom the item's own text and the titles of its papers concern."""
    named = [audience for audience in _with("own_name", said) if welcome[audience]]
    alone = [_alone(audience, OWN_NAME_SCORE, weights, said) for audience in named]
    if is_silent(said.evidence):
        return Verdict([], alone)
    wanted, excluding = heard.copy(), np.zeros(said.profiles.size, dtype=np.bool_)
    wanted[named] = False
    excluding[list(_with("exclude", said))] = True
    audiences, scores = scored(said.evidence, said.profiles, weights, least)
    for audience in audiences[(wanted & excluding).take(audiences)].tolist():
        rest = _without_excluded(audience, said, weights, least)
        alone += [rest] if rest is not None else []
    kept = (wanted & ~excluding).take(audiences)
    return Verdict([Told(audiences[kept], scores[kept], said)], alone)


def _with_pages(
    verdict: Verdict,
    said: Said,
    pages: BestPages,
    papers: Sequence[PaperReading | None],
    weights: Weights,
    least: float,
) -> Verdict:
    """The verdict, with the best page of each audience that has one.

    A page can make an item an alert, or a stronger one; it never counts against it.
    """
    scores, has_page = scores_of(pages.worth, weights), pages.worth > 0
    crowds = []
    for text in verdict.crowds:
        scores[text.audiences] = np.maximum(scores[text.audiences], text.scores)
        without = ~has_page.take(text.audiences)
        crowds.append(Told(text.audiences[without], text.scores[without], said))
    alone = []
    for party in verdict.alone:
        audience = int(party.members[0])
        if has_page[audience]:
            has_page[audience] = False
            on_page = _said_on(pages.places[pages.at[audience]], papers, party.said)
            alone.append(_alone(audience, max(party.score, float(scores[audience])), weights, on_page))
        else:
            alone.append(party)
    for place, audiences in pages.by_place(np.flatnonzero(has_page & (scores >= least))):
        crowds.append(Told(audiences, scores.take(audiences), _said_on(place, papers, said)))
    return Verdict(crowds, alone)


def _said_on(place: tuple[int, int], papers: Sequence[PaperReading | None], said: Said) -> Said:
    """The item with what stands on a page, (attachment, page): its reasons name both."""
    attachment, number = place
    paper = papers[attachment]
    if paper is None:
        return said
    terms = paper.terms(number)
    source = Source(f"page {number + 1}", attachment, terms, paper.pages[number].words)
    placed = defaultdict(list, {node: [*hits] for node, hits in said.evidence.placed.items()})
    for hit, strength in hits_on(terms, said.profiles):
        placed[hit.node].append(Placed(hit, "page", strength, len(said.reading.sources)))
    return said._replace(
        reading=Reading((*said.reading.sources, source)), evidence=replace(said.evidence, placed=placed)
    )


def _alone(audience: int, score: float, weights: Weights, said: Said) -> Party:
    return Party(score, _grade(score, weights), np.array([audience], dtype=np.intp), said)


def is_silent(evidence: Evidence) -> bool:
    """Items about the meeting itself, or with many small matters, that tell no news."""
    return evidence.kind != "matter" and evidence.words < ROUTINE_WORDS


def _grade(score: float, weights: Weights) -> Grade:
    if score >= weights.strong:
        return "strong"
    return "weak" if score >= weights.alert else "below"


def _with(role: Role, said: Said) -> set[int]:
    """Audiences one of whose own names, or excluded words, stands in the item."""
    postings = said.profiles.postings.get(role, {})
    return {audience for node in said.evidence.placed if node in postings for audience in postings[node][0].tolist()}


def _without_excluded(audience: int, said: Said, weights: Weights, least: float) -> Party | None:
    """The item judged without the lines that an excluded word stands in; None when that leaves too little.

    An excluded word in the title or the summary silences the whole item.
    """
    item, reading, evidence, profiles = said
    wants = profiles.weights[audience]
    hits = [placed for node in wants.get("exclude", {}) for placed in evidence.placed.get(node, ())]
    if any(placed.place in {"title", "lead", "committee"} for placed in hits):
        return None
    sources = list(reading.sources)
    for placed in hits:
        source = sources[placed.source]
        start, end = line_around(text_of(item, source.kind, source.position), placed.hit.start)
        kept = tuple(term for term in source.terms if not start <= term.start < end)
        sources[placed.source] = replace(source, terms=kept)
    rest = Reading(tuple(sources))
    again = Said(item, rest, gather(item, rest, profiles), profiles)
    if is_silent(again.evidence):
        return None
    names_people = bool(profiles.names_people[audience])
    score = score_alone(wants, again.evidence, weights, names_people=names_people)
    return _alone(audience, score, weights, again) if score > 0 and score >= least else None
