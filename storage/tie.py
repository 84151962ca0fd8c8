"""Recognises an item in another publication. Cases, in other committees: ``storage.cases``."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from storage.keys import title_key
from storage.models import AgendaItem
from storage.published import PublishedItem
from storage.take_down import is_same, is_scrubbed

# From the surest to the loosest; each must point to exactly one item on either side.
_RULES: tuple[Callable[[AgendaItem | PublishedItem], tuple[str, ...]], ...] = (
    lambda item: (item.number, item.case_number, title_key(item.title)),
    lambda item: (item.case_number, title_key(item.title)),
    lambda item: (title_key(item.title),),
    lambda item: (item.number, item.case_number) if item.case_number else (),
)


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
    return [(item, pairs.get(place)) for place, item in enumerate(published)]


def _by(
    rule: Callable[[AgendaItem | PublishedItem], tuple[str, ...]],
    items: Iterable[tuple[int, AgendaItem | PublishedItem]],
) -> dict[tuple[str, ...], list[int]]:
    """The places of the items that a rule takes for one."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, item in items:
        found[rule(item)].append(place)
    return found
