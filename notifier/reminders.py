"""Which deadlines are to be recalled, and to whom: 7 and 2 days before, once each, and only when it helps."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from notifier.deadlines import Deadline, ahead, read_deadlines
from notifier.facts import in_parts, matter_of
from storage.keep_watch import listening
from storage.models import (
    NEVER_ARRIVED,
    AgendaItem,
    Analysis,
    Association,
    Feedback,
    FollowedCase,
    HandledDeadline,
    Message,
    MessageEntry,
    MessageKind,
    Recipient,
    Reminder,
    Revision,
    Subscription,
    Verdict,
)

# Days before the deadline, and how long before that day a mail about the item makes the reminder one too many.
STEPS = {7: timedelta(days=2), 2: timedelta(days=1)}


@dataclass(frozen=True)
class Open:
    """An item with the deadlines of its newest text that are near enough to be recalled, each with its step."""

    item_id: int
    case_id: int | None
    steps: Mapping[Deadline, int]

    @property
    def matter(self) -> int:
        """The items of a case repeat its deadlines."""
        return matter_of(self.item_id, self.case_id)


@dataclass(frozen=True)
class DueReminder:
    """One deadline to be recalled to one recipient. ``association_ids``: those of the recipient's that it concerns."""

    item_id: int
    deadline: Deadline
    days_before: int
    association_ids: tuple[int, ...]


def due_reminders(session: Session, now: datetime) -> dict[int, list[DueReminder]]:
    """By recipient id. Only what the recipient's association was told of, or follows, and has not dealt with: whoever
    stands in, or took over, is reminded of what the one before was told.
    """
    found: dict[int, dict[tuple[int, str, date], DueReminder]] = defaultdict(dict)
    for part in in_parts(_with_deadlines(session, local(now).date())):
        opened = _open(session, part, now)
        if opened:
            for recipient_id, matter, due in _due(session, opened):
                # A case that stands on several agendas is recalled once, by the last of them.
                found[recipient_id][matter, due.deadline.kind, due.deadline.day] = due
    return {
        key: sorted(dues.values(), key=lambda one: (one.deadline.ends_at, one.item_id)) for key, dues in found.items()
    }


def step_of(deadline: Deadline, today: date) -> int | None:
    """7 or 2: the reminder whose day has come, or None. After a stop of the service the nearer one replaces both."""
    left = (deadline.day - today).days
    return next((step for step in sorted(STEPS) if 0 <= left <= step), None)


def told_too_late(deadline: Deadline, step: int, told_on: date) -> bool:
    """True when the mail about the item is so fresh that a reminder would only repeat it."""
    return told_on > deadline.day - timedelta(days=step) - STEPS[step]


def _with_deadlines(session: Session, today: date) -> list[int]:
    query = (
        select(Revision.item_id)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .where(Analysis.last_deadline >= today, AgendaItem.withdrawn_at.is_(None))
        .distinct()
        .order_by(Revision.item_id)
    )
    return list(session.scalars(query))


def _open(session: Session, ids: Sequence[int], now: datetime) -> dict[int, Open]:
    """What the newest text says counts: a deadline that was moved is no longer recalled on its old day."""
    rows = session.execute(
        select(AgendaItem.id, AgendaItem.case_id, Analysis.signals)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(AgendaItem.id.in_(ids))
        .order_by(Revision.number)
    )
    newest = {item_id: (case_id, signals) for item_id, case_id, signals in rows}
    today = local(now).date()
    found = {}
    for item_id, (case_id, signals) in newest.items():
        coming = ahead(read_deadlines(signals), now)
        steps = {one: step for one in coming if (step := step_of(one, today)) is not None}
        if steps:
            found[item_id] = Open(item_id, case_id, steps)
    return found


def _matters(session: Session, opened: Mapping[int, Open]) -> dict[int, int]:
    """Item id → its matter, of all items of the cases that the open ones belong to."""
    cases = {one.case_id for one in opened.values() if one.case_id}
    rows = session.execute(select(AgendaItem.id, AgendaItem.case_id).where(AgendaItem.case_id.in_(cases)))
    return {one.item_id: one.matter for one in opened.values()} | {one: matter_of(one, case) for one, case in rows}


