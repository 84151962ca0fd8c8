"""An agenda item, every revision of it, and a revision's sections and attachments."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, word_column
from storage.models.attachment_fetch import AttachmentFetch
from storage.models.case import Case
from storage.models.document import Document
from storage.models.meeting import Meeting, Stage


class SectionKind(enum.StrEnum):
    """What a section is for, read from its heading (glossary in docs/)."""

    SUMMARY = "summary"
    QUESTION = "question"
    RECOMMENDATION = "recommendation"
    PRESENTATION = "presentation"
    ECONOMY = "economy"
    HEARING = "hearing"
    DECISION = "decision"
    OTHER = "other"


class AgendaItem(Base):
    """One matter on one meeting's agenda, whatever publication it was read in.

    Our own identity: tied across publications by number, case number and ``title_key`` (the folded title)
    within the meeting. ``platform_id`` and ``url`` follow the newest publication; ``publication_id``
    is the newest publication it was read in. ``withdrawn_at`` is set when a newer publication of
    the same paper no longer has it; the text stays. ``taken_down_at`` is set when the operator has removed the text for
    good (``storage.take_down``): then ``title`` is a placeholder, ``title_key`` a digest, and no publication fills it.
    """

    __tablename__ = "agenda_item"
    __table_args__ = (Index("ix_agenda_item_tie", "meeting_id", "title_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("municipal_case.id"), index=True)
    platform_id: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    sorting: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(Text)
    case_number: Mapped[str] = mapped_column(default="")
    is_open: Mapped[bool] = mapped_column(default=True)
    supplementary: Mapped[bool] = mapped_column(default=False)
    url: Mapped[str] = mapped_column(Text, default="")
    first_seen_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    taken_down_at: Mapped[datetime | None]
    taken_down_reason: Mapped[str | None] = mapped_column(Text)

    meeting: Mapped[Meeting] = relationship(back_populates="items")
    case: Mapped[Case | None] = relationship(back_populates="items")
    revisions: Mapped[list["Revision"]] = relationship(back_populates="item", order_by="Revision.number")

    @property
    def newest(self) -> "Revision":
        """The revision in force."""
        return self.revisions[-1]


class Revision(Base):
    """An agenda item's content as it stood when we saw it. Never changed, except links that moved.

    ``changes`` are words of design.md section 4: published, text, title, attachment_added, attachment_removed,
    decision, moved, withdrawn; and attachment_changed, another text under the same title. ``content_hash`` is over the
    exact content, ``meaning_hash`` over the normalised one: equal meaning with other bytes makes ``material`` False,
    which never mails; so does a text that only our own code reads in another way.
    ``seen_at`` against the meeting's start tells whether the item lay ahead when it appeared.
    ``backfill`` marks what a deliberate read of the archive brought, which is never mailed.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"))
    number: Mapped[int]
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    stage: Mapped[Stage] = mapped_column(word_column(Stage))
    seen_at: Mapped[datetime] = mapped_column(index=True)
    changes: Mapped[list[str]]
    material: Mapped[bool] = mapped_column(default=True)
    backfill: Mapped[bool] = mapped_column(default=False)
    content_hash: Mapped[str]
    meaning_hash: Mapped[str]
    title: Mapped[str] = mapped_column(Text)

    item: Mapped[AgendaItem] = relationship(back_populates="revisions")
    sections: Mapped[list["Section"]] = relationship(
        back_populates="revision", order_by="Section.position", cascade="all, delete-orphan"
    )
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="revision", order_by="Attachment.position", cascade="all, delete-orphan"
    )


class Section(Base):
    """One headed part of an item. ``text`` is plain with line breaks; ``html`` is sanitised for display.

    Decisions of earlier committees are decisions too;
    ``own_decision`` is True only for the decision of this very meeting.
    """

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[SectionKind] = mapped_column(word_column(SectionKind))
    heading: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    own_decision: Mapped[bool] = mapped_column(default=False)

    revision: Mapped[Revision] = relationship(back_populates="sections")


class Attachment(Base):
    """A paper attached to an item. ``url`` is the portal's lasting link, never a signed storage link.

    ``fetch`` is empty until the address has got its place in the queue; ``document`` until the file has been read.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    position: Mapped[int]
    platform_id: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text, default="")
    has_pdf: Mapped[bool] = mapped_column(default=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    fetch_id: Mapped[int | None] = mapped_column(ForeignKey("attachment_fetch.id", ondelete="SET NULL"), index=True)

    revision: Mapped[Revision] = relationship(back_populates="attachments")
    document: Mapped[Document | None] = relationship()
    fetch: Mapped[AttachmentFetch | None] = relationship()
