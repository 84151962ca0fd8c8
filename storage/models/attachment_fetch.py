"""The queue of papers to be fetched, one row for each address, and what became of each."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.document import Document


class FetchStatus(enum.StrEnum):
    """``waiting``: to be asked for from ``next_attempt_at`` on. ``superseded``: no revision in force holds it."""

    WAITING = "waiting"
    FETCHED = "fetched"
    GIVEN_UP = "given_up"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


class AttachmentFetch(Base):
    """Natural key: source and ``url_key`` (SHA-256 of the address: an index holds no address of any length).

    ``starts_at`` is the start of the latest meeting whose papers hold it, and decides whose turn it is.
    ``reason`` is a Danish sentence: why the last attempt failed, or why it will not be made.
    """

    __tablename__ = "attachment_fetch"
    __table_args__ = (
        UniqueConstraint("source_id", "url_key"),
        Index("ix_attachment_fetch_turn", "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    url_key: Mapped[str]
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[FetchStatus] = mapped_column(word_column(FetchStatus), default=FetchStatus.WAITING)
    starts_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)

    document: Mapped[Document | None] = relationship()