def _due(session: Session, opened: Mapping[int, Open]) -> Iterator[tuple[int, int, DueReminder]]:
    """(recipient id, the matter, the reminder)."""
    matters = _matters(session, opened)
    (told, known), followers = _told(session, matters), _followers(session, opened)
    handled, unwanted = _settled(session, matters)
    sent = _sent(session, matters)
    listeners = _listeners(session)
    resting = _resting(session, listeners)
    for recipient_id, mine in listeners.items():
        for one in opened.values():
            last = told.get((recipient_id, one.matter))
            whose = (followers.get(one.case_id or 0, set()) | known.get(one.matter, set())) & mine
            whose = {association for association in whose if (association, one.matter) not in unwanted}
            for deadline, step in one.steps.items():
                left = {association for association in whose if (association, one.matter, deadline.day) not in handled}
                recalled = sent.get((one.matter, deadline.kind, deadline.day, step), set())
                left = {association for association in left if not recalled & resting[association]}
                late = last is not None and told_too_late(deadline, step, local(last).date())
                if left and not late and recipient_id not in recalled:
                    yield recipient_id, one.matter, DueReminder(one.item_id, deadline, step, tuple(sorted(left)))


def _told(session: Session, matters: Mapping[int, int]) -> tuple[dict[tuple[int, int], datetime], dict[int, set[int]]]:
    """(when each recipient was last told of each matter, which associations' people were told of each)."""
    rows = session.execute(
        select(MessageEntry.recipient_id, Revision.item_id, MessageEntry.reasons, Message.created_at, Message.kind)
        .join(Revision, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(Revision.item_id.in_(matters), Message.status.not_in(NEVER_ARRIVED))
    )
    last: dict[tuple[int, int], datetime] = {}
    known: dict[int, set[int]] = defaultdict(set)
    for recipient_id, item_id, reasons, created_at, kind in rows:
        matter = matters[item_id]
        if reasons:
            last[recipient_id, matter] = max(created_at, last.get((recipient_id, matter), created_at))
        if kind is not MessageKind.CONSULTANT_WEEKLY:
            known[matter] |= {kept["association_id"] for kept in reasons if kept.get("association_id")}
    return last, known


def _followers(session: Session, opened: Mapping[int, Open]) -> dict[int, set[int]]:
    """By case id: the associations that follow it."""
    found: dict[int, set[int]] = defaultdict(set)
    cases = {one.case_id for one in opened.values() if one.case_id}
    rows = session.execute(
        select(FollowedCase.case_id, FollowedCase.association_id).where(FollowedCase.case_id.in_(cases))
    )
    for case_id, association_id in rows:
        found[case_id].add(association_id)
    return found


def _listeners(session: Session) -> dict[int, set[int]]:
    """By recipient id: the associations that the recipient hears of now. Consultants have their digest."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Subscription.recipient_id, Subscription.association_id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(Association, Subscription.association_id == Association.id)
        .where(listening(), Recipient.bounced.is_(False), Association.closed_at.is_(None))
    )
    for recipient_id, association_id in rows:
        if association_id is not None:
            found[recipient_id].add(association_id)
    return found


def _resting(session: Session, listeners: Collection[int]) -> dict[int, set[int]]:
    """By association id: the recipients who do not listen now. What they were reminded of, whoever stands in was."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(select(Subscription.association_id, Subscription.recipient_id))
    for association_id, recipient_id in rows:
        if association_id is not None and recipient_id not in listeners:
            found[association_id].add(recipient_id)
    return found


def _settled(session: Session, matters: Mapping[int, int]) -> tuple[set[tuple[int, int, date]], set[tuple[int, int]]]:
    """(association, matter, day) of deadlines dealt with; (association, matter) of what was called irrelevant."""
    handled = session.execute(
        select(HandledDeadline.association_id, HandledDeadline.item_id, HandledDeadline.due_on).where(
            HandledDeadline.item_id.in_(matters)
        )
    )
    unwanted = session.execute(
        select(Feedback.association_id, Feedback.item_id).where(
            Feedback.item_id.in_(matters),
            Feedback.verdict == Verdict.NOT_RELEVANT,
            Feedback.set_aside_at.is_(None),
        )
    )
    return {(one[0], matters[one[1]], one[2]) for one in handled}, {(one[0], matters[one[1]]) for one in unwanted}


def _sent(session: Session, matters: Mapping[int, int]) -> dict[tuple[int, str, date, int], set[int]]:
    """By matter, kind, day and step: the recipients who were reminded."""
    rows = session.execute(
        select(Reminder.recipient_id, Reminder.item_id, Reminder.kind, Reminder.due_on, Reminder.days_before).where(
            Reminder.item_id.in_(matters)
        )
    )
    found: dict[tuple[int, str, date, int], set[int]] = defaultdict(set)
    for recipient_id, item_id, kind, due_on, step in rows:
        found[matters[item_id], kind, due_on, step].add(recipient_id)
    return found
