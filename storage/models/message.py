"""The outbox: every mail we ever queued, and which revisions it told its recipient of."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.agenda_item import Revision
from storage.models.recipient import Recipient


class MessageKind(enum.StrEnum):
    """What sort of mail it is."""

    CONFIRM = "confirm"
    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    CONSULTANT_WEEKLY = "consultant_weekly"
    OPERATOR = "operator"


class MessageStatus(enum.StrEnum):
    """``queued`` waits (also for a later attempt); ``dead`` has been given up, with ``last_error`` saying why."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


class Message(Base):
    """One mail. Natural key: ``key``, made from recipient, kind and content, never from the clock of the attempt.

    ``message_id`` is derived from ``key``, so a repeat after a crash is recognised by mail programs. ``mime`` is the
    whole mail as it is sent, composed once when queued; it is emptied after 30 days. ``subscription_ids`` are the
    subscriptions on whose behalf it was made: a queued mail whose subscriptions have all ended is not sent.
    """

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MessageKind] = mapped_column(word_column(MessageKind))
    key: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str] = mapped_column(Text)
    mime: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    subscription_ids: Mapped[list[int]] = mapped_column(default=list)
    status: Mapped[MessageStatus] = mapped_column(word_column(MessageStatus), default=MessageStatus.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    recipient: Mapped[Recipient] = relationship()
    entries: Mapped[list["MessageEntry"]] = relationship(back_populates="message", cascade="all, delete-orphan")


class MessageEntry(Base):
    """One revision told to one recipient: the mark that its matches are taken.

    The unique key is the promise "each recipient gets each item revision at most once, over all kinds of mail".
    ``reasons`` holds what was said, one entry for each association: ``subscription_id``, ``association_id`` (None for
    our own civil-society profile), ``association`` (its name), ``grade``, ``shown`` (False: counted and linked only)
    and ``said`` (sentences). Empty ``reasons`` mark an older revision that a newer one, told in the same mail,
    made out of date: it was never shown and can never be mailed later.
    """

    __tablename__ = "message_entry"
    __table_args__ = (UniqueConstraint("recipient_id", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), index=True)
    reasons: Mapped[list[dict[str, Any]]]

    message: Mapped[Message] = relationship(back_populates="entries")
    revision: Mapped[Revision] = relationship()
