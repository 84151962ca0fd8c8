"""The people who get mail: an address, and what it subscribes to."""

import enum
from datetime import date, datetime

from sqlalchemy import Boolean, ForeignKey, Text, UniqueConstraint
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
    """pending → confirmed → paused or unsubscribed. Only confirmed ones get anything but the confirmation mail.

    ``expired``: the operator wrote the address up and nobody confirmed it in time; it is asked again only on request.
    """

    PENDING = "pending"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class Role(enum.StrEnum):
    """Who somebody is to an association or a municipality.

    A watcher gets the association's mails; a deputy gets them while no watcher does. A consultant reads a
    municipality's weekly digest.
    """

    WATCHER = "watcher"
    DEPUTY = "deputy"
    CONSULTANT = "consultant"


class Recipient(Base):
    """A mail address. Natural key: ``email_key``, the folded address: one person is one row over all subscriptions.

    ``bounced`` with ``bounced_at`` and ``bounce_reason``: the address takes no mail (``storage/bounces.py``).
    ``trusted_since``: when it was last said to work again; bounces from before then no longer count.
    """

    __tablename__ = "recipient"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    bounced: Mapped[bool] = mapped_column(Boolean, default=False)
    bounced_at: Mapped[datetime | None]
    bounce_reason: Mapped[str | None] = mapped_column(Text)
    trusted_since: Mapped[datetime | None]
    created_at: Mapped[datetime]

    subscriptions: Mapped[list["Subscription"]] = relationship(
        back_populates="recipient", order_by="Subscription.id", cascade="all, delete-orphan"
    )


class Subscription(Base):
    """A recipient's tie to one association (watcher or deputy) or one municipality (consultant).

    Natural key: recipient and association, or recipient and municipality. ``confirmed_at`` is where its
    history begins: what was published for meetings held before then is never mailed.

    ``asked_at``: when a mail with a link to confirm was last asked for; ``invited_at``: when the last one was made.
    ``by_form``: the person signed up on the page, so that an unconfirmed address is erased in the end. ``replaces_id``
    is the watcher who goes when this one confirms. ``paused_until`` is the day on which a pause ends (None: until
    further notice), ``returned_at`` the end of the last one, when a catch-up is due. ``duty_since``: since when a
    deputy has been standing in (None: off duty). ``imported``: role and frequency as the profile file last said.
    ``weekday`` (0 is Monday) and ``hour`` are when digests come, Danish time; ``compact`` ones name each item only.
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
    asked_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]
    by_form: Mapped[bool] = mapped_column(default=False)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("subscription.id", ondelete="SET NULL"))
    paused_until: Mapped[date | None]
    returned_at: Mapped[datetime | None]
    duty_since: Mapped[datetime | None]
    imported: Mapped[str] = mapped_column(default="")
    weekday: Mapped[int] = mapped_column(default=0)
    hour: Mapped[int] = mapped_column(default=7)
    compact: Mapped[bool] = mapped_column(default=False)

    recipient: Mapped[Recipient] = relationship(back_populates="subscriptions")
    association: Mapped[Association | None] = relationship()
    municipality: Mapped[Municipality | None] = relationship()
    replaces: Mapped["Subscription | None"] = relationship(remote_side="Subscription.id", post_update=True)

    @property
    def takes_over(self) -> bool:
        """True while this person has been asked to take the watch over, and has not answered."""
        waiting = self.status is SubscriptionStatus.PENDING or self.role is Role.DEPUTY
        return self.replaces_id is not None and waiting

    @property
    def hears_from(self) -> datetime | None:
        """Where the history that this subscription is told of begins."""
        return self.duty_since if self.role is Role.DEPUTY else self.confirmed_at
