"""What a reader can do with a subscription. Doing the same thing twice changes nothing."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.models import Feedback, Frequency, Recipient, Role, Subscription, SubscriptionStatus, Verdict


def confirm(subscription: Subscription, now: datetime) -> None:
    """Starts a pending subscription, or an ended one afresh: its history begins now. A paused one stays paused."""
    if subscription.status in {SubscriptionStatus.PENDING, SubscriptionStatus.UNSUBSCRIBED}:
        subscription.status, subscription.confirmed_at, subscription.ended_at = SubscriptionStatus.CONFIRMED, now, None


def unsubscribe(subscription: Subscription, now: datetime) -> None:
    """Ends a subscription, whatever its state."""
    if subscription.status is not SubscriptionStatus.UNSUBSCRIBED:
        subscription.status, subscription.ended_at = SubscriptionStatus.UNSUBSCRIBED, now


def pause(subscription: Subscription) -> None:
    """Stops the mails of an active subscription until ``resume``."""
    if subscription.status is SubscriptionStatus.CONFIRMED:
        subscription.status = SubscriptionStatus.PAUSED


def resume(subscription: Subscription, now: datetime) -> None:
    """Goes on after a pause. What still lies ahead is told then, not what was held meanwhile: history begins anew."""
    if subscription.status is SubscriptionStatus.PAUSED:
        subscription.status, subscription.confirmed_at = SubscriptionStatus.CONFIRMED, now


def set_frequency(subscription: Subscription, frequency: Frequency) -> None:
    """How often an association's mails come. A consultant's digest is weekly."""
    if subscription.role is Role.WATCHER:
        subscription.frequency = frequency


def rename(recipient: Recipient, name: str) -> None:
    """The name that mails greet; control characters and line breaks become blanks, 100 characters at most."""
    clean = "".join(letter if letter.isprintable() else " " for letter in name)
    recipient.name = " ".join(clean.split())[:100]


def judge(session: Session, association_id: int, item_id: int, verdict: Verdict, now: datetime) -> None:
    """Keeps an association's verdict on an item; a later one replaces an earlier one."""
    given = _feedback(session, association_id, item_id)
    if given is None:
        new = Feedback(association_id=association_id, item_id=item_id, verdict=verdict, given_at=now)
        # A second click at the same moment may have been first.
        with suppress(IntegrityError), session.begin_nested():
            session.add(new)
        given = _feedback(session, association_id, item_id)
    if given is not None and given.verdict is not verdict:
        given.verdict, given.given_at = verdict, now


def verdict_of(session: Session, association_id: int, item_id: int) -> Verdict | None:
    """The verdict given so far."""
    given = _feedback(session, association_id, item_id)
    return given.verdict if given else None


def _feedback(session: Session, association_id: int, item_id: int) -> Feedback | None:
    return session.scalar(
        select(Feedback).where(Feedback.association_id == association_id, Feedback.item_id == item_id)
    )
