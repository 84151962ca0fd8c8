"""What time does to subscriptions: pauses end, deputies stand in, and questions that nobody answered lapse."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from config.clock import local
from storage.models import Association, Profile, Recipient, Role, Subscription, SubscriptionStatus
from storage.subscription_life import CONFIRM_FOR, resume

FORGOTTEN = 2 * CONFIRM_FOR


def listening() -> ColumnElement[bool]:
    """Subscriptions that get mails now, refused addresses and closed associations apart: a deputy only on duty."""
    return and_(
        Subscription.status == SubscriptionStatus.CONFIRMED,
        or_(Subscription.role != Role.DEPUTY, Subscription.duty_since.is_not(None)),
    )


def keep_watch(session: Session, now: datetime) -> None:
    """Brings every subscription up to ``now``. Running it twice changes nothing."""
    _end_pauses(session, now)
    _let_lapse(session, now)
    session.flush()
    _change_duty(session, now)


def _end_pauses(session: Session, now: datetime) -> None:
    over = select(Subscription).where(
        Subscription.status == SubscriptionStatus.PAUSED, Subscription.paused_until <= local(now).date()
    )
    for one in session.scalars(over):
        resume(one, now)


def _let_lapse(session: Session, now: datetime) -> None:
    unanswered = and_(
        Subscription.invited_at <= now - CONFIRM_FOR,
        or_(Subscription.asked_at.is_(None), Subscription.asked_at <= Subscription.invited_at),
    )
    # A deputy whose watcher never confirmed, and was never asked therefore.
    forgotten = and_(
        Subscription.by_form, Subscription.invited_at.is_(None), Subscription.created_at <= now - FORGOTTEN
    )
    late = and_(Subscription.status == SubscriptionStatus.PENDING, or_(unanswered, forgotten))
    for one in session.scalars(select(Subscription).where(late)).all():
        if one.by_form:
            erase(session, one)
        else:
            one.status = SubscriptionStatus.EXPIRED


def erase(session: Session, subscription: Subscription) -> None:
    """Erases a subscription; its person when nothing else is left; its association when it came from the page and
    nobody is left in it.
    """
    recipient_id, association_id = subscription.recipient_id, subscription.association_id
    session.execute(delete(Subscription).where(Subscription.id == subscription.id))
    session.expire_all()
    left = exists().where(Subscription.recipient_id == Recipient.id)
    session.execute(delete(Recipient).where(Recipient.id == recipient_id, ~left))
    if association_id is not None:
        forget_if_empty(session, association_id)


def forget_if_empty(session: Session, association_id: int) -> None:
    """Erases an association that signed up on the page when nobody is left in it."""
    people = exists().where(Subscription.association_id == Association.id)
    imported = exists().where(Profile.association_id == Association.id, Profile.imported_hash != "")
    session.execute(delete(Association).where(Association.id == association_id, ~people, ~imported))


def _change_duty(session: Session, now: datetime) -> None:
    """A deputy is on duty while no watcher of the association gets mails."""
    watcher = aliased(Subscription)
    covered = exists(
        select(watcher.id)
        .join(Recipient, Recipient.id == watcher.recipient_id)
        .where(
            watcher.association_id == Subscription.association_id,
            watcher.role == Role.WATCHER,
            watcher.status == SubscriptionStatus.CONFIRMED,
            Recipient.bounced.is_(False),
        )
        .correlate(Subscription)
    )
    ready = and_(Subscription.role == Role.DEPUTY, Subscription.status == SubscriptionStatus.CONFIRMED)
    change = update(Subscription).execution_options(synchronize_session=False)
    session.execute(change.where(ready, Subscription.duty_since.is_(None), ~covered).values(duty_since=now))
    session.execute(change.where(Subscription.duty_since.is_not(None), or_(~ready, covered)).values(duty_since=None))
    session.expire_all()
