"""What the operator has been told of a source in trouble, and what the nightly check found out about it."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.municipality import Source


class SourceState(enum.StrEnum):
    """How a source is, from worst to best. ``storage.source_health`` says which one holds, and why."""

    FAILING = "failing"
    EMPTY = "empty"
    BLOCKED = "blocked"
    LATE = "late"
    NEVER = "never"
    UNSUPPORTED = "unsupported"
    HEALTHY = "healthy"
    INACTIVE = "inactive"


class SourceAlarm(Base):
    """One stretch of trouble of one source; at most one of a source's rows is open (``recovered_at`` empty).

    ``told_at`` and ``recovery_told_at`` are set in the transaction that queues the operator's mail, so that no crash
    loses or doubles one. A source that falls ill again soon keeps its row and is not told again at once.
    """

    __tablename__ = "source_alarm"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    state: Mapped[SourceState] = mapped_column(word_column(SourceState))
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]
    recovery_told_at: Mapped[datetime | None]

    source: Mapped[Source] = relationship()


class SourceProbe(Base):
    """What the last check of a source's site found: one row for each source.

    ``platform`` is empty when no adapter fits; ``url`` is where it was found; ``evidence`` and ``reason`` are Danish
    phrases for what was seen; ``proposal`` holds the catalogue's lines when they would be others than now, else "".
    ``told_at`` is when the operator was mailed the proposal.
    """

    __tablename__ = "source_probe"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True, autoincrement=False)
    checked_at: Mapped[datetime]
    platform: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    proposal: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None]
