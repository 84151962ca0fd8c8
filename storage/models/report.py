"""Management reports and lists of coming cases among the items and their papers, and the tables of such papers."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.agenda_item import AgendaItem, Revision
from storage.models.document import Document


class Report(Base):
    """An item, or one of its papers, that is a report. Natural key: the item and ``paper_key`` ("" for the item itself,
    else the paper's folded title).

    ``kind`` and ``group`` are words of ``config/report_kinds.toml``; ``word`` is what it was known by. ``position`` is
    the paper's in ``revision`` (-1 for the item). ``period_first`` and ``period_last``: the days it covers, both
    included. ``current`` is False when the newest revision no longer has it.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("item_id", "paper_key"), Index("ix_report_group", "group", "current"))

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    paper_key: Mapped[str] = mapped_column(Text, default="")
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    group: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    word: Mapped[str] = mapped_column(Text)
    period_text: Mapped[str] = mapped_column(Text, default="")
    period_first: Mapped[date | None]
    period_last: Mapped[date | None]
    pages: Mapped[int] = mapped_column(default=0)
    current: Mapped[bool] = mapped_column(default=True)
    first_seen_at: Mapped[datetime]

    item: Mapped[AgendaItem] = relationship()
    revision: Mapped[Revision] = relationship()


class TableStatus(enum.StrEnum):
    """How reading a paper's tables went: ``none``, it has no table that could be told from its lines; ``failed``,
    the file could not be read that way."""

    READ = "read"
    NONE = "none"
    FAILED = "failed"


class DocumentTables(Base):
    """The tables of a paper that lists coming cases, read while we had the file. Natural key: the document.

    ``tables``: each ``{"page": n or None, "rows": [[cell, …], …]}`` in the order of the file.
    """

    __tablename__ = "document_tables"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[TableStatus] = mapped_column(word_column(TableStatus))
    reason: Mapped[str] = mapped_column(Text, default="")
    tables: Mapped[list[dict[str, Any]]]

    document: Mapped[Document] = relationship()
