"""The wish to have a stretch of a source's archive read, and how far that has come."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Backfill(Base):
    """Natural key: source and days. Meetings from ``since`` and before ``until`` are to be read, the latest first.

    ``reached``: from this day on everything has been asked for (equal to ``until`` at the start); it moves on
    platforms whose list shows a window of time only. ``waiting``: publications seen and not read yet, as far as known.
    ``finished_at`` is set when all was asked for; what could not be read is then counted in ``failed``.
    """

    __tablename__ = "backfill"
    __table_args__ = (UniqueConstraint("source_id", "since", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]
    reached: Mapped[date]
    asked_at: Mapped[datetime]
    requests: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int | None]
    failed: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
