"""What a mail told that never arrived is told in a new one, once the address takes mail again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from config.clock import local
from storage.models import (
    AgendaItem,
    AttemptOutcome,
    Message,
    MessageAttempt,
    MessageEntry,
    MessageKind,
    MessageStatus,
    NoticeEntry,
    Recipient,
    Revision,
    Subscription,
    SubscriptionStatus,
)

# What was held back on purpose stays so; what a person passed on, and a reminder, is that person's, or that day's.
LOST = (MessageStatus.DEAD, MessageStatus.BOUNCED)
KINDS = (
    MessageKind.IMMEDIATE,
    MessageKind.DAILY,
    MessageKind.WEEKLY,
    MessageKind.CATCH_UP,
    MessageKind.CONSULTANT_WEEKLY,
)
# A full mailbox is rarely emptied at once, and each refusal counts against the address.
WAIT = timedelta(days=1)
NEWS_FOR = timedelta(days=30)


def take_back(session: Session, now: datetime) -> None:
    """Takes the marks off what undelivered mails told, so that it waits again: items of meetings ahead, decisions, and
    notices. A day after the refusal, or as soon as somebody said that the address works. Running it twice changes
    nothing.
    """
    for mail in session.scalars(_lost(now)).all():
        if not _has_readers(session, mail):
            continue
        lost = list(_still_news(session, mail, now))
        notices = session.scalars(select(NoticeEntry.id).where(NoticeEntry.message_id == mail.id)).all()
        if not lost and not notices:
            continue
        session.execute(delete(MessageEntry).where(MessageEntry.id.in_(lost)))
        session.execute(delete(NoticeEntry).where(NoticeEntry.id.in_(notices)))
        session.add(
            MessageAttempt(
                message_id=mail.id,
                at=now,
                outcome=AttemptOutcome.TOLD_ANEW,
                reason="Det, der stadig er nyt i den, kommer med i en ny mail.",
            )
        )


def told_anew(mail: Message) -> bool:
    """True when what the mail told is, or will be, in another one."""
    return any(one.outcome is AttemptOutcome.TOLD_ANEW for one in mail.tries)


def _lost(now: datetime) -> Select[Message]:
    fresh = and_(
        MessageAttempt.at > now - WAIT,
        or_(Recipient.trusted_since.is_(None), MessageAttempt.at > Recipient.trusted_since),
    )
    settled = or_(MessageAttempt.outcome == AttemptOutcome.TOLD_ANEW, fresh)
    return (
        select(Message)
        .join(Recipient, Message.recipient_id == Recipient.id)
        .where(
            Message.status.in_(LOST),
            Message.kind.in_(KINDS),
            Message.created_at > now - NEWS_FOR,
            Recipient.bounced.is_(False),
            ~exists(select(MessageAttempt.id).where(MessageAttempt.message_id == Message.id, settled)),
        )
        .order_by(Message.id)
    )


def _has_readers(session: Session, mail: Message) -> bool:
    """False while all of the subscriptions that the mail was made for have ended, or rest."""
    return (
        session.scalar(
            select(Subscription.id)
            .where(Subscription.id.in_(mail.subscription_ids), Subscription.status == SubscriptionStatus.CONFIRMED)
            .limit(1)
        )
        is not None
    )


def _still_news(session: Session, mail: Message, now: datetime) -> Iterator[int]:
    """The ids of the mail's entries to be given up."""
    entries = session.scalars(
        select(MessageEntry)
        .where(MessageEntry.message_id == mail.id)
        .options(joinedload(MessageEntry.revision).joinedload(Revision.item).joinedload(AgendaItem.meeting))
    ).all()
    decided = {one.revision.item_id for one in entries if "decision" in one.revision.changes}
    for one in entries:
        meeting = one.revision.item.meeting
        ahead = meeting.starts_at > now if meeting.time_known else local(meeting.starts_at).date() >= local(now).date()
        if ahead or one.revision.item_id in decided:
            yield one.id
