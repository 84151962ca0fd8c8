"""Lists of coming cases that were not looked at yet become announced cases, or a reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from config.html_tables import html_tables
from config.report_kinds import recognise_heading
from matcher.coming_list import edition_day, read_coming
from storage.models import (
    AgendaItem,
    AnnouncedList,
    Attachment,
    Committee,
    DocumentStatus,
    DocumentTables,
    ListStatus,
    Meeting,
    Report,
    Revision,
    TableStatus,
)
from storage.save_announced import Edition, note_list, save_announced

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

AT_A_TIME: Final = 50
ITSELF: Final = -1
HEAD_AT_MOST: Final = 1200
NO_TABLE: Final = "Listen har ingen tabel, som vi kan læse sikkert. Åbn selv listen hos kommunen."
NOT_UNDERSTOOD: Final = "Tabellen har ingen kolonner, som vi kender (sag og tid). Åbn selv listen hos kommunen."
log = structlog.get_logger(__name__)


@dataclass
class EditionsRead:
    """What reading lists brought. ``unread``: lists with a reason why their rows are no cases."""

    read: int = 0
    unread: int = 0
    new_cases: int = 0


@dataclass(frozen=True)
class _Paper:
    tables: Sequence[dict[str, Any]]
    head: str
    reason: str


def waiting_lists(session: Session, at_most: int = AT_A_TIME) -> Sequence[Report]:
    """Lists of coming cases that were not looked at in their newest revision, and can be: an item's own text at once, a
    paper once its file was read."""
    return session.scalars(
        select(Report)
        .outerjoin(
            AnnouncedList,
            and_(AnnouncedList.revision_id == Report.revision_id, AnnouncedList.position == Report.position),
        )
        .outerjoin(
            Attachment, and_(Attachment.revision_id == Report.revision_id, Attachment.position == Report.position)
        )
        .where(
            Report.group == "coming",
            Report.current.is_(True),
            AnnouncedList.id.is_(None),
            or_(Report.position == ITSELF, Attachment.document_id.is_not(None)),
        )
        .order_by(Report.id)
        .limit(at_most)
        .options(
            selectinload(Report.revision).selectinload(Revision.sections),
            selectinload(Report.revision).selectinload(Revision.attachments),
            selectinload(Report.item)
            .selectinload(AgendaItem.meeting)
            .selectinload(Meeting.committee)
            .selectinload(Committee.municipality),
        )
    ).all()


def read_lists(session: Session, reports: Sequence[Report], *, read_at: datetime) -> EditionsRead:
    """Reads lists, oldest edition first. Each leaves a row that says what came of it."""
    result = EditionsRead()
    prepared = [(_edition(session, report), report) for report in reports]
    for (edition, paper), report in sorted(prepared, key=lambda one: (one[0][0].as_of, one[1].id)):
        try:
            rows = read_coming(paper.tables, edition.as_of)
        except Exception:
            # One odd table never keeps the other lists from being read; the row says that it was tried.
            log.exception("list of coming cases could not be read", report=report.id)
            rows = []
        if rows:
            result.new_cases += save_announced(session, edition, rows, read_at=read_at)[1]
            result.read += 1
            continue
        status = ListStatus.NOT_UNDERSTOOD if paper.tables else ListStatus.NO_TABLE
        reason = NOT_UNDERSTOOD if paper.tables else paper.reason
        if paper.tables or report.position != ITSELF or not report.revision.attachments:
            note_list(session, edition, status, reason=reason, read_at=read_at)
            result.unread += 1
        else:  # the item's list is in its papers, which have rows of their own
            note_list(session, edition, ListStatus.NO_TABLE, read_at=read_at)
    return result


def _edition(session: Session, report: Report) -> tuple[Edition, _Paper]:
    meeting = report.item.meeting
    paper = _own_text(report) if report.position == ITSELF else _file(session, report)
    held: date = meeting.starts_at.date()
    heading = recognise_heading(paper.head)
    title = report.title
    if heading is not None and report.position != ITSELF:
        title = next(line for line in paper.head.split("\n") if heading.word in line).strip()
    edition = Edition(
        revision_id=report.revision_id,
        position=report.position,
        municipality_code=meeting.committee.municipality_code,
        title=title,
        committee=meeting.committee.name,
        as_of=edition_day(paper.head, held) or held,
        mailable=not report.revision.backfill,
    )
    return edition, paper


def _own_text(report: Report) -> _Paper:
    sections = report.revision.sections
    tables = [table for section in sections for table in html_tables(section.html)]
    return _Paper(tables, "\n".join(section.text[:HEAD_AT_MOST] for section in sections)[:HEAD_AT_MOST], NO_TABLE)


def _file(session: Session, report: Report) -> _Paper:
    papers = {paper.position: paper for paper in report.revision.attachments}
    document = papers[report.position].document if report.position in papers else None
    if document is None:
        return _Paper((), "", NO_TABLE)
    found = session.get(DocumentTables, document.id)
    if document.status is not DocumentStatus.READ:
        return _Paper((), "", document.reason or "Filen kunne ikke læses.")
    head = document.text[:HEAD_AT_MOST]
    if found is None or found.status is not TableStatus.READ:
        return _Paper((), head, found.reason if found is not None and found.reason else NO_TABLE)
    return _Paper(found.tables, head, "")
