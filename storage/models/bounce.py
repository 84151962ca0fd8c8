"""Mail that came back."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column


class BounceKind(enum.StrEnum):
    """``hard``: the address does not exist. ``soft``: it does, but this mail was refused (full, too big, policy)."""

    HARD = "hard"
    SOFT = "soft"


class Bounce(Base):
    """One refusal of one recipient, by the mail server at once or by a report that came back.

    Natural key: ``key``, a fingerprint of the report, so that reading a mailbox twice counts nothing twice.
    ``status`` is the enhanced code of RFC 3463 or "".
    """

    __tablename__ = "bounce"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    kind: Mapped[BounceKind] = mapped_column(word_column(BounceKind))
    status: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
