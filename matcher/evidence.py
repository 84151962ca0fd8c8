"""What an item says about each meaning: where it stands, how surely, and how much of the text it fills.

Evidence is kept per meaning, never per profile, so that its cost does not depend on how many profiles there are.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from config.sentences import SENTENCE_END
from matcher.language.masks import COUNCIL
from matcher.procedure import ItemKind, item_kind
from matcher.reading import text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matcher.compiled import CompiledProfiles
    from matcher.item import ItemText
    from matcher.reading import Reading, Source
    from matcher.vocabulary import Hit

PLACES: Final = ("title", "lead", "body", "decision", "attachment", "line", "page", "committee", "body_name", "kle")
PLACE: Final = {name: number for number, name in enumerate(PLACES)}
DENSITY: Final = len(PLACES)

STRENGTH: Final = {"core": 1.0, "law": 1.0, "body": 1.0, "weak": 1.0, "bare_law": 1.0}
HINTS: Final = frozenset({"weak", "bare_law"})
HOW: Final = {"whole": 1.0, "head": 0.8, "part": 0.7}
COUNCIL_NAMED: Final = 0.3
LEAD_KINDS: Final = frozenset({"summary", "question", "recommendation"})
SHORT_TEXT: Final = 80  # words; an item without headings this short is all lead
LINE_WORDS: Final = 25
LIST_LINES: Final = 5
_KLE: Final = re.compile(r"(?<!\d)(\d\d\.\d\d\.\d\d)(?!\d)")


class Placed(NamedTuple):
    """A hit with the place it counts for and its strength 0..1; ``source`` is an index into the reading."""

    hit: Hit
    place: str
    strength: float
    source: int


@dataclass
class Evidence:
    """Per meaning: a vector over PLACES plus density, for sure words and for hints."""

    kind: ItemKind
    words: int
    sure: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    hints: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    placed: dict[int, list[Placed]] = field(default_factory=lambda: defaultdict(list))


def gather(item: ItemText, reading: Reading, profiles: CompiledProfiles) -> Evidence:
    """All evidence in an item."""
    words = sum(source.words for source in reading.sources if source.kind in {"title", "section"})
    evidence = Evidence(item_kind(item.title), words)
    for number, source in enumerate(reading.sources):
        for hit in profiles.vocabulary.find(source.terms):
            for placed in _placed(hit, number, source, item, evidence):
                evidence.placed[hit.node].append(placed)
    for node, hits in evidence.placed.items():
        _sum_up(evidence, node, hits, profiles.nodes[node].specificity)
    _add_kle(evidence, item, profiles)
    return evidence


def _placed(hit: Hit, number: int, source: Source, item: ItemText, evidence: Evidence) -> list[Placed]:
    strength = STRENGTH[hit.kind] * HOW[hit.how]
    if source.kind == "committee":
        place = "body_name" if hit.kind == "body" else "committee"
        return [Placed(hit, place, strength, number)]
    if hit.kind == "body" or hit.mask > COUNCIL:
        return []
    if hit.mask == COUNCIL:
        strength *= COUNCIL_NAMED
    place = _place(source, item, evidence)
    found = [Placed(hit, place, strength, number)]
    if place == "body" and _stands_in_list(hit, source, item):
        found.append(Placed(hit, "line", strength, number))
    return found


def _place(source: Source, item: ItemText, evidence: Evidence) -> str:
    if source.kind == "title":
        return "title" if evidence.kind == "matter" else "body"
    if source.kind == "attachment":
        return "attachment"
    if source.kind != "section":
        return "page"
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


def _sum_up(evidence: Evidence, node: int, hits: list[Placed], specificity: float) -> None:
    """Several hits in one place add up with diminishing returns; in lists the best line counts."""
    for table, wanted in ((evidence.sure, False), (evidence.hints, True)):
        chosen = [placed for placed in hits if (placed.hit.kind in HINTS) == wanted]
        if not chosen:
            continue
        vector = np.zeros(len(PLACES) + 1)
        for placed in chosen:
            at = PLACE[placed.place]
            vector[at] = 1 - (1 - vector[at]) * (1 - (0.9 if placed.place == "title" else 0.7) * placed.strength)
        in_text = sum(p.strength for p in chosen if p.place in {"title", "lead", "body", "decision"})
        vector[DENSITY] = in_text / math.sqrt(max(evidence.words, 16))
        table[node] = vector * specificity


def _add_kle(evidence: Evidence, item: ItemText, profiles: CompiledProfiles) -> None:
    match = _KLE.search(item.case_number)
    if match is None:
        return
    for number, node in enumerate(profiles.nodes):
        if any(match[1].startswith(prefix) for prefix in node.kle):
            vector = evidence.sure.setdefault(number, np.zeros(len(PLACES) + 1))
            vector[PLACE["kle"]] = 1.0


def sentence_around(text: str, start: int, end: int, longest: int = 300) -> str:
    """A readable passage that holds the characters from start to end: the sentence, or the line of a list.

    A sentence that points back ("Blandt dem er …") comes with the one before it, when both fit ``longest`` characters.
    """
    first, last = line_around(text, start)
    last = max(last, end)
    before = first
    for match in SENTENCE_END.finditer(text, first, last):
        if match.end() <= start:
            before, first = first, match.end()
        elif match.start() >= end:
            last = match.start() + 1
            break
    if _POINTS_BACK.match(text, first) and last - before <= longest:
        first = before
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
