"""Which digests are due: by slot, once each, whoever asks and however often."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from notifier.digest import digest_key
from notifier.slots import Slot, daily_slot, this_day, this_week, weekly_slot
from storage.models import (
    Association,
    Frequency,
    Message,
    MessageKind,
    Recipient,
    Role,
    Subscription,
    SubscriptionStatus,
)


@dataclass(frozen=True)
class Due:
    """One digest to be made for one subscription."""

    subscription_id: int
    kind: MessageKind
    slot: Slot
    key: str


def due_digests(session: Session, now: datetime, *, force: bool = False) -> list[Due]:
    """The digests that fell due and were not made yet: associations' first, then consultants', who read of them.

    Only the newest slot counts: after a stop of three weeks there is one digest, with everything that waited.
    Nothing is due for a slot before the subscription was confirmed. ``force`` takes today's and this week's
    slots whether their hour has come or not; they are still made only once.
    """
    daily = this_day(now) if force else daily_slot(now)
    weekly = this_week(now) if force else weekly_slot(now)
    made = _made(session, daily, weekly)
    due = []
    for subscription in _listening(session):
        for kind in _kinds(subscription):
            slot = daily if kind is MessageKind.DAILY else weekly
            key = digest_key(kind, subscription, slot)
            confirmed = subscription.confirmed_at
            in_time = confirmed is not None and (force or confirmed < slot.due_at)
            if in_time and key not in made:
                due.append(Due(subscription.id, kind, slot, key))
    return sorted(due, key=lambda one: (one.kind is MessageKind.CONSULTANT_WEEKLY, one.subscription_id))


def _kinds(subscription: Subscription) -> Iterator[MessageKind]:
    if subscription.role is Role.CONSULTANT:
        yield MessageKind.CONSULTANT_WEEKLY
        return
    if subscription.frequency is Frequency.DAILY:
        yield MessageKind.DAILY
    # Immediate readers get their weak finds once a week; immediate and daily ones a sign of life after long silence.
    yield MessageKind.WEEKLY


def _listening(session: Session) -> list[Subscription]:
    query = (
        select(Subscription)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .outerjoin(Association, Subscription.association_id == Association.id)
        .where(
            Subscription.status == SubscriptionStatus.CONFIRMED,
            Recipient.bounced.is_(False),
            Association.closed_at.is_(None),
        )
        .options(joinedload(Subscription.association))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def _made(session: Session, daily: Slot, weekly: Slot) -> set[str]:
    endings = or_(Message.key.endswith(f":{daily.name}"), Message.key.endswith(f":{weekly.name}"))
    kinds = (MessageKind.DAILY, MessageKind.WEEKLY, MessageKind.CONSULTANT_WEEKLY)
    return set(session.scalars(select(Message.key).where(Message.kind.in_(kinds), endings)))
