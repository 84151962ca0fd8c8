"""Which letter a recipient gets now, decided on what the database holds inside the letter's own transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from notifier.desk import Desk
from notifier.digest import Digest, association_letter, consultant_letter, period_of, told_to_associations
from notifier.due import Due, long_silent
from notifier.letters import confirm_letter, immediate_letter
from notifier.message import Letter
from notifier.outbox import already_queued
from notifier.story import Story
from notifier.waiting import consultant_stories, watcher_stories
from storage.models import (
    AgendaItem,
    Association,
    Committee,
    Frequency,
    Meeting,
    Message,
    MessageEntry,
    MessageKind,
    Recipient,
    Revision,
    Role,
    Subscription,
    SubscriptionStatus,
)


def confirmation(desk: Desk, number: int, session: Session) -> Letter | None:
    """The confirmation mail of a subscription that still waits for one."""
    subscription = session.get(Subscription, number)
    if subscription is None or subscription.status is not SubscriptionStatus.PENDING:
        return None
    letter = confirm_letter(subscription, desk.sender, desk.now)
    return None if already_queued(session, letter.key) else letter


def at_once(desk: Desk, number: int, session: Session) -> Letter | None:
    """A recipient's immediate mail, when something still waits that cannot wait longer."""
    recipient = session.get(Recipient, number)
    if recipient is None or recipient.bounced:
        return None
    subscriptions = _watching(session, recipient)
    stories = [story for story in watcher_stories(session, recipient, subscriptions) if story.at_once]
    return immediate_letter(recipient, subscriptions, stories, desk.sender, desk.now) if stories else None


def _watching(session: Session, recipient: Recipient) -> list[Subscription]:
    query = (
        select(Subscription)
        .join(Association, Subscription.association_id == Association.id)
        .where(
            Subscription.recipient_id == recipient.id,
            Subscription.role == Role.WATCHER,
            Subscription.status == SubscriptionStatus.CONFIRMED,
            Association.closed_at.is_(None),
        )
        .options(joinedload(Subscription.association).joinedload(Association.profile))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def digest(desk: Desk, due: Due, session: Session) -> Letter | None:
    """A digest that is still due and worth sending."""
    subscription = session.get(Subscription, due.subscription_id)
    if (
        subscription is None
        or subscription.status is not SubscriptionStatus.CONFIRMED
        or subscription.recipient.bounced
        or already_queued(session, due.key)
    ):
        return None
    if due.kind is MessageKind.CONSULTANT_WEEKLY:
        return _consultants(session, desk, due, subscription)
    return _associations(session, desk, due, subscription)


def _associations(session: Session, desk: Desk, due: Due, subscription: Subscription) -> Letter | None:
    recipient = subscription.recipient
    waiting = watcher_stories(session, recipient, _watching(session, recipient))
    # Immediate mails of this run were queued before: what is left here waited for a digest, or came in between.
    stories = [story for story in waiting if story.concerns(subscription)]
    if due.kind is MessageKind.WEEKLY and subscription.frequency is Frequency.DAILY and stories:
        return None  # they stand in the daily digest
    waits = due.kind is MessageKind.DAILY or subscription.frequency is not Frequency.WEEKLY
    if waits and not stories and not (due.kind is MessageKind.WEEKLY and _silent(session, subscription, desk.now)):
        return None
    profile = subscription.association.profile if subscription.association else None
    content = _content(session, desk, due, subscription, stories, profile.municipality_codes if profile else [])
    return association_letter(content, desk.sender, desk.now)


def _consultants(session: Session, desk: Desk, due: Due, subscription: Subscription) -> Letter:
    stories = consultant_stories(session, subscription)
    told = told_to_associations(session, stories, desk.now)
    content = _content(session, desk, due, subscription, stories, [subscription.municipality_code or 0])
    return consultant_letter(content, told, desk.sender, desk.now)


def _content(
    session: Session, desk: Desk, due: Due, subscription: Subscription, stories: list[Story], codes: Sequence[int]
) -> Digest:
    return Digest(
        due.kind,
        due.key,
        period_of(due.kind, due.slot),
        subscription,
        stories,
        desk.receipt(session, codes),
        _elsewhere(session, due, subscription),
    )


def _silent(session: Session, subscription: Subscription, now: datetime) -> bool:
    last = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.recipient_id == subscription.recipient_id, Message.kind != MessageKind.CONFIRM
        )
    )
    return long_silent(subscription, last, now)


def _elsewhere(session: Session, due: Due, subscription: Subscription) -> int:
    """How many items of this digest's kind the reader was told of in other mails of the period. Only counted."""
    length = timedelta(days=1 if due.kind is MessageKind.DAILY else 7)
    rows = session.execute(
        select(Revision.item_id, MessageEntry.reasons, Committee.municipality_code)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(Message.recipient_id == subscription.recipient_id, Message.created_at >= due.slot.due_at - length)
    )
    return len({item_id for item_id, reasons, code in rows if _belongs(subscription, reasons, code)})


def _belongs(subscription: Subscription, reasons: list[dict[str, object]], code: int) -> bool:
    if subscription.role is Role.CONSULTANT:
        return bool(reasons) and code == subscription.municipality_code
    return any(kept.get("association_id") == subscription.association_id for kept in reasons)
