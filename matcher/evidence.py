"""What an item says about each meaning: where it stands, how surely, and how much of the text it fills.

Evidence is kept per meaning, never per profile, so that its cost does not depend on how many profiles there are.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from config.sentences import SENTENCE_END
from matcher.commonness import IN_A_LEAD, IN_A_TITLE, specificity
from matcher.language.masks import PASSING
from matcher.procedure import ItemKind, item_kind
from matcher.reading import text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matcher.compiled import CompiledProfiles
    from matcher.item import ItemText
    from matcher.reading import Reading, Source
    from matcher.vocabulary import Hit

PLACES: Final = ("title", "lead", "body", "decision", "attachment", "line", "committee", "body_name", "kle")
PLACE: Final = {name: number for number, name in enumerate(PLACES)}
DENSITY: Final = len(PLACES)
SHARE: Final = DENSITY + 1
WIDTH: Final = SHARE + 1
SAYS_WHOM: Final = [PLACE[name] for name in ("title", "lead", "committee", "body_name")]

STRENGTH: Final = {"core": 1.0, "law": 1.0, "body": 1.0, "weak": 1.0, "bare_law": 1.0}
HINTS: Final = frozenset({"weak", "bare_law"})
# The last part of a compound is what the thing is, the first only tells which kind: a culture night is a night. But a
# culture plan is about culture. "Apart" is a compound that the text says in several words.
HOW: Final = {"whole": 1.0, "head": 0.8, "subject": 0.8, "apart": 0.7, "part": 0.5}
NAMED_IN_PASSING: Final = 0.3
LEAD_KINDS: Final = frozenset({"summary", "question", "recommendation"})
SHORT_TEXT: Final = 80  # words; an item without headings this short is all lead
LINE_WORDS: Final = 25
LIST_LINES: Final = 5
HEADING_WORDS: Final = 2
# How much of an item's subject a word in a place is worth. Committee names and the pages of papers are left out.
SHARE_OF_PLACE: Final = {"title": 3.0, "lead": 1.5, "body": 1.0, "decision": 1.0, "attachment": 1.0}
HINT_IN_SHARE: Final = 0.25
_COUNCIL: Final = re.compile(r"([a-zæøå]{3,}(?<!om)råd)(?:et)?\b")
_KLE: Final = re.compile(r"(?<!\d)(\d\d\.\d\d\.\d\d)(?!\d)")


class Placed(NamedTuple):
    """A hit with the place it counts for and its strength 0..1; ``source`` is an index into the reading."""

    hit: Hit
    place: str
    strength: float
    source: int


@dataclass
class Evidence:
    """Per meaning: a vector over PLACES plus density and share, for sure words and for hints.

    *Share* is how much of all that the thesaurus recognises in the item belongs to the meaning, 0..1. ``people``:
    target groups that title, summary or committee name, and how plainly, 0..1.
    """

    kind: ItemKind
    words: int
    sure: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    hints: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    placed: dict[int, list[Placed]] = field(default_factory=lambda: defaultdict(list))
    people: dict[int, float] = field(default_factory=dict)


def gather(item: ItemText, reading: Reading, profiles: CompiledProfiles) -> Evidence:
    """All evidence in an item."""
    words = sum(source.words for source in reading.sources if source.kind in {"title", "section"})
    evidence = Evidence(item_kind(item.title), words)
    for number, source in enumerate(reading.sources):
        for hit in profiles.vocabulary.find(source.terms):
            for placed in _placed(hit, number, source, item, evidence):
                evidence.placed[hit.node].append(placed)
    whole = _whole(evidence, profiles)
    for node, hits in evidence.placed.items():
        _sum_up(evidence, node, hits, specificities(profiles.nodes[node].commonness), whole)
    evidence.people = _people(evidence, profiles)
    _add_kle(evidence, item, profiles)
    return evidence


def _placed(hit: Hit, number: int, source: Source, item: ItemText, evidence: Evidence) -> list[Placed]:
    strength = STRENGTH[hit.kind] * HOW[hit.how]
    if source.kind == "committee":
        place = "body_name" if hit.kind == "body" else "committee"
        return [Placed(hit, place, strength, number)]
    if hit.kind == "body" or hit.mask > PASSING:
        return []
    if hit.mask == PASSING or _names_itself(hit, source, item):
        strength *= NAMED_IN_PASSING
    place = _place(source, item, evidence)
    found = [Placed(hit, place, strength, number)]
    if place == "body" and _stands_in_list(hit, source, item):
        found.append(Placed(hit, "line", strength, number))
    return found


def _names_itself(hit: Hit, source: Source, item: ItemText) -> bool:
    """Whether a council stands in its own agenda: "Ældrerådets ønsker" tells no more than that it is the council's."""
    council = _council(item.committee)
    return bool(council) and text_of(item, source.kind, source.position)[hit.start : hit.end].casefold() in council


@lru_cache(maxsize=1_000)
def _council(committee: str) -> frozenset[str]:
    """The forms of an advisory council's name; none for other committees."""
    names = _COUNCIL.findall(committee.casefold())
    return frozenset(name + ending for name in names for ending in ("", "s", "et", "ets"))


