"""What calendars need to know of a meeting: how often it changed, and whether it still concerns the reader."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.story import CalendarState
from storage.models import AgendaItem, MessageEntry, Recipient, Revision

# The words of a revision that move, take away or bring back something that stands in a calendar.
_STEPS = {"moved", "withdrawn", "published"}


def calendar_states(session: Session, recipient: Recipient, items: Sequence[AgendaItem]) -> dict[int, CalendarState]:
    """By item id. The step is counted over the whole meeting, so that it only ever grows, whoever is told of what."""
    meetings = {item.meeting_id for item in items}
    steps = _steps(session, meetings)
    told = session.execute(
        select(AgendaItem.meeting_id, AgendaItem.id)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .where(
            AgendaItem.meeting_id.in_(meetings),
            AgendaItem.withdrawn_at.is_(None),
            MessageEntry.recipient_id == recipient.id,
        )
        .distinct()
    ).all()
    return {
        item.id: CalendarState(
            steps.get(item.meeting_id, 0),
            sum(meeting == item.meeting_id and other != item.id for meeting, other in told),
        )
        for item in items
    }


def _steps(session: Session, meetings: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(AgendaItem.meeting_id, Revision.seen_at, Revision.changes)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .where(AgendaItem.meeting_id.in_(meetings), Revision.number > 1)
    )
    moments = {(meeting, seen_at) for meeting, seen_at, changes in rows if _STEPS & {*changes}}
    return {meeting: sum(one == meeting for one, _ in moments) for meeting in meetings}
