"""Queues every mail that is due, in an order that lets later ones know of earlier ones."""

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.desk import Desk
from notifier.due import due_digests
from notifier.making import at_once, confirmation, digest
from notifier.message import Sender
from notifier.report import Report
from notifier.waiting import recipients_with_news
from storage.engine import engine_for
from storage.models import Recipient, Subscription, SubscriptionStatus


def queue(url: str, sender: Sender, *, now: datetime, force_digests: bool = False, dry_run: bool = False) -> Report:
    """Queues every mail that is due: confirmations, then what cannot wait, then digests.

    ``dry_run`` makes them all and keeps none. Running it twice makes nothing new. The caller holds the lock
    ``notify`` (``notifier.run``); without it nothing is doubled either, since the database's keys forbid it.
    """
    if dry_run:
        with Session(engine_for(url)) as session:
            desk = Desk(url, sender, now, rehearsal=session)
            _all(desk, force_digests=force_digests)
            session.rollback()
        return desk.report
    desk = Desk(url, sender, now)
    _all(desk, force_digests=force_digests)
    return desk.report


def _all(desk: Desk, *, force_digests: bool) -> None:
    with desk.looking() as session:
        pending = _pending(session)
    for one in pending:
        desk.write(partial(confirmation, desk, one))
    with desk.looking() as session:
        readers = recipients_with_news(session)
    for one in readers:
        desk.write(partial(at_once, desk, one))
    with desk.looking() as session:
        due = due_digests(session, desk.now, force=force_digests)
    for slot in due:
        desk.write(partial(digest, desk, slot))


def _pending(session: Session) -> list[int]:
    query = (
        select(Subscription.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .where(Subscription.status == SubscriptionStatus.PENDING, Recipient.bounced.is_(False))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))
