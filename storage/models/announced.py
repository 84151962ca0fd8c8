"""Coming cases ("sager på vej"): what a municipality says that it will treat, before it is on any agenda."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.agenda_item import AgendaItem, Revision
from storage.models.association import Profile
from storage.models.municipality import Municipality


class ListStatus(enum.StrEnum):
    """``read``: its rows are announced cases. ``no_table`` and ``not_understood`` (a table whose columns say nothing
    we know) were not guessed at; ``reason`` says so in Danish."""

    READ = "read"
    NO_TABLE = "no_table"
    NOT_UNDERSTOOD = "not_understood"


class AnnouncedList(Base):
    """One edition of a list as it hung on an agenda item. Natural key: the revision and ``position`` (the paper's,
    or -1 for the item's own text).

    ``list_key`` is the same for all editions; ``as_of`` is the day the edition stands for. Only an edition that is
    not older than those read before changes the cases: papers may be read in any order.
    """

    __tablename__ = "announced_list"
    __table_args__ = (
        UniqueConstraint("revision_id", "position"),
        Index("ix_announced_list_edition", "municipality_code", "list_key", "as_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    position: Mapped[int]
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"))
    list_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date]
    status: Mapped[ListStatus] = mapped_column(word_column(ListStatus))
    reason: Mapped[str] = mapped_column(Text, default="")
    rows: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime]

    revision: Mapped[Revision] = relationship()


class CaseState(enum.StrEnum):
    """``coming`` → ``forwarded`` (sent to the politicians) → ``finished``; ``gone``: a newer edition left it out."""

    COMING = "coming"
    FORWARDED = "forwarded"
    FINISHED = "finished"
    GONE = "gone"


class AnnouncedCase(Base):
    """A coming case. Natural key: municipality, ``list_key`` and ``case_key`` (its folded title).

    ``expected`` as it stands; ``expected_first`` and ``expected_last`` the days it means, when that can be told.
    ``history``: ``{"on": day, "what": "moved" | "state", "from": …, "to": …}``, oldest first. ``item``: the agenda
    item that it became. ``mailable``: stood in an edition that came by the ordinary reading; what only the archive
    brought is never mailed. ``matched_with`` names the profiles and the matcher that it was compared with,
    ``compared_through`` the last agenda item whose title it was compared with.
    """

    __tablename__ = "announced_case"
    __table_args__ = (
        UniqueConstraint("municipality_code", "list_key", "case_key"),
        Index("ix_announced_case_state", "municipality_code", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[int] = mapped_column(ForeignKey("municipality.code"))
    list_key: Mapped[str] = mapped_column(Text)
    case_key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text, default="")
    committee: Mapped[str] = mapped_column(Text, default="")
    expected: Mapped[str] = mapped_column(Text, default="")
    expected_first: Mapped[date | None]
    expected_last: Mapped[date | None]
    state: Mapped[CaseState] = mapped_column(word_column(CaseState))
    history: Mapped[list[dict[str, Any]]]
    list_id: Mapped[int] = mapped_column(ForeignKey("announced_list.id", ondelete="CASCADE"), index=True)
    page: Mapped[int | None]
    first_seen_on: Mapped[date]
    last_seen_on: Mapped[date]
    mailable: Mapped[bool] = mapped_column(default=False)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"), index=True)
    matched_with: Mapped[str] = mapped_column(default="", index=True)
    compared_through: Mapped[int] = mapped_column(default=0)

    municipality: Mapped[Municipality] = relationship()
    edition: Mapped[AnnouncedList] = relationship()
    item: Mapped[AgendaItem | None] = relationship()


class AnnouncedMatch(Base):
    """A coming case that concerns a profile: always a weak find, for digests only. Natural key: profile and case.

    ``reasons`` as in ``Match``.
    """

    __tablename__ = "announced_match"
    __table_args__ = (UniqueConstraint("profile_id", "announced_case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    announced_case_id: Mapped[int] = mapped_column(ForeignKey("announced_case.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    reasons: Mapped[list[dict[str, Any]]]
    found_at: Mapped[datetime]

    profile: Mapped[Profile] = relationship()
    announced_case: Mapped[AnnouncedCase] = relationship()
