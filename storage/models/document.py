"""The text of an attachment's file, kept once per content, and what the matcher has read in it."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, word_column


class DocumentStatus(enum.StrEnum):
    """How reading the file went; ``reason`` on the row says why when it went wrong.

    ``needs_ocr``: some pages are pictures, and no program that reads pictures was installed. ``refused``: too large,
    or of a kind that is not read. ``unreadable``: broken, encrypted, or beyond the limits that hold for a file.
    """

    READ = "read"
    NEEDS_OCR = "needs_ocr"
    UNREADABLE = "unreadable"
    REFUSED = "refused"


class Document(Base):
    """Natural key: ``sha256`` of the bytes. ``page_map`` holds ``{"page": n, "start": offset}`` into ``text``.

    ``pages`` counts the pages of the file (sheets of a workbook, slides), also those that were not read; ``reason``
    then says how many were.
    """

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str] = mapped_column(default="")
    size: Mapped[int]
    pages: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    page_map: Mapped[list[dict[str, int]]]
    status: Mapped[DocumentStatus] = mapped_column(word_column(DocumentStatus), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[datetime]


class DocumentTerms(Base):
    """The matcher's reading of one document, shared by all items it hangs on. Natural key: the document.

    ``version`` names the language components that made it; ``data`` is the matcher's own packed form.
    """

    __tablename__ = "document_terms"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentArrival(Base):
    """A revision got the text of one of its papers: the matcher looks at it again and takes the row away."""

    __tablename__ = "document_arrival"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), index=True)
