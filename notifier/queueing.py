"""Queues every mail that is due, in an order that lets later ones know of earlier ones."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from notifier.desk import Desk
from notifier.due import due_digests
from notifier.making import at_once, catch_up, confirmation, digest, goodbye, profile_trouble, remind
from notifier.message import Sender
from notifier.operator_mail import alarms, weekly
from notifier.patience import AT_ONCE, Patience
from notifier.profile_letter import owners_of_broken_profiles
from notifier.reminders import due_reminders
from notifier.report import Report
from notifier.undelivered import take_back
from notifier.waiting import recipients_with_news
from storage.engine import engine_for, reading
from storage.keep_watch import keep_watch, listening
from storage.models import Association, Recipient, Role, Subscription, SubscriptionStatus
from storage.subscription_life import LIVING

# Who could not be told in this time that the association has closed has noticed.
GOODBYE_FOR = timedelta(days=14)


def queue(
    url: str,
    sender: Sender,
    *,
    now: datetime,
    operators: tuple[str, ...] = (),
    force_digests: bool = False,
    dry_run: bool = False,
    patience: Patience = AT_ONCE,
) -> Report:
    """Queues every mail that is due: about subscriptions, then what waited for a return, then what cannot wait
    longer, then digests, and last the ``operators``' mails.

    ``dry_run`` makes them all and keeps none. ``patience`` says which immediate mails wait.
    Running it twice makes nothing new. The caller holds the lock
    ``notify`` (``notifier.run``); without it nothing is doubled either, since the database's keys forbid it.
    """
    if dry_run:
        with Session(engine_for(url)) as session:
            desk = Desk(url, sender, now, patience, rehearsal=session, operators=operators)
            _all(desk, force_digests=force_digests)
            session.rollback()
        return desk.report
    desk = Desk(url, sender, now, patience, operators=operators)
    _all(desk, force_digests=force_digests)
    return desk.report


def ask_only(url: str, sender: Sender, *, now: datetime) -> Report:
    """Queues only what people wait for at their screen: confirmations and other mails about subscriptions."""
    desk = Desk(url, sender, now)
    _about_subscriptions(desk)
    return desk.report


def anybody_asked(url: str) -> bool:
    """True when somebody waits for a mail about a subscription."""
    with reading(url) as session:
        return session.scalar(_asked().limit(1)) is not None


def _all(desk: Desk, *, force_digests: bool) -> None:
    desk.change(keep_watch)
    desk.change(take_back)
    _about_subscriptions(desk)
    quiet = desk.patience.quiet
    at_night = quiet is not None and quiet.at_night(desk.now)
    with desk.looking() as session:
        back = list(session.scalars(_returned())) if not at_night else []
    desk.write_each(catch_up, back)
    with desk.looking() as session:
        readers = recipients_with_news(session, desk.now)
    desk.write_each(at_once, readers)
    with desk.looking() as session:
        reminded = sorted(due_reminders(session, desk.now))
        troubled = owners_of_broken_profiles(session) if not at_night else []
    for one in troubled:
        desk.write(partial(profile_trouble, desk, one))
    for one in reminded:
        desk.write(partial(remind, desk, one))
    with desk.looking() as session:
        due = due_digests(session, desk.now, force=force_digests)
    desk.write_each(digest, due)
    desk.write_together(partial(alarms, desk))
    desk.write_together(partial(weekly, desk, force=force_digests))


def _about_subscriptions(desk: Desk) -> None:
    with desk.looking() as session:
        asked, ended = list(session.scalars(_asked())), list(session.scalars(_closed(desk.now)))
    for one in asked:
        desk.write(partial(confirmation, desk, one))
    for one in ended:
        desk.write(partial(goodbye, desk, one))


def _asked() -> Select[int]:
    """Subscriptions with a question that no mail carries yet."""
    unasked = or_(Subscription.invited_at.is_(None), Subscription.asked_at > Subscription.invited_at)
    watcher = aliased(Subscription)
    # A stranger's deputies are left in peace until the stranger's own address is known to work.
    known = exists(
        select(watcher.id)
        .where(watcher.association_id == Subscription.association_id, watcher.status.in_(LIVING))
        .correlate(Subscription)
    )
    ready = or_(Subscription.role != Role.DEPUTY, Subscription.by_form.is_(False), known)
    pending = and_(Subscription.status == SubscriptionStatus.PENDING, unasked, ready)
    living = and_(Subscription.status.in_(LIVING), Subscription.asked_at.is_not(None), unasked)
    return (
        select(Subscription.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .outerjoin(Association, Subscription.association_id == Association.id)
        .where(or_(pending, living), Recipient.bounced.is_(False), Association.closed_at.is_(None))
        .order_by(Subscription.id)
    )


def _closed(now: datetime) -> Select[int]:
    """The people of associations that closed lately."""
    return (
        select(Subscription.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(Association, Subscription.association_id == Association.id)
        .where(
            Association.closed_at > now - GOODBYE_FOR,
            Subscription.status.in_(LIVING),
            Recipient.bounced.is_(False),
        )
        .order_by(Subscription.id)
    )


def _returned() -> Select[int]:
    return select(Subscription.id).where(Subscription.returned_at.is_not(None), listening()).order_by(Subscription.id)
