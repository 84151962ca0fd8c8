"""What is written down about a queued mail: taken, sent, refused, held back. Each in a transaction of its own."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, insert, or_, select, true, update
from sqlalchemy.orm import Session

from config.log import hide_addresses
from notifier.report import Note
from notifier.transport import Fault, TransportError
from storage.base import Base, Moment
from storage.bounces import record_bounce
from storage.engine import engine_for, reading, transaction
from storage.models import (
    AttemptOutcome,
    Bounce,
    BounceKind,
    Message,
    MessageAttempt,
    MessageKind,
    MessageStatus,
    Recipient,
    SubscriptionStatus,
)

FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=64)
# The waits double: 2, 4, … 2048 minutes, then 64 hours. After that a mail is too old to help anybody.
ATTEMPTS_AT_MOST = 12
# Up to this share of a wait is left out, a different one for each mail, so that not all knock at the same moment.
JITTER = 0.2
AT_A_TIME = 500
# Asked for a moment ago, or about the service itself.
PERSONAL = (MessageKind.CONFIRM, MessageKind.NOTICE, MessageKind.OPERATOR)
# Mails about a subscription itself go to people who are not active, too.
WANTED = {
    MessageKind.CONFIRM: {SubscriptionStatus.PENDING},
    MessageKind.NOTICE: {SubscriptionStatus.CONFIRMED, SubscriptionStatus.PAUSED},
}


# The three statements of every mail, built once: building them costs more than running them.
_MAILS, _TRIES = Base.metadata.tables["message"], Base.metadata.tables["message_attempt"]
_PEOPLE, _SUBSCRIPTIONS = Base.metadata.tables["recipient"], Base.metadata.tables["subscription"]
_mail, _person = _MAILS.c, _PEOPLE.c
_TAKE = (
    select(
        _mail.id,
        _mail.kind,
        _mail.subject,
        _mail.message_id,
        _mail.mime,
        _mail.attempts,
        _mail.subscription_ids,
        _mail.recipient_id,
        _person.email,
        _person.bounced,
    )
    .join_from(_MAILS, _PEOPLE)
    .where(_mail.id.in_(bindparam("numbers", expanding=True)), _mail.status == MessageStatus.QUEUED)
)
_STATUSES = select(_SUBSCRIPTIONS.c.id, _SUBSCRIPTIONS.c.status).where(
    _SUBSCRIPTIONS.c.id.in_(bindparam("ids", expanding=True))
)
_SENT = (
    update(_MAILS)
    .where(_mail.id == bindparam("number"))
    .values(
        status=MessageStatus.SENT,
        sent_at=bindparam("at", type_=Moment()),
        last_error=None,
        next_attempt_at=None,
        attempts=bindparam("tries"),
    )
)
_LOGGED = insert(_TRIES).values(outcome=AttemptOutcome.SENT, code=250, status="", reason="")


@dataclass(frozen=True)
class Parcel:
    """A mail that is still wanted, ready to be handed over."""

    number: int
    recipient_id: int
    email: str
    message_id: str
    mime: bytes
    attempts: int
    note: Note


@dataclass(frozen=True)
class Unwanted:
    """A mail that is not to be sent; ``paused``: not now, and later perhaps."""

    note: Note
    reason: str
    paused: bool = False


def wait_before(attempt: int) -> timedelta:
    """The longest wait after the n-th failed attempt, from 1."""
    doubled: timedelta = FIRST_WAIT * 2 ** (attempt - 1)
    return min(doubled, LONGEST_WAIT)


def next_attempt(number: int, attempt: int, at: datetime) -> datetime:
    """When a mail is tried again: the wait less a share that differs from mail to mail."""
    draw = hashlib.sha256(f"{number}:{attempt}".encode()).digest()[0] / 255
    return at + wait_before(attempt) * (1 - JITTER * draw)


def due(url: str, now: datetime, *, at_night: bool = False) -> list[tuple[int, str]]:
    """The mails whose time has come, with their recipients' hosts: what cannot wait before what can, else in order.

    ``at_night`` leaves out those that did not get through before, personal ones apart: nobody is woken by a second
    try.
    """
    urgent = case(
        (Message.kind.in_([MessageKind.CONFIRM, MessageKind.NOTICE]), 0),
        (Message.kind == MessageKind.IMMEDIATE, 1),
        else_=2,
    )
    query = (
        select(Message.id, Recipient.email)
        .join(Recipient, Message.recipient_id == Recipient.id)
        .where(
            Message.status == MessageStatus.QUEUED,
            Message.next_attempt_at <= now,
            or_(Message.last_error.is_(None), Message.kind.in_(PERSONAL)) if at_night else true(),
        )
        .order_by(urgent, Message.id)
    )
    with reading(url) as session:
        return [(number, email.rpartition("@")[2].casefold()) for number, email in session.execute(query)]


def take(url: str, numbers: Sequence[int]) -> dict[int, Parcel | Unwanted]:
    """Queued mails as they stand now, by id; those that are queued no more are left out."""
    with engine_for(url).connect().execution_options(reading=True) as connection:
        rows = connection.execute(_TAKE, {"numbers": numbers}).all()
        ids = {one for row in rows for one in row.subscription_ids}
        known = connection.execute(_STATUSES, {"ids": sorted(ids)}).all() if ids else ()
    statuses = {row.id: row.status for row in known}
    return {row.id: _taken(row, statuses) for row in rows}


def _taken(row: Row[*tuple[Any, ...]], statuses: Mapping[int, SubscriptionStatus]) -> Parcel | Unwanted:
    note = Note(row.id, row.kind, row.subject)
    if row.bounced:
        return Unwanted(note, "Adressen tager ikke imod mail.")
    if row.mime is None:
        return Unwanted(note, "Mailens indhold mangler.")
    ids = row.subscription_ids
    reason, paused = _given_up(row.kind, {statuses[one] for one in ids if one in statuses}) if ids else ("", False)
    if reason:
        return Unwanted(note, reason, paused=paused)
    return Parcel(row.id, row.recipient_id, row.email, row.message_id, row.mime, row.attempts, note)


def _given_up(kind: MessageKind, statuses: set[SubscriptionStatus]) -> tuple[str, bool]:
    """(why the mail is not to be sent or "", whether it is only paused)."""
    if statuses & WANTED.get(kind, {SubscriptionStatus.CONFIRMED}):
        return "", False
    if SubscriptionStatus.PAUSED in statuses:
        return "Modtageren holder pause.", True
    return "Modtageren har afmeldt sig eller allerede bekræftet.", False


def sent(url: str, parcels: Sequence[Parcel], at: datetime) -> None:
    """The server has said 250 to each: from here on they are never sent again. One transaction for all of them."""
    with engine_for(url).begin() as connection:
        connection.execute(_SENT, [{"number": one.number, "at": at, "tries": one.attempts + 1} for one in parcels])
        connection.execute(_LOGGED, [{"message_id": one.number, "at": at} for one in parcels])


def refused(url: str, parcel: Parcel, error: TransportError, at: datetime) -> Note:
    """An attempt that failed: the mail waits for the next one, or is given up. The note's ``dead`` tells which."""
    attempts = parcel.attempts + 1
    dead = error.permanent or attempts > ATTEMPTS_AT_MOST
    with transaction(url) as session:
        session.execute(
            update(Message)
            .where(Message.id == parcel.number)
            .values(
                attempts=attempts,
                last_error=error.reason,
                status=MessageStatus.DEAD if dead else MessageStatus.QUEUED,
                next_attempt_at=None if dead else next_attempt(parcel.number, attempts, at),
            )
        )
        outcome = AttemptOutcome.DEAD if dead else AttemptOutcome.LATER
        _log(session, parcel.number, at, outcome, code=error.code, status=error.status, reason=error.reason)
        if dead and (error.at_recipient or error.fault is Fault.ADDRESS):
            record_bounce(session, _bounce(parcel, error, attempts, at), at)
    note = parcel.note
    # Servers repeat the address in their answer. Reports are printed and outlive the recipient's row.
    return Note(note.number, note.kind, note.subject, hide_addresses(error.reason), dead=dead)


