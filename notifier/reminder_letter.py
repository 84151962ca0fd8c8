"""Builds the mail that recalls deadlines."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from config.clock import local
from notifier.calendar import calendar_files
from notifier.calendar_state import CalendarStates
from notifier.deadlines import Deadline, read_deadlines
from notifier.ears import hearing
from notifier.facts import earlier_mails
from notifier.letters import because, frame
from notifier.message import Letter, Recall, Sender
from notifier.reminders import DueReminder
from notifier.render import render
from notifier.story import Story
from notifier.view import DeadlineView, deadline_views, web_link
from notifier.words import distance_of_days, listed, one_line
from storage.models import AgendaItem, Analysis, Association, MessageKind, Recipient, Revision


@dataclass(frozen=True)
class RecallView:
    """One deadline as the mail shows it. ``soon``: ``om 2 dage``; ``whose``: the associations that it concerns."""

    title: str
    municipality: str
    committee: str
    deadline: DeadlineView
    name: str
    soon: str
    whose: str
    link: str
    page: str
    done_url: str


def reminder_letter(
    session: Session, recipient: Recipient, dues: Sequence[DueReminder], sender: Sender, now: datetime
) -> Letter | None:
    """One mail with every deadline that is to be recalled to this recipient now, soonest first."""
    items = {one.id: one for one in _items(session, dues)}
    dues = [due for due in dues if due.item_id in items]
    if not dues:
        return None
    mine = hearing(session, recipient)
    concerned = tuple(one for one in mine if any(one.association_id in due.association_ids for due in dues))
    views = [_view(session, due, items[due.item_id], recipient, sender, now) for due in dues]
    calendars = calendar_files(_stories(session, recipient, list(items.values())), sender.organizer, now)
    words = render(
        "reminder",
        **frame(recipient, concerned, sender),
        preheader=one_line(f"{views[0].deadline.name} {views[0].deadline.when}: {views[0].title}", 140),
        first=views[0],
        others=len(views) - 1,
        items=views,
        several=len(concerned) > 1,
        has_calendar=bool(calendars),
        because=because(concerned),
    )
    recalls = tuple(Recall(due.item_id, due.deadline.kind, due.deadline.day, due.days_before) for due in dues)
    named = ",".join(sorted(f"{one.item_id}:{one.kind}:{one.due_on}:{one.days_before}" for one in recalls))
    key = f"reminder:{recipient.id}:{hashlib.sha256(named.encode()).hexdigest()[:24]}"
    earlier = earlier_mails(session, [recipient.id], [items[dues[0].item_id]])
    return Letter(
        MessageKind.REMINDER,
        key,
        recipient,
        concerned,
        words,
        calendars=calendars,
        recalls=recalls,
        replies_to=next(iter(earlier.values()), ()),
    )


def _items(session: Session, dues: Sequence[DueReminder]) -> Sequence[AgendaItem]:
    return session.scalars(
        select(AgendaItem)
        .where(AgendaItem.id.in_({due.item_id for due in dues}), AgendaItem.withdrawn_at.is_(None))
        .options(joinedload(AgendaItem.meeting))
        .order_by(AgendaItem.id)
    ).all()


def _stories(session: Session, recipient: Recipient, items: Sequence[AgendaItem]) -> list[Story]:
    """The items as calendars need them."""
    states = CalendarStates(session, [recipient.id], items)
    return [
        Story(item, revision, (), deadlines=deadlines, deadlines_before=deadlines, calendar=states.of(recipient, item))
        for item in items
        for revision, deadlines in (_newest(session, item),)
    ]


def _newest(session: Session, item: AgendaItem) -> tuple[Revision, tuple[Deadline, ...]]:
    row = session.execute(
        select(Revision, Analysis.signals)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(Revision.item_id == item.id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one()
    return row[0], read_deadlines(row[1])


def _view(
    session: Session, due: DueReminder, item: AgendaItem, recipient: Recipient, sender: Sender, now: datetime
) -> RecallView:
    committee = item.meeting.committee
    names = session.scalars(
        select(Association.name).where(Association.id.in_(due.association_ids)).order_by(Association.name)
    )
    page = sender.links.page(f"/sager/{item.id}")
    return RecallView(
        title=one_line(item.title, 200),
        municipality=one_line(committee.municipality.name),
        committee=one_line(committee.name),
        deadline=deadline_views([due.deadline], now)[0],
        name=due.deadline.name,
        soon=distance_of_days(due.deadline.day, local(now).date()),
        whose=listed([one_line(name) for name in names]),
        link=web_link(item.url) or web_link(item.meeting.url) or page,
        page=page,
        done_url=sender.links.deadline(recipient, due.association_ids, item.id, due.deadline.day),
    )
