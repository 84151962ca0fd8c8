"""Recognises an item in another publication, and a case in another committee."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.keys import alike, bounded, title_key
from storage.models import AgendaItem, Case
from storage.published import PublishedItem

# A title alone ties cases only when it is long enough to be about something and not long ago.
TITLE_ALONE_LENGTH = 25
TITLE_ALONE_DAYS = 365
ALIKE_ENOUGH = 0.6

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


def case_of(
    session: Session, municipality_code: int, meeting_id: int, item: PublishedItem, seen_at: datetime
) -> Case | None:
    """The case that an item belongs to: found by case number and likeness of title, else a new one.

    None for an item without a case number whose title says too little to tie anything to.
    """
    key = title_key(item.title)
    if item.case_number:
        found = _by_number(session, municipality_code, meeting_id, item.case_number, key)
    elif len(key) >= TITLE_ALONE_LENGTH:
        since = seen_at - timedelta(days=TITLE_ALONE_DAYS)
        found = session.scalar(
            select(Case).where(
                Case.municipality_code == municipality_code,
                Case.key.endswith("|" + key, autoescape=True),
                Case.first_seen_at >= since,
            )
        )
    else:
        return None
    if found is not None:
        return found
    case = Case(
        municipality_code=municipality_code, key=f"{bounded(item.case_number, 100)}|{key}", case_number=item.case_number
    )
    case.title, case.first_seen_at, case.step = item.title, seen_at, ""
    known = session.scalar(select(Case).where(Case.municipality_code == municipality_code, Case.key == case.key))
    if known is not None:
        return known
    session.add(case)
    session.flush()
    return case


def _by_number(session: Session, code: int, meeting_id: int, number: str, key: str) -> Case | None:
    """One case number can cover many matters (six budget items of Aarhus share one), so the title decides too."""
    candidates = session.scalars(select(Case).where(Case.municipality_code == code, Case.case_number == number)).all()
    here = set(
        session.scalars(
            select(AgendaItem.case_id).where(AgendaItem.meeting_id == meeting_id, AgendaItem.case_id.is_not(None))
        )
    )
    ranked = sorted(candidates, key=lambda case: alike(title_key(case.title), key), reverse=True)
    for case in ranked:
        likeness = alike(title_key(case.title), key)
        if likeness == 1 or (likeness >= ALIKE_ENOUGH and case.id not in here):
            return case
    return None