def _bounce(parcel: Parcel, error: TransportError, attempts: int, at: datetime) -> Bounce:
    return Bounce(
        key=f"smtp:{parcel.number}:{attempts}:{int(at.timestamp())}",
        recipient_id=parcel.recipient_id,
        message_id=parcel.number,
        kind=BounceKind.HARD if error.fault is Fault.ADDRESS else BounceKind.SOFT,
        status=error.status,
        reason=error.reason,
        at=at,
    )


def drop(url: str, note: Note, reason: str, at: datetime, outcome: AttemptOutcome = AttemptOutcome.DEAD) -> Note:
    """A mail that nobody wants any more is given up; with ``HELD`` it is kept back instead."""
    status = MessageStatus.HELD if outcome is AttemptOutcome.HELD else MessageStatus.DEAD
    with transaction(url) as session:
        session.execute(
            update(Message)
            .where(Message.id == note.number)
            .values(status=status, last_error=reason, next_attempt_at=None)
        )
        _log(session, note.number, at, outcome, reason=reason)
    return Note(note.number, note.kind, note.subject, reason)


def put_off(url: str, numbers: Sequence[int], reason: str, at: datetime) -> Iterator[Note]:
    """Mails that were not even tried wait a little. It counts as no attempt: a server's absence kills no mail."""
    told = hide_addresses(reason)
    for start in range(0, len(numbers), AT_A_TIME):
        part = numbers[start : start + AT_A_TIME]
        waiting = (Message.id.in_(part), Message.status == MessageStatus.QUEUED)
        with transaction(url) as session:
            rows = session.execute(select(Message.id, Message.kind, Message.subject).where(*waiting)).all()
            session.execute(update(Message).where(*waiting).values(last_error=reason, next_attempt_at=at + FIRST_WAIT))
        yield from (Note(number, kind, subject, told) for number, kind, subject in rows)


def _log(
    session: Session,
    number: int,
    at: datetime,
    outcome: AttemptOutcome,
    *,
    code: int | None = None,
    status: str = "",
    reason: str = "",
) -> None:
    values = {"message_id": number, "at": at, "outcome": outcome, "code": code, "status": status, "reason": reason}
    session.execute(insert(MessageAttempt).values(values))
