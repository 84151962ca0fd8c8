"""Why an item was found: each word that counted, where it stands, and the passage around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from matcher.evidence import HINTS, PLACE, Placed, sentence_around
from matcher.item import SECTION_NAMES
from matcher.reading import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.compiled import CompiledProfiles, Node, Role
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.reading import Reading

Via = Literal["topic", "target_group", "own_name", "committee", "kle", "law", "hint"]
MOST_REASONS: Final = 8
MOST_WORDS: Final = 3  # of one concept: the fourth tells nobody anything new
PLACE_ORDER: Final = {
    "title": 1.0,
    "lead": 0.9,
    "line": 0.85,
    "attachment": 0.8,
    "decision": 0.7,
    "body": 0.7,
    "body_name": 0.5,
    "page": 0.4,
    "committee": 0.2,
}
ROLE_ORDER: Final[dict[str, float]] = {"own_name": 3.0, "topic": 1.0, "target_group": 0.6, "hint": 0.2}


@dataclass(frozen=True)
class Reason:
    """One word that counted.

    ``label``: the concept's Danish label, or the word as typed. ``text`` stands at ``start``:``end`` of the
    source's text: the title, the committee's name, the case number, section or attachment number ``position``
    (``section_kind`` says which: a section kind, "title", "committee", "case_number", "attachment" or
    "page N"). ``quote`` is the sentence or line around it.
    """

    label: str
    text: str
    section_kind: str
    section_name: str
    position: int
    start: int
    end: int
    via: Via
    quote: str


def reasons_for(
    audience: int, evidence: Evidence, item: ItemText, reading: Reading, profiles: CompiledProfiles
) -> tuple[Reason, ...]:
    """The best few reasons, best first: one for each word and concept."""
    weighed = sorted(
        _weighed(audience, evidence, profiles),
        key=lambda entry: (-entry[0], entry[3].source, entry[3].hit.start, -entry[3].hit.end, entry[2].label),
    )
    chosen: dict[tuple[str, str], Reason] = {}
    places: set[tuple[int, int, int]] = set()
    for _, role, node, placed in weighed:
        source, start, end = reading.sources[placed.source], placed.hit.start, placed.hit.end
        spot = (placed.source, start, end)
        key = (node.label, text_of(item, source.kind, source.position)[start:end].casefold())
        # A passage is looked up only for what is chosen: a long text has hundreds of hits.
        if spot not in places and key not in chosen and sum(label == node.label for label, _ in chosen) < MOST_WORDS:
            chosen[key] = _reason(role, node, placed, item, reading)
        places.add(spot)
        if len(chosen) == MOST_REASONS:
            break
    return tuple([*chosen.values(), *_kle_reasons(audience, evidence, item, profiles)][:MOST_REASONS])


def _weighed(
    audience: int, evidence: Evidence, profiles: CompiledProfiles
) -> Iterator[tuple[float, Role, Node, Placed]]:
    roles: tuple[Role, ...] = ("own_name", "topic", "target_group", "hint")
    for role in roles:
        for number, weight in profiles.weights[audience].get(role, {}).items():
            for placed in evidence.placed.get(number, ()):
                value = weight * ROLE_ORDER[role] * placed.strength * PLACE_ORDER[placed.place]
                if placed.hit.kind in HINTS:
                    if placed.place == "committee":
                        continue  # "(§ 17, stk. 4)" in a committee's name is about the committee, not the matter
                    value *= ROLE_ORDER["hint"]
                yield value, role, profiles.nodes[number], placed


def _reason(role: Role, node: Node, placed: Placed, item: ItemText, reading: Reading) -> Reason:
    source = reading.sources[placed.source]
    text = text_of(item, source.kind, source.position)
    start, end = placed.hit.start, placed.hit.end
    kind, name = source.kind, SECTION_NAMES.get(source.kind, "")
    if source.kind == "section":
        section = item.sections[source.position]
        kind, name = section.kind, section.name
    elif source.kind.startswith("page"):
        name = f"»{item.attachments[source.position].title}«, side {source.kind.split()[1]}"
    quote = sentence_around(text, start, end)
    return Reason(node.label, text[start:end], kind, name, source.position, start, end, _via(role, node, placed), quote)


def _via(role: Role, node: Node, placed: Placed) -> Via:
    if role == "own_name":
        return "own_name"
    if placed.place in {"committee", "body_name"}:
        return "committee"
    if placed.hit.kind in {"law", "bare_law"}:
        return "law"
    if placed.hit.kind in HINTS:
        return "hint"
    if node.kind == "phrase":  # a word as typed has no kind of its own
        return "target_group" if role == "target_group" else "topic"
    return "target_group" if node.kind == "target_group" else "topic"


def _kle_reasons(audience: int, evidence: Evidence, item: ItemText, profiles: CompiledProfiles) -> Iterator[Reason]:
    for number in sorted(profiles.weights[audience].get("topic", {})):
        vector = evidence.sure.get(number)
        if vector is None or not vector[PLACE["kle"]]:
            continue
        node, whole = profiles.nodes[number], item.case_number
        name = SECTION_NAMES["case_number"]
        yield Reason(node.label, whole, "case_number", name, 0, 0, len(whole), "kle", whole)
