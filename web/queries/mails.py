"""The outbox, for the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from storage.models import (
    AgendaItem,
    JobRun,
    Message,
    MessageEntry,
    MessageKind,
    MessageStatus,
    Recipient,
    Revision,
    UnmadeMail,
)
from web.paging import Page, read_page

ENTRIES_SHOWN = 200


@dataclass(frozen=True)
class MailLine:
    """One mail in the list."""

    id: int
    email: str
    subject: str
    kind: MessageKind
    status: MessageStatus
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class ToldLine:
    """An item that a mail told of. ``reasons`` as the mail gave them, by association."""

    item_id: int
    title: str
    reasons: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class MailPage:
    """A mail with what it told of."""

    message: Message
    told: Sequence[ToldLine]


def find_mails(
    session: Session, *, status: MessageStatus | None, kind: MessageKind | None, number: int
) -> Page[MailLine]:
    """A page of the outbox, newest first."""
    statement = select(
        Message.id,
        Recipient.email,
        Message.subject,
        Message.kind,
        Message.status,
        Message.attempts,
        Message.created_at,
        Message.sent_at,
        Message.next_attempt_at,
        Message.last_error,
    ).join(Recipient, Recipient.id == Message.recipient_id)
    if status is not None:
        statement = statement.where(Message.status == status)
    if kind is not None:
        statement = statement.where(Message.kind == kind)
    page = read_page(session, statement.order_by(Message.id.desc()), number)
    return Page([MailLine(*row) for row in page.rows], page.number, page.more, page.total)


def unmade_mails(session: Session) -> Sequence[UnmadeMail]:
    """The mails that could not be composed, the oldest first."""
    return session.scalars(select(UnmadeMail).order_by(UnmadeMail.first_at).limit(ENTRIES_SHOWN)).all()


def last_mail_problems(session: Session) -> Sequence[str]:
    """What the last finished run of the notifier had to tell the operator."""
    query = select(JobRun.summary).where(JobRun.job == "notify", JobRun.finished_at.is_not(None))
    summary = session.scalar(query.order_by(JobRun.id.desc()).limit(1)) or {}
    problems = summary.get("problem_texts", [])
    return problems if isinstance(problems, list) else []


def mails_to(session: Session, recipient: Recipient, since: datetime) -> Sequence[Message]:
    """One reader's own mails, newest first, each with all that happened to it."""
    query = (
        select(Message)
        .where(Message.recipient_id == recipient.id, Message.created_at >= since)
        .options(selectinload(Message.tries))
        .order_by(Message.id.desc())
        .limit(ENTRIES_SHOWN)
    )
    return session.scalars(query).all()


def mail_counts(session: Session) -> dict[MessageStatus, int]:
    """How many mails are in which state."""
    rows = session.execute(select(Message.status, func.count()).group_by(Message.status))
    return dict(rows.all())


def one_mail(session: Session, mail_id: int) -> MailPage | None:
    """A mail with its content; None when there is none of that id."""
    message = session.scalar(
        select(Message)
        .where(Message.id == mail_id)
        .options(undefer(Message.mime), joinedload(Message.recipient), selectinload(Message.tries))
    )
    if message is None:
        return None
    rows = session.execute(
        select(AgendaItem.id, AgendaItem.title, MessageEntry.reasons)
        .join(Revision, Revision.id == MessageEntry.revision_id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .where(MessageEntry.message_id == mail_id)
        .order_by(MessageEntry.id)
        .limit(ENTRIES_SHOWN)
    )
    return MailPage(message, [ToldLine(*row) for row in rows])