def _place(source: Source, item: ItemText, evidence: Evidence) -> str:
    if source.kind == "title":
        return "title" if evidence.kind == "matter" else "body"
    if source.kind == "attachment":
        return "attachment"
    section = item.sections[source.position]
    if section.kind == "decision":
        return "decision"
    leads = section.kind in LEAD_KINDS or (not section.heading and evidence.words <= SHORT_TEXT)
    return "lead" if leads and evidence.kind == "matter" else "body"


def _stands_in_list(hit: Hit, source: Source, item: ItemText) -> bool:
    """Whether the hit's line is a short one among several: a matter of its own in a list."""
    text = text_of(item, source.kind, source.position)
    if text.count("\n") < LIST_LINES:
        return False
    start, end = line_around(text, hit.start)
    return text[start:end].count(" ") < LINE_WORDS


def line_around(text: str, offset: int) -> tuple[int, int]:
    """Start and end of the line that holds an offset."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return start, len(text) if end < 0 else end


@lru_cache(maxsize=10_000)
def specificities(commonness: float) -> NDArray[np.float64]:
    """What a concept so common counts in each column of its vector."""
    counts = np.full(WIDTH, specificity(commonness))
    counts[PLACE["title"]] = specificity(commonness, IN_A_TITLE)
    counts[PLACE["lead"]] = specificity(commonness, IN_A_LEAD)
    return counts


def _in_share(placed: Placed, commonness: float) -> float:
    value = placed.strength * SHARE_OF_PLACE.get(placed.place, 0.0) * specificity(commonness)
    return value * HINT_IN_SHARE if placed.hit.kind in HINTS else value


def _whole(evidence: Evidence, profiles: CompiledProfiles) -> float:
    """All that the thesaurus recognises in the item: for each word the concept that it says most of."""
    best: dict[tuple[int, int], float] = defaultdict(float)
    for number, hits in evidence.placed.items():
        node = profiles.nodes[number]
        if node.concept:
            for placed in hits:
                spot = (placed.source, placed.hit.start)
                best[spot] = max(best[spot], _in_share(placed, node.commonness))
    return sum(best.values())


def _sum_up(evidence: Evidence, node: int, hits: list[Placed], specific: NDArray[np.float64], whole: float) -> None:
    """Several hits in one place add up with diminishing returns; in lists the best line counts."""
    for table, wanted in ((evidence.sure, False), (evidence.hints, True)):
        chosen = [placed for placed in hits if (placed.hit.kind in HINTS) == wanted]
        if not chosen:
            continue
        vector = np.zeros(WIDTH)
        shares: dict[tuple[int, int], float] = defaultdict(float)
        for placed in chosen:
            at = PLACE[placed.place]
            vector[at] = 1 - (1 - vector[at]) * (1 - (0.9 if placed.place == "title" else 0.7) * placed.strength)
            spot = (placed.source, placed.hit.start)
            shares[spot] = max(shares[spot], _in_share(placed, 0.0))
        in_text = sum(p.strength for p in chosen if p.place in {"title", "lead", "body", "decision"})
        vector[DENSITY] = in_text / math.sqrt(max(evidence.words, 16))
        vector[SHARE] = sum(shares.values()) / whole if whole else 0.0
        table[node] = vector * specific


def _people(evidence: Evidence, profiles: CompiledProfiles) -> dict[int, float]:
    named = {
        node: float(vector[SAYS_WHOM].max())
        for node, vector in evidence.sure.items()
        if profiles.nodes[node].kind == "target_group"
    }
    return {node: strength for node, strength in named.items() if strength}


def _add_kle(evidence: Evidence, item: ItemText, profiles: CompiledProfiles) -> None:
    match = _KLE.search(item.case_number)
    if match is None:
        return
    for number, kle in profiles.with_kle:
        if match[1].startswith(kle):
            vector = evidence.sure.setdefault(number, np.zeros(WIDTH))
            vector[PLACE["kle"]] = 1.0


def sentence_around(text: str, start: int, end: int, longest: int = 300) -> str:
    """A readable passage that holds the characters from start to end: the sentence, or the line of a list.

    A sentence that points back ("Blandt dem er …") comes with the one before it, and a heading within the
    text ("Hjemløshed.") with the one after it, when both fit ``longest`` characters.
    """
    first, line_end = line_around(text, start)
    last = max(line_end, end)
    before = first
    for match in SENTENCE_END.finditer(text, first, last):
        if match.end() <= start:
            before, first = first, match.end()
        elif match.start() >= end:
            last = match.start() + 1
            break
    if _POINTS_BACK.match(text, first) and last - before <= longest:
        first = before
    if text[first:last].count(" ") < HEADING_WORDS and (after := SENTENCE_END.search(text, last, line_end)):
        last = after.start() + 1 if after.start() + 1 - first <= longest else last
    passage = text[first:last].strip()
    if len(passage) <= longest:
        return passage
    return _shortened(text, max(first, start - longest // 2), min(last, end + longest // 2), first, last)


_POINTS_BACK: Final = re.compile(r"\s*(?:Blandt dem|Begge|De|Dem|Den|Denne|Dette|Disse|Derfor|Han|Hun|Her|Herunder)\b")


def _shortened(text: str, start: int, end: int, first: int, last: int) -> str:
    while start > first and not text[start - 1].isspace():
        start -= 1
    while end < last and not text[end].isspace():
        end += 1
    before, after = ("… " if start > first else ""), (" …" if end < last else "")
    return f"{before}{text[start:end].strip()}{after}"
