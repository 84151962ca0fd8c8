"""The life of a subscription. Doing the same thing twice changes nothing."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.bounces import trust_again
from storage.models import Message, MessageKind, MessageStatus, Role, Subscription, SubscriptionStatus

# A confirmation that nobody clicked in this time was hardly wanted; signing up again makes a new one.
CONFIRM_FOR = timedelta(days=14)
ASK_AGAIN_AFTER = timedelta(minutes=10)
# Whoever types somebody else's address into a form must not fill that person's mailbox.
ASKED_AT_MOST = 5
LONGEST_PAUSE = timedelta(days=366)

LIVING = frozenset({SubscriptionStatus.CONFIRMED, SubscriptionStatus.PAUSED})
ASKING = (MessageKind.CONFIRM, MessageKind.NOTICE)


def confirm(subscription: Subscription, now: datetime) -> None:
    """Starts a subscription that is pending or ended: its history begins now. A paused one stays paused.

    Who was asked to take over becomes the watcher, and the one before goes. An address that had refused our mails
    is tried again: whoever confirms can read.
    """
    if subscription.takes_over:
        _take_over(subscription, now)
    elif subscription.status not in LIVING:
        _start(subscription, now)


def _take_over(subscription: Subscription, now: datetime) -> None:
    before = subscription.replaces
    subscription.role = Role.WATCHER
    _start(subscription, now)
    if before is not None:
        unsubscribe(before, now)


def _start(subscription: Subscription, now: datetime) -> None:
    subscription.status, subscription.confirmed_at, subscription.ended_at = SubscriptionStatus.CONFIRMED, now, None
    subscription.asked_at = subscription.paused_until = subscription.returned_at = subscription.duty_since = None
    trust_again(subscription.recipient, now)


def unsubscribe(subscription: Subscription, now: datetime) -> None:
    """Ends a subscription, whatever its state."""
    if subscription.status is not SubscriptionStatus.UNSUBSCRIBED:
        subscription.status, subscription.ended_at = SubscriptionStatus.UNSUBSCRIBED, now
        subscription.asked_at = subscription.paused_until = subscription.returned_at = subscription.duty_since = None


def pause(session: Session, subscription: Subscription, until: date | None = None) -> None:
    """Stops the mails of an active subscription until ``until`` or ``resume``; a later call moves the day.

    What was queued and not sent yet is given back, for the deputy or for the return.
    """
    if subscription.status in LIVING:
        subscription.status, subscription.paused_until = SubscriptionStatus.PAUSED, until
        subscription.duty_since = None
        give_back(session, subscription)


def give_back(session: Session, subscription: Subscription) -> None:
    """Takes back what is queued for somebody who gets no mails now: it waits again, for others or for a return."""
    session.flush()
    waiting = session.execute(
        select(Message.id, Message.subscription_ids).where(
            Message.recipient_id == subscription.recipient_id,
            Message.status == MessageStatus.QUEUED,
            Message.kind.not_in(ASKING),
        )
    ).all()
    resting = {
        one.id
        for one in subscription.recipient.subscriptions
        if one.status is not SubscriptionStatus.CONFIRMED or (one.association and one.association.closed_at)
    }
    gone = [number for number, ids in waiting if ids and set(ids) <= resting]
    session.execute(delete(Message).where(Message.id.in_(gone)))


def resume(subscription: Subscription, now: datetime) -> None:
    """Goes on after a pause. What still lies ahead is told then, in one mail; not what was held meanwhile."""
    if subscription.status is SubscriptionStatus.PAUSED:
        subscription.status, subscription.confirmed_at = SubscriptionStatus.CONFIRMED, now
        subscription.paused_until = None
        subscription.returned_at = now if subscription.role is Role.WATCHER else None


def never_again(subscription: Subscription) -> bool:
    """True when somebody answered the first confirmation mail by ending it: no form may have us write again."""
    return subscription.status is SubscriptionStatus.UNSUBSCRIBED and subscription.confirmed_at is None


def ask(session: Session, subscription: Subscription, now: datetime) -> bool:
    """Asks for a mail with a link to confirm. False when there was one moments ago, or there were too many.

    A subscription that is not active waits for the answer; an active one goes on, and the mail tells its owner so.
    One whose address has refused our mails starts over, since only its owner can confirm it.
    """
    asked = subscription.asked_at or subscription.invited_at
    if never_again(subscription) or (asked is not None and now - asked < ASK_AGAIN_AFTER):
        return False
    if len(_asked(session, subscription, now)) >= ASKED_AT_MOST:
        return False
    if subscription.status not in LIVING or subscription.recipient.bounced:
        subscription.status, subscription.recipient.bounced = SubscriptionStatus.PENDING, False
    subscription.asked_at = now
    return True


def _asked(session: Session, subscription: Subscription, now: datetime) -> list[int]:
    return list(
        session.scalars(
            select(Message.id)
            .where(
                Message.recipient_id == subscription.recipient_id,
                Message.kind.in_(ASKING),
                Message.created_at > now - CONFIRM_FOR,
            )
            .limit(ASKED_AT_MOST)
        )
    )
