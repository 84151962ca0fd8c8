"""A municipality, and the source through which we read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.run import CrawlOutcome


class Municipality(Base):
    """Natural key: ``code`` = KOMKOD. Kept in step with the catalogue at every start."""

    __tablename__ = "municipality"

    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(index=True)
    region: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(Text, default="")

    source: Mapped["Source | None"] = relationship(back_populates="municipality")


class Source(Base):
    """Where a municipality's agendas are read, and how that has been going.

    ``active`` is False once the municipality has left the catalogue: what was read stays.
    ``config_problem`` holds what is wrong with its catalogue entry; ``visitor_state`` is opaque
    JSON of the adapter (a session cookie, say), kept between visits. ``last_outcome`` is that of the last visit that
    came to its own end; ``failing_since`` is when the first of the latest ``failure_streak`` visits began.
    ``newest_at`` is when the site last showed something new, ``usual_gap_days`` how long that normally takes
    (``storage.quiet_time``). ``list_is_whole`` is False for a site that only lists a window of time.
    ``flawed_since``: from this visit on, a part of the list (a committee's page, a line) could not be read at any.
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"), unique=True)
    platform: Mapped[str]
    base_url: Mapped[str] = mapped_column(Text)
    crawl_delay: Mapped[float] = mapped_column(default=1.0)
    active: Mapped[bool] = mapped_column(default=True)
    config_problem: Mapped[str | None] = mapped_column(Text)
    visitor_state: Mapped[str | None] = mapped_column(Text)
    last_attempt_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    failure_streak: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    next_poll_at: Mapped[datetime | None]
    meetings_listed: Mapped[int | None]
    last_outcome: Mapped[CrawlOutcome | None] = mapped_column(word_column(CrawlOutcome))
    failing_since: Mapped[datetime | None]
    flawed_since: Mapped[datetime | None]
    list_is_whole: Mapped[bool | None]
    newest_at: Mapped[datetime | None]
    usual_gap_days: Mapped[int | None]

    municipality: Mapped[Municipality] = relationship(back_populates="source")
