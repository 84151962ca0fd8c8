"""Meetings ahead and past, and one meeting with its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from storage.models import AgendaItem, Committee, Meeting, Municipality, Publication, Stage
from web.paging import PAGE_SIZE, Page, read_page
from web.queries.items import ItemLine, as_lines, item_lines
from web.queries.matches import concerns

# A council's budget meeting has about 60 items; what goes beyond this is reached through the list of items.
ITEMS_SHOWN = 300


@dataclass(frozen=True)
class MeetingLine:
    """One meeting in a list. ``matched`` counts the items that concern an association; ``withdrawn``: the municipality
    lists it no longer, so it may have been cancelled or moved.
    """

    id: int
    municipality: str
    committee: str
    starts_at: datetime
    time_known: bool
    place: str
    stage: Stage
    items: int
    matched: int
    withdrawn: bool


@dataclass(frozen=True)
class MeetingPage:
    """A meeting with the papers that told of it and its items."""

    meeting: Meeting
    publications: Sequence[Publication]
    items: Sequence[ItemLine]


def find_meetings(
    session: Session, *, now: datetime, ahead: bool, municipality: int | None, number: int
) -> Page[MeetingLine]:
    """A page of meetings: the next ones first when ``ahead``, otherwise the latest first."""
    statement = (
        select(
            Meeting.id.label("meeting_id"),
            Municipality.name.label("municipality"),
            Committee.name.label("committee"),
            Meeting.starts_at,
            Meeting.time_known,
            Meeting.place,
            Meeting.stage,
            Meeting.withdrawn_at,
        )
        .join(Committee, Committee.id == Meeting.committee_id)
        .join(Municipality, Municipality.code == Committee.municipality_code)
        .where(Meeting.starts_at >= now if ahead else Meeting.starts_at < now)
        .order_by(Meeting.starts_at if ahead else Meeting.starts_at.desc(), Meeting.id)
    )
    if municipality is not None:
        statement = statement.where(Committee.municipality_code == municipality)
    page = read_page(session, statement, number)
    ids = [row.meeting_id for row in page.rows]
    items, matched = _counts(session, ids), _counts(session, ids, matched=True)
    lines = [
        MeetingLine(
            row.meeting_id,
            row.municipality,
            row.committee,
            row.starts_at,
            row.time_known,
            row.place,
            row.stage,
            items.get(row.meeting_id, 0),
            matched.get(row.meeting_id, 0),
            row.withdrawn_at is not None,
        )
        for row in page.rows
    ]
    return Page(lines, page.number, page.more, page.total)


def next_meetings(session: Session, now: datetime, limit: int) -> Sequence[MeetingLine]:
    """The meetings soonest ahead, ``limit`` (at most a page) of them."""
    page = find_meetings(session, now=now, ahead=True, municipality=None, number=1)
    return page.rows[: min(limit, PAGE_SIZE)]


def _counts(session: Session, meeting_ids: Sequence[int], *, matched: bool = False) -> dict[int, int]:
    statement = (
        select(AgendaItem.meeting_id, func.count())
        .where(AgendaItem.meeting_id.in_(meeting_ids), AgendaItem.withdrawn_at.is_(None))
        .group_by(AgendaItem.meeting_id)
    )
    if matched:
        statement = statement.where(concerns())
    return dict(session.execute(statement).all())


def one_meeting(session: Session, meeting_id: int) -> MeetingPage | None:
    """A meeting with its items in the agenda's order; None when there is none of that id."""
    meeting = session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting_id)
        .options(joinedload(Meeting.committee).joinedload(Committee.municipality))
    )
    if meeting is None:
        return None
    publications = session.scalars(
        select(Publication).where(Publication.meeting_id == meeting_id).order_by(Publication.first_seen_at)
    ).all()
    lines = item_lines().where(AgendaItem.meeting_id == meeting_id)
    # The supplementary agenda's items come after those of the agenda, each in its own order.
    ordered = lines.order_by(AgendaItem.supplementary, AgendaItem.sorting, AgendaItem.id).limit(ITEMS_SHOWN)
    return MeetingPage(meeting, publications, as_lines(session, session.execute(ordered).all()))
