"""A meeting, and the publications (agenda, supplementary agenda, minutes) that told us of it."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.committee import Committee

if TYPE_CHECKING:
    from storage.models.agenda_item import AgendaItem


class Stage(enum.StrEnum):
    """How far the papers of a meeting have come."""

    AGENDA = "agenda"
    SUPPLEMENTARY = "supplementary"
    MINUTES = "minutes"


class PublicationStatus(enum.StrEnum):
    """``listed``: seen, not read yet. Of those that left the list, ``superseded``: a newer publication took its place;
    ``withdrawn``: none did, and it was seen missing on two sweeps.
    """

    LISTED = "listed"
    STORED = "stored"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Meeting(Base):
    """Natural key: committee and local start, since platform ids follow the publication.

    ``starts_at`` is aware, Europe/Copenhagen; ``time_known`` is False when the source gave only a date.
    ``withdrawn_at`` is set when the last of its publications was withdrawn, and emptied when one is back.
    """

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("committee_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    time_known: Mapped[bool] = mapped_column(default=True)
    place: Mapped[str] = mapped_column(default="")
    stage: Mapped[Stage] = mapped_column(word_column(Stage), default=Stage.AGENDA)
    url: Mapped[str] = mapped_column(Text, default="")
    first_seen_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    committee: Mapped[Committee] = relationship()
    items: Mapped[list["AgendaItem"]] = relationship(back_populates="meeting", order_by="AgendaItem.sorting")
    publications: Mapped[list["Publication"]] = relationship(back_populates="meeting")


class Publication(Base):
    """One published paper of a meeting. Natural key: source and the platform's id.

    ``fingerprint`` is whatever the list says that moves when the paper changes (FirstAgenda: the
    ReleasedDate and the name); equal fingerprint and status ``stored`` means: need not be asked for again.
    ``meeting_id`` is empty while the list knows the publication but its content has not been read.
    ``next_attempt_at``: not to be asked for before then, since asking failed or nothing was there yet (``attempts`` in
    a row). ``reader``: the state of our own code that read it last, empty when unknown. ``missing_since``: the first
    sweep whose whole list no longer had it, while it is not back.
    """

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("source_id", "platform_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    platform_id: Mapped[str]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    committee_name: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    stage: Mapped[Stage] = mapped_column(word_column(Stage), default=Stage.AGENDA)
    released_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(default="")
    reader: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[PublicationStatus] = mapped_column(
        word_column(PublicationStatus), default=PublicationStatus.LISTED, index=True
    )
    error: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]

    meeting: Mapped[Meeting | None] = relationship(back_populates="publications")
