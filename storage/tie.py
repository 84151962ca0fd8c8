"""Recognises an item in another publication. Cases, in other committees: ``storage.cases``."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from storage.keys import alike, is_guid, title_key
from storage.models import AgendaItem
from storage.published import PublishedItem
from storage.take_down import is_same, is_scrubbed

# Two titles of one number so alike are one matter, reworded, if they hold the same figures: plans 12 and 14 are two.
REWORDED = 0.7

# From the surest to the loosest; each must point to exactly one item on either side.
_RULES: tuple[Callable[[AgendaItem | PublishedItem], tuple[str, ...]], ...] = (
    lambda item: (item.platform_id,) if is_guid(item.platform_id) else (),
    lambda item: (item.number, item.case_number, title_key(item.title)),
    lambda item: (item.case_number, title_key(item.title)),
    lambda item: (title_key(item.title),),
    lambda item: (item.number, item.case_number) if item.case_number else (),
)
_FIGURES = re.compile(r"\d+")


def tie(
    known: Sequence[AgendaItem], published: Sequence[PublishedItem]
) -> list[tuple[PublishedItem, AgendaItem | None]]:
    """Pairs each published item with the known one that it is, or with None.

    What cannot be tied to exactly one is kept as its own (design.md section 4).
    """
    pairs: dict[int, AgendaItem] = {}
    taken: set[int] = set()
    for at, old in enumerate(known):
        if is_scrubbed(old):
            # Its title is gone, so no rule below would know it.
            places = [place for place, item in enumerate(published) if place not in pairs and is_same(old, item)]
            pairs |= dict.fromkeys(places[:1], old)
            taken.add(at)
    for rule in _RULES:
        left = _by(rule, ((at, item) for at, item in enumerate(known) if at not in taken))
        right = _by(rule, ((place, item) for place, item in enumerate(published) if place not in pairs))
        for wanted, places in right.items():
            candidates = left.get(wanted, [])
            if wanted and len(candidates) == 1 and len(places) == 1:
                pairs[places[0]] = known[candidates[0]]
                taken.add(candidates[0])
    _tie_reworded(known, published, pairs, taken)
    return [(item, pairs.get(place)) for place, item in enumerate(published)]


def _tie_reworded(
    known: Sequence[AgendaItem], published: Sequence[PublishedItem], pairs: dict[int, AgendaItem], taken: set[int]
) -> None:
    """Where there are no case numbers, a title that was put right would make a new matter of an old one."""
    left = _by(_number, ((at, item) for at, item in enumerate(known) if at not in taken))
    right = _by(_number, ((place, item) for place, item in enumerate(published) if place not in pairs))
    for number, places in right.items():
        candidates = left.get(number, [])
        if number and len(candidates) == len(places) == 1:
            old, new = known[candidates[0]], published[places[0]]
            if not (old.case_number and new.case_number) and _reworded(old.title_key, title_key(new.title)):
                pairs[places[0]] = old


def _number(item: AgendaItem | PublishedItem) -> tuple[str, ...]:
    return (item.number,) if item.number else ()


def _reworded(before: str, after: str) -> bool:
    return set(_FIGURES.findall(before)) == set(_FIGURES.findall(after)) and alike(before, after) >= REWORDED


def _by(
    rule: Callable[[AgendaItem | PublishedItem], tuple[str, ...]],
    items: Iterable[tuple[int, AgendaItem | PublishedItem]],
) -> dict[tuple[str, ...], list[int]]:
    """The places of the items that a rule takes for one."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, item in items:
        found[rule(item)].append(place)
    return found
