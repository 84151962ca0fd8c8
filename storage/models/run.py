"""What ran, when, and how it went: one row per visit to a source, one per job."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column


class CrawlOutcome(enum.StrEnum):
    """``partial``: the list was read, some publications failed. ``running`` after the process ended: it was killed."""

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    EMPTY = "empty"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"


class CrawlRun(Base):
    """One visit to one source. Counts are of this visit; ``error`` is a sample in words.

    ``archive``: the visit read old meetings for a ``Backfill``; it says nothing of what the source normally has.
    ``ahead`` counts the listed publications of meetings that lay ahead; empty when the visit did not ask for those, or
    saw no list.
    """

    __tablename__ = "crawl_run"
    __table_args__ = (Index("ix_crawl_run_source_started", "source_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    requests: Mapped[int] = mapped_column(default=0)
    listed: Mapped[int] = mapped_column(default=0)
    ahead: Mapped[int | None]
    wanted: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[CrawlOutcome] = mapped_column(word_column(CrawlOutcome), default=CrawlOutcome.RUNNING)
    error: Mapped[str | None] = mapped_column(Text)
    archive: Mapped[bool] = mapped_column(default=False)

    @property
    def seconds(self) -> float | None:
        """How long the visit took; None while it goes on."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class JobRun(Base):
    """One run of a job of the service (crawl, match, notify, …)."""

    __tablename__ = "job_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    exit_code: Mapped[int | None]
    summary: Mapped[dict[str, Any]]
    error: Mapped[str | None] = mapped_column(Text)
