"""Which digests are due: by slot, once each, whoever asks and however often."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from notifier.digest import digest_key
from notifier.notices import associations_awaiting
from notifier.slots import Slot, daily_slot, this_day, this_week, weekly_slot
from notifier.waiting import recipients_waiting
from storage.keep_watch import listening
from storage.models import (
    Association,
    Frequency,
    Message,
    MessageKind,
    Recipient,
    Role,
    Subscription,
)
from storage.subscription_life import ASKING

# So long without any mail, and a reader wonders whether the service still lives: then a receipt is sent.
SIGN_OF_LIFE = {Frequency.IMMEDIATE: timedelta(days=28), Frequency.DAILY: timedelta(days=7)}


@dataclass(frozen=True)
class Due:
    """One digest to be made for one subscription. ``forced``: asked for now, whether its hour has come or not."""

    subscription_id: int
    kind: MessageKind
    slot: Slot
    key: str
    forced: bool = False


def due_digests(session: Session, now: datetime, *, force: bool = False) -> list[Due]:
    """The digests that fell due and were not made yet: associations' first, then consultants', who read of them.

    Only the newest slot counts: after a stop of three weeks there is one digest, with everything that waited.
    Nothing is due for a slot before the subscription was confirmed. ``force`` takes today's and this week's
    slots whether their hour has come or not; they are still made only once. Weekly readers and consultants get
    theirs also of an empty week; others only when something waits, or as a sign of life after long silence.
    """
    listeners = _listening(session)
    daily = {one.id: (this_day if force else daily_slot)(now, one.hour) for one in listeners}
    weekly = {one.id: (this_week if force else weekly_slot)(now, one.weekday, one.hour) for one in listeners}
    made = _made(session, {slot.name for slot in (*daily.values(), *weekly.values())})
    waiting, last_mail = recipients_waiting(session, now), _last_mail(session)
    announced = associations_awaiting(session, now)
    due = []
    for subscription in listeners:
        # Cases on their way wait for the week, whoever hears of items at once or daily.
        waits, coming = subscription.recipient_id in waiting, subscription.association_id in announced
        for kind in _kinds(subscription, waits, coming, last_mail.get(subscription.recipient_id), now):
            slot = (daily if kind is MessageKind.DAILY else weekly)[subscription.id]
            key = digest_key(kind, subscription, slot)
            since = subscription.hears_from
            in_time = since is not None and (force or since < slot.due_at)
            if in_time and key not in made:
                due.append(Due(subscription.id, kind, slot, key, force))
    return sorted(due, key=lambda one: (one.kind is MessageKind.CONSULTANT_WEEKLY, one.subscription_id))


def long_silent(subscription: Subscription, last_mail: datetime | None, now: datetime) -> bool:
    """True when a reader who gets no empty digests has waited so long that a sign of life is due."""
    allowed, since = SIGN_OF_LIFE.get(subscription.frequency), subscription.hears_from
    if allowed is None or since is None:
        return False
    return max(since, last_mail or since) <= now - allowed


def _kinds(
    subscription: Subscription, waits: bool, coming: bool, last_mail: datetime | None, now: datetime
) -> Iterator[MessageKind]:
    if subscription.role is Role.CONSULTANT:
        yield MessageKind.CONSULTANT_WEEKLY
        return
    frequency = subscription.frequency
    if frequency is Frequency.DAILY and waits:
        yield MessageKind.DAILY
    # Immediate readers get their weak finds once a week.
    weak = frequency is Frequency.IMMEDIATE and waits
    if frequency is Frequency.WEEKLY or weak or coming or long_silent(subscription, last_mail, now):
        yield MessageKind.WEEKLY


def _last_mail(session: Session) -> dict[int, datetime]:
    """When each recipient was last written to, confirmations and the operator's mails apart."""
    rows = session.execute(
        select(Message.recipient_id, func.max(Message.created_at))
        .where(Message.kind.not_in((*ASKING, MessageKind.OPERATOR)))
        .group_by(Message.recipient_id)
    )
    return {row[0]: row[1] for row in rows}


def _listening(session: Session) -> list[Subscription]:
    query = (
        select(Subscription)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .outerjoin(Association, Subscription.association_id == Association.id)
        .where(
            listening(),
            Recipient.bounced.is_(False),
            Association.closed_at.is_(None),
        )
        .options(joinedload(Subscription.association))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def _made(session: Session, slots: set[str]) -> set[str]:
    if not slots:
        return set()
    endings = or_(*(Message.key.endswith(f":{name}") for name in sorted(slots)))
    kinds = (MessageKind.DAILY, MessageKind.WEEKLY, MessageKind.CONSULTANT_WEEKLY)
    return set(session.scalars(select(Message.key).where(Message.kind.in_(kinds), endings)))
