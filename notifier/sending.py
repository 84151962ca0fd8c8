"""Hands queued mails over, one at a time, and records each outcome by itself the moment it is known."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from config import clock
from config.log import hide_addresses
from notifier.report import Note, Report
from notifier.transport import Envelope, Transport, TransportError, on_the_wire
from storage.engine import reading, transaction
from storage.models import Message, MessageKind, MessageStatus, Subscription, SubscriptionStatus

FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=64)
# The waits double: 2, 4, … 2048 minutes, then 64 hours. After that a mail is too old to help anybody.
ATTEMPTS_AT_MOST = 12
# A server that could not be used so often in a row is down: the others wait without knocking.
GIVE_UP_AFTER = 3

logger = logging.getLogger(__name__)


@dataclass
class _Round:
    """One pass over what is due."""

    url: str
    sender: str
    now: Callable[[], datetime]
    stop: Callable[[], bool]
    report: Report = field(default_factory=Report)
    unreachable: int = 0


def send(
    url: str,
    transport: Transport,
    sender_address: str,
    *,
    now: Callable[[], datetime] = clock.now,
    progress: Callable[[Note], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Sends every queued mail whose time has come. The caller holds the lock ``notify``.

    A mail counts as sent from the server's 250 on, recorded at once; a crash between the two repeats it with the
    same Message-ID. One mail's failure never stops the others. ``progress`` hears of each mail that went out;
    ``stop`` is asked before each, and what is left stays queued.
    """
    work = _Round(url, sender_address, now, stop)
    asyncio.run(_send_all(work, transport, progress))
    return work.report


def wait_before(attempt: int) -> timedelta:
    """How long to wait after the n-th failed attempt, from 1."""
    doubled: timedelta = FIRST_WAIT * 2 ** (attempt - 1)
    return min(doubled, LONGEST_WAIT)


async def _send_all(work: _Round, transport: Transport, progress: Callable[[Note], None] | None) -> None:
    due = _due(work)
    async with transport:
        for place, number in enumerate(due):
            if work.stop():
                return
            note = await _send_one(work, transport, number)
            if note is not None and progress is not None:
                progress(note)
            if work.unreachable >= GIVE_UP_AFTER:
                _put_off(work, due[place + 1 :])
                return


def _due(work: _Round) -> list[int]:
    with reading(work.url) as session:
        query = (
            select(Message.id)
            .where(Message.status == MessageStatus.QUEUED, Message.next_attempt_at <= work.now())
            .order_by(Message.id)
        )
        return list(session.scalars(query))


async def _send_one(work: _Round, transport: Transport, number: int) -> Note | None:
    """The note of a mail that went out; None when it did not."""
    taken = _take(work, number)
    if taken is None:
        return None
    envelope, note = taken
    try:
        await transport.send(envelope)
    except TransportError as error:
        work.unreachable = work.unreachable + 1 if error.unreachable else 0
        _failed(work, note, error)
        return None
    except Exception as error:
        logger.exception("message %s: the transport broke", number)
        _failed(work, note, TransportError(f"Uventet fejl: {type(error).__name__}.", permanent=False))
        return None
    work.unreachable = 0
    with transaction(work.url) as session:
        row = session.get(Message, number)
        if row is not None:
            row.status, row.sent_at, row.last_error, row.next_attempt_at = MessageStatus.SENT, work.now(), None, None
            row.attempts += 1
    work.report.sent.append(note)
    return note


def _take(work: _Round, number: int) -> tuple[Envelope, Note] | None:
    """The mail, when it is still wanted. One that is not is given up and counted as dropped."""
    with reading(work.url) as session:
        row = session.get(Message, number, options=[undefer(Message.mime)])
        if row is None or row.status is not MessageStatus.QUEUED:
            return None
        note = Note(row.id, row.kind, row.subject)
        reason, pause = _unwanted(session, row)
        if not reason and row.mime is not None:
            return Envelope(work.sender, on_the_wire(row.recipient.email), row.message_id, row.mime), note
    if pause:
        return None
    reason = reason or "Mailens indhold mangler."
    with transaction(work.url) as session:
        session.execute(
            update(Message).where(Message.id == number).values(status=MessageStatus.DEAD, last_error=reason)
        )
    work.report.dropped.append(Note(note.number, note.kind, note.subject, reason))
    return None


def _unwanted(session: Session, row: Message) -> tuple[str, bool]:
    """(why the mail is not to be sent or "", whether it is only paused)."""
    if row.recipient.bounced:
        return "Adressen tager ikke imod mail.", False
    if not row.subscription_ids:
        return "", False
    statuses = set(session.scalars(select(Subscription.status).where(Subscription.id.in_(row.subscription_ids))))
    wanted = SubscriptionStatus.PENDING if row.kind is MessageKind.CONFIRM else SubscriptionStatus.CONFIRMED
    if wanted in statuses:
        return "", False
    if SubscriptionStatus.PAUSED in statuses:
        return "Modtageren holder pause.", True
    return "Modtageren har afmeldt sig eller allerede bekræftet.", False


def _failed(work: _Round, note: Note, error: TransportError) -> None:
    # Servers repeat the address in their answer. Reports are printed and outlive the recipient's row.
    told = Note(note.number, note.kind, note.subject, hide_addresses(error.reason))
    with transaction(work.url) as session:
        row = session.get(Message, note.number)
        if row is None:
            return
        row.attempts += 1
        row.last_error = error.reason
        if error.permanent or row.attempts > ATTEMPTS_AT_MOST:
            row.status, row.next_attempt_at = MessageStatus.DEAD, None
        else:
            row.next_attempt_at = work.now() + wait_before(row.attempts)
        if error.no_such_address:
            row.recipient.bounced = True
        dead = row.status is MessageStatus.DEAD
    (work.report.dead if dead else work.report.later).append(told)


def _put_off(work: _Round, numbers: list[int]) -> None:
    """Writes the server's failure on the mails that were not even tried, and lets them wait like the tried ones."""
    reason = work.report.later[-1].why if work.report.later else "Mailserveren kan ikke nås."
    error = TransportError(reason, permanent=False, unreachable=True)
    for number in numbers:
        with reading(work.url) as session:
            row = session.get(Message, number)
            note = Note(row.id, row.kind, row.subject) if row and row.status is MessageStatus.QUEUED else None
        if note is not None:
            _failed(work, note, error)
    work.report.problems.append(f"{reason} Alle ventende mails prøves igen senere.")
