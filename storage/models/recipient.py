"""The people who get mail: an address, and what it subscribes to."""

import enum
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.association import Association
from storage.models.municipality import Municipality


class Frequency(enum.StrEnum):
    """How often a subscription wants mail."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriptionStatus(enum.StrEnum):
    """pending → confirmed → paused or unsubscribed. Only confirmed ones get anything but the confirmation mail."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class Role(enum.StrEnum):
    """A watcher is an association's person; a consultant reads a municipality's weekly digest."""

    WATCHER = "watcher"
    CONSULTANT = "consultant"


class Recipient(Base):
    """A mail address. Natural key: ``email_key``, the folded address: one person is one row over all subscriptions."""

    __tablename__ = "recipient"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    bounced: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]

    subscriptions: Mapped[list["Subscription"]] = relationship(
        back_populates="recipient", order_by="Subscription.id", cascade="all, delete-orphan"
    )


class Subscription(Base):
    """A recipient's tie to one association (watcher) or one municipality (consultant).

    Natural key: recipient and association, or recipient and municipality. ``confirmed_at`` is where its
    history begins: what was published for meetings held before then is never mailed.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("recipient_id", "association_id"),
        UniqueConstraint("recipient_id", "municipality_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(word_column(Role))
    association_id: Mapped[int | None] = mapped_column(ForeignKey("association.id", ondelete="CASCADE"), index=True)
    municipality_code: Mapped[int | None] = mapped_column(ForeignKey("municipality.code"), index=True)
    frequency: Mapped[Frequency] = mapped_column(word_column(Frequency))
    status: Mapped[SubscriptionStatus] = mapped_column(
        word_column(SubscriptionStatus), default=SubscriptionStatus.PENDING
    )
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    recipient: Mapped[Recipient] = relationship(back_populates="subscriptions")
    association: Mapped[Association | None] = relationship()
    municipality: Mapped[Municipality | None] = relationship()
