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
    """What sort of mail it is.

    ``reminder``: deadlines that come near. ``catch_up``: what still lies ahead after a pause.
    ``forward``: an item that a person passed on. ``notice``: about
    the subscription itself, to somebody who has confirmed it.
    """

    CONFIRM = "confirm"
    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    CATCH_UP = "catch_up"
    REMINDER = "reminder"
    CONSULTANT_WEEKLY = "consultant_weekly"
    FORWARD = "forward"
    NOTICE = "notice"
    OPERATOR = "operator"


class MessageStatus(enum.StrEnum):
    """Where a mail is in its life.

    ``queued`` waits (also for a later attempt); ``dead`` has been given up, with ``last_error`` saying why; ``held``
    was kept back by the list of allowed recipients; ``bounced`` was taken by the mail server and came back later.
    """

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    HELD = "held"
    BOUNCED = "bounced"


NEVER_ARRIVED = (MessageStatus.DEAD, MessageStatus.HELD, MessageStatus.BOUNCED)
"""The states in which the recipient has not seen the mail, and will not."""


class AttemptOutcome(enum.StrEnum):
    """What became of a mail at one moment of its life.

    ``told_anew``: it never arrived, and what is still news in it waits for another mail.
    """

    SENT = "sent"
    LATER = "later"
    DEAD = "dead"
    HELD = "held"
    BOUNCED = "bounced"
    ASKED_AGAIN = "asked_again"
    TOLD_ANEW = "told_anew"


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
    tries: Mapped[list["MessageAttempt"]] = relationship(cascade="all, delete-orphan", order_by="MessageAttempt.id")


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


class MessageAttempt(Base):
    """One thing that happened to a mail: an attempt, a bounce, an operator's wish to try again.

    ``code`` is the server's answer (250, 451, …) when there was one, ``status`` its enhanced code (RFC 3463) or "".
    A mail that merely waits because the server is away gets no row: only what was tried counts.
    """

    __tablename__ = "message_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[AttemptOutcome] = mapped_column(word_column(AttemptOutcome))
    code: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class UnmadeMail(Base):
    """A mail that could not be composed. Natural key: ``key``, the letter that was asked for.

    Removed as soon as the letter can be made. ``boot`` names the process that tried last: a newer one, perhaps with
    the fault mended, tries at once, the same one waits until ``next_attempt_at``.
    """

    __tablename__ = "unmade_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=1)
    boot: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
