"""What calendars need to know of a meeting: how often it changed, and whether it still concerns the reader."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.story import CalendarState
from storage.models import AgendaItem, MessageEntry, Recipient, Revision

# The words of a revision that move, take away or bring back something that stands in a calendar.
_STEPS = {"moved", "withdrawn", "published"}


class CalendarStates:
    """The states of some items for some recipients, loaded for all of them together."""

    def __init__(self, session: Session, recipients: Collection[int], items: Sequence[AgendaItem]) -> None:
        meetings = {item.meeting_id for item in items}
        self._steps = _steps(session, meetings)
        self._told: dict[tuple[int, int], set[int]] = defaultdict(set)
        rows = session.execute(
            select(MessageEntry.recipient_id, AgendaItem.meeting_id, AgendaItem.id)
            .join(Revision, MessageEntry.revision_id == Revision.id)
            .join(AgendaItem, Revision.item_id == AgendaItem.id)
            .where(
                AgendaItem.meeting_id.in_(meetings),
                AgendaItem.withdrawn_at.is_(None),
                MessageEntry.recipient_id.in_(recipients),
            )
            .distinct()
        )
        for recipient_id, meeting_id, item_id in rows:
            self._told[recipient_id, meeting_id].add(item_id)

    def of(self, recipient: Recipient, item: AgendaItem) -> CalendarState:
        """The step is counted over the whole meeting, so that it only ever grows, whoever is told of what."""
        told = self._told.get((recipient.id, item.meeting_id), set())
        return CalendarState(self._steps.get(item.meeting_id, 0), len(told - {item.id}))


def _steps(session: Session, meetings: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(AgendaItem.meeting_id, Revision.seen_at, Revision.changes)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .where(AgendaItem.meeting_id.in_(meetings), Revision.number > 1)
    )
    moments = {(meeting, seen_at) for meeting, seen_at, changes in rows if _STEPS & {*changes}}
    return {meeting: sum(one == meeting for one, _ in moments) for meeting in meetings}
