"""What the matcher found out: an item revision's terms, and the profiles it concerns."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.agenda_item import Revision
from storage.models.association import Profile


class Grade(enum.StrEnum):
    """Strong matches may mail at once; weak ones only go into digests."""

    STRONG = "strong"
    WEAK = "weak"


class MatchOrigin(enum.StrEnum):
    """Why the matcher looked. Only ``published`` and ``profile`` may mail: our own reprocessing never does."""

    PUBLISHED = "published"
    PROFILE = "profile"
    VOCABULARY = "vocabulary"


class Analysis(Base):
    """The matcher's reading of one revision. Natural key: the revision.

    ``version`` names the language components and thesaurus that made it; ``terms`` is the matcher's own form,
    enough to meet a new profile without reading the text again; ``signals`` are the civic signals (design.md 7);
    ``last_deadline`` is the latest day among its deadlines, so that those ahead are found without reading them all.
    """

    __tablename__ = "analysis"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), unique=True)
    version: Mapped[str] = mapped_column(index=True)
    terms: Mapped[dict[str, Any]]
    signals: Mapped[dict[str, Any]]
    last_deadline: Mapped[date | None] = mapped_column(index=True)
    analysed_at: Mapped[datetime]

    revision: Mapped[Revision] = relationship()


class Match(Base):
    """An item revision that concerns a profile. Natural key: profile and revision.

    ``score`` in 0..1. ``reasons``: what the mail and the page show, each with ``label``, ``text`` (as it stands in
    the source), ``section`` (Danish name) and ``said`` (a sentence for people). ``quote``: the best passage.
    ``current`` is False when a later look (changed profile or thesaurus) no longer finds it.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("profile_id", "revision_id"),
        Index("ix_match_waiting", "revision_id", "current", "origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    score: Mapped[float]
    grade: Mapped[Grade] = mapped_column(word_column(Grade))
    reasons: Mapped[list[dict[str, Any]]]
    quote: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[MatchOrigin] = mapped_column(word_column(MatchOrigin))
    profile_hash: Mapped[str]
    current: Mapped[bool] = mapped_column(default=True)
    found_at: Mapped[datetime]

    profile: Mapped[Profile] = relationship()
    revision: Mapped[Revision] = relationship()
