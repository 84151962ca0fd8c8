"""The text of an attachment's file, kept once per content."""

import enum
from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column


class DocumentStatus(enum.StrEnum):
    """How reading the file went; ``reason`` on the row says why when it went wrong."""

    READ = "read"
    NEEDS_OCR = "needs_ocr"
    UNREADABLE = "unreadable"
    REFUSED = "refused"


class Document(Base):
    """Natural key: ``sha256`` of the bytes. ``page_map`` holds ``{"page": n, "start": offset}`` into ``text``."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str] = mapped_column(default="")
    size: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    page_map: Mapped[list[dict[str, int]]]
    status: Mapped[DocumentStatus] = mapped_column(word_column(DocumentStatus))
    reason: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[datetime]
