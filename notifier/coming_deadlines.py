"""The deadlines ahead in one municipality, for its consultant."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from notifier.deadlines import Deadline, ahead, read_deadlines
from notifier.facts import mailable, matter_of
from notifier.links import Links
from notifier.words import one_line
from storage.models import AgendaItem, Analysis, Committee, Match, Meeting, Revision

SHOWN_AT_MOST = 15


@dataclass(frozen=True)
class DeadlineLine:
    """One line: ``tirsdag den 1. december kl. 12: Høringsfrist``, the item, and its page. ``kind`` as the matcher's."""

    kind: str
    when: str
    name: str
    title: str
    page: str


def coming_deadlines(session: Session, code: int, links: Links, now: datetime) -> tuple[tuple[DeadlineLine, ...], int]:
    """(the next deadlines in items that concern anybody, soonest first; how many there are besides).

    A case that stands on several agendas has each deadline once, with the item of its last meeting.
    """
    today = local(now).date()
    concerning = select(Revision.item_id).join(Match, Match.revision_id == Revision.id).where(mailable())
    dated = select(Revision.item_id).join(Analysis).where(Analysis.last_deadline >= today)
    rows = session.execute(
        select(AgendaItem.id, AgendaItem.case_id, AgendaItem.title, Analysis.signals)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(
            Committee.municipality_code == code,
            AgendaItem.withdrawn_at.is_(None),
            AgendaItem.id.in_(dated),
            AgendaItem.id.in_(concerning),
        )
        .order_by(Meeting.starts_at, Revision.number)
    )
    newest = {item_id: (case_id, title, signals) for item_id, case_id, title, signals in rows}
    by_case = {
        (matter_of(item_id, case_id), deadline.kind, deadline.ends_at): (deadline, item_id, title)
        for item_id, (case_id, title, signals) in newest.items()
        for deadline in ahead(read_deadlines(signals), now)
    }
    found = sorted(by_case.values(), key=lambda one: (one[0].ends_at, one[1]))
    lines = tuple(_line(deadline, number, title, links, now) for deadline, number, title in found[:SHOWN_AT_MOST])
    return lines, max(0, len(found) - SHOWN_AT_MOST)


def _line(deadline: Deadline, item_id: int, title: str, links: Links, now: datetime) -> DeadlineLine:
    when = deadline.when(local(now).date())
    return DeadlineLine(deadline.kind, when, deadline.name, one_line(title, 160), links.page(f"/sager/{item_id}"))
