"""The outbox, for the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, undefer

from storage.models import AgendaItem, Message, MessageEntry, MessageKind, MessageStatus, Recipient, Revision
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


def mail_counts(session: Session) -> dict[MessageStatus, int]:
    """How many mails are in which state."""
    rows = session.execute(select(Message.status, func.count()).group_by(Message.status))
    return dict(rows.all())


def one_mail(session: Session, mail_id: int) -> MailPage | None:
    """A mail with its content; None when there is none of that id."""
    message = session.scalar(
        select(Message).where(Message.id == mail_id).options(undefer(Message.mime), joinedload(Message.recipient))
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
