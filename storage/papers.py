"""The queue of papers: which addresses wait, whose turn it is, and what came of each.

All waiting work is found by index: what has no place in the queue yet, and the queue's own order.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.exchanged import hand_on
from storage.models import (
    AgendaItem,
    Attachment,
    AttachmentFetch,
    Document,
    DocumentArrival,
    DocumentStatus,
    DocumentTables,
    FetchStatus,
    Meeting,
    Municipality,
    Publication,
    Revision,
    Source,
    TableStatus,
)
from storage.published import ReadDocument, ReadTables

FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=2)
# With doubling waits the last attempt lies some five days after the first.
MOST_ATTEMPTS = 8
NO_ADDRESS = "Kommunen har ikke lagt bilaget ud som en fil."
_NAMED_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|html?|jpe?g|png|tiff?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Waiting:
    """An address whose turn it is. ``title`` is what one of the items that hold it calls the paper."""

    id: int
    source_id: int
    code: int
    municipality: str
    url: str
    title: str


def take_places(session: Session, at_most: int, moment: datetime) -> int:
    """Gives papers that were published since the last time their place in the queue, newest first; how many.

    ``at_most`` is a few hundred: databases limit how many values one question may hold. An address that was fetched
    before hands its document on at once. To be called until it gives 0.
    """
    newest = _is_newest(Revision)
    rows = session.execute(
        select(Attachment, Publication.source_id, Meeting.starts_at, AgendaItem.url, AgendaItem.withdrawn_at, newest)
        .join(Revision, Attachment.revision_id == Revision.id)
        .join(Publication, Revision.publication_id == Publication.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .where(Attachment.fetch_id.is_(None))
        .order_by(Attachment.id.desc())
        .limit(at_most)
    ).all()
    known = _known(session, {(source, _key(paper.url)) for paper, source, *_ in rows})
    for paper, source, starts_at, item_url, withdrawn_at, in_force in rows:
        place = known.get((source, _key(paper.url)))
        if place is None:
            place = AttachmentFetch(source_id=source, url_key=_key(paper.url), url=paper.url, attempts=0)
            place.next_attempt_at, place.starts_at = moment, starts_at
            place.status = FetchStatus.SUPERSEDED if _is_file(paper, item_url) else FetchStatus.REFUSED
            place.reason = None if place.status is FetchStatus.SUPERSEDED else NO_ADDRESS
            session.add(place)
            known[source, place.url_key] = place
        if in_force and withdrawn_at is None:
            place.starts_at = max(place.starts_at, starts_at)
            # A document that was erased with an item that was taken down is asked for again when the item is back.
            erased = place.status is FetchStatus.FETCHED and place.document_id is None
            if place.status is FetchStatus.SUPERSEDED or erased:
                place.status = FetchStatus.WAITING
        paper.fetch = place
        if place.document_id is not None:
            hand_on(session, paper, place.document_id, moment)
    session.flush()
    return len(rows)


def whose_turn(session: Session, at_most: int, moment: datetime, codes: Sequence[int] = ()) -> list[Waiting]:
    """The addresses to be asked for now: meetings ahead, the soonest first; then back in time."""
    due = and_(
        AttachmentFetch.status == FetchStatus.WAITING,
        AttachmentFetch.next_attempt_at <= moment,
        Source.active.is_(True),
    )
    query = (
        select(AttachmentFetch, Municipality.code, Municipality.name)
        .join(Source, AttachmentFetch.source_id == Source.id)
        .join(Municipality, Source.municipality_code == Municipality.code)
        .where(due, Municipality.code.in_(codes) if codes else True)  # type: ignore[arg-type]
    )
    ahead = AttachmentFetch.starts_at >= moment
    rows = session.execute(query.where(ahead).order_by(AttachmentFetch.starts_at).limit(at_most)).all()
    if len(rows) < at_most:
        back = query.where(~ahead).order_by(AttachmentFetch.starts_at.desc()).limit(at_most - len(rows))
        rows = [*rows, *session.execute(back).all()]
    titles = _titles(session, [place.id for place, *_ in rows])
    return [
        Waiting(place.id, place.source_id, code, name, place.url, titles.get(place.id, ""))
        for place, code, name in rows
    ]


def still_wanted(session: Session, fetch_id: int) -> bool:
    """Whether a revision in force still holds the paper; when none does, the place in the queue says so."""
    holder = (
        select(Attachment.id)
        .join(Revision, Attachment.revision_id == Revision.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .where(Attachment.fetch_id == fetch_id, AgendaItem.withdrawn_at.is_(None), _is_newest(Revision))
    )
    if session.scalar(select(exists(holder))):
        return True
    place = session.get_one(AttachmentFetch, fetch_id)
    place.status = FetchStatus.SUPERSEDED
    return False


def known_document(session: Session, sha256: str, *, with_pictures: bool) -> int | None:
    """The document with these bytes, unless it is to be read again now that pictures can be read."""
    row = session.scalar(select(Document).where(Document.sha256 == sha256))
    if row is None or (with_pictures and row.status is DocumentStatus.NEEDS_OCR):
        return None
    return row.id


def keep_document(session: Session, read: ReadDocument, *, sha256: str, size: int, moment: datetime) -> int:
    """Stores what was read of a file; its id. Items that hold the file already are looked at again."""
    row = session.scalar(select(Document).where(Document.sha256 == sha256))
    if row is None:
        row = Document(sha256=sha256, size=size)
        session.add(row)
    row.content_type, row.pages, row.page_map = read.content_type, read.page_count, read.page_map
    row.text, row.status, row.reason = read.text, DocumentStatus(read.status), read.reason or None
    row.fetched_at = moment
    session.flush()
    holders = session.scalars(select(Attachment.revision_id).where(Attachment.document_id == row.id).distinct())
    session.add_all(DocumentArrival(revision_id=holder) for holder in holders.all())
    return row.id


def keep_tables(session: Session, document_id: int, read: ReadTables) -> None:
    """Keeps the tables of a document, or why there are none; those of an earlier reading go."""
    row = session.get(DocumentTables, document_id)
    if row is None:
        row = DocumentTables(document_id=document_id)
        session.add(row)
    row.status, row.reason, row.tables = TableStatus(read.status), read.reason, read.tables
    session.flush()


def fetched(session: Session, fetch_id: int, document_id: int, moment: datetime) -> None:
    """The address was read: everything that points to it gets the document, and is looked at again."""
    place = session.get_one(AttachmentFetch, fetch_id)
    place.status, place.document_id, place.reason = FetchStatus.FETCHED, document_id, None
    place.attempts += 1
    changed = and_(
        Attachment.fetch_id == fetch_id,
        or_(Attachment.document_id.is_(None), Attachment.document_id != document_id),
    )
    for paper in session.scalars(select(Attachment).where(changed)).all():
        hand_on(session, paper, document_id, moment)


def not_fetched(session: Session, fetch_id: int, reason: str, moment: datetime) -> FetchStatus:
    """Puts a failed attempt down: tried again after a growing wait, or given up."""
    place = session.get_one(AttachmentFetch, fetch_id)
    place.attempts += 1
    place.reason = reason
    place.next_attempt_at = moment + min(FIRST_RETRY * float(2 ** min(place.attempts - 1, 10)), LONGEST_RETRY)
    if place.attempts >= MOST_ATTEMPTS:
        place.status = FetchStatus.GIVEN_UP
    return place.status


def refused(session: Session, fetch_id: int, reason: str) -> None:
    """The address is one that is never asked for."""
    place = session.get_one(AttachmentFetch, fetch_id)
    place.status, place.reason = FetchStatus.REFUSED, reason


def ask_for_pictures_again(session: Session, moment: datetime) -> int:
    """Puts the papers that waited for a program that reads pictures back into the queue; how many."""
    waiting = select(Document.id).where(Document.status == DocumentStatus.NEEDS_OCR)
    return _back_into_queue(session, AttachmentFetch.document_id.in_(waiting), moment)


def ask_for_given_up_again(session: Session, moment: datetime, codes: Sequence[int] = ()) -> int:
    """Puts the papers that were given up back into the queue; how many."""
    here = select(Source.id).where(Source.municipality_code.in_(codes)) if codes else select(Source.id)
    given_up = and_(AttachmentFetch.status == FetchStatus.GIVEN_UP, AttachmentFetch.source_id.in_(here))
    return _back_into_queue(session, given_up, moment)


def queue_counts(session: Session) -> dict[int, tuple[int, int]]:
    """For each municipality's code: (papers waiting, papers given up)."""
    counts = session.execute(
        select(Source.municipality_code, AttachmentFetch.status, func.count())
        .join(Source, AttachmentFetch.source_id == Source.id)
        .where(AttachmentFetch.status.in_([FetchStatus.WAITING, FetchStatus.GIVEN_UP]))
        .group_by(Source.municipality_code, AttachmentFetch.status)
    )
    found: dict[int, tuple[int, int]] = {}
    for code, status, number in counts:
        waiting, given_up = found.get(code, (0, 0))
        found[code] = (number, given_up) if status is FetchStatus.WAITING else (waiting, number)
    return found


def _back_into_queue(session: Session, which: Any, moment: datetime) -> int:
    values = {"status": FetchStatus.WAITING, "attempts": 0, "next_attempt_at": moment}
    # The driver's own count of rows is not typed; the rows are few.
    ids = session.scalars(select(AttachmentFetch.id).where(which, AttachmentFetch.status != FetchStatus.WAITING)).all()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.execute(update(AttachmentFetch).where(AttachmentFetch.id.in_(part)).values(**values))
    return len(ids)


def _is_newest(revision: Any) -> Any:
    later = aliased(Revision)
    return ~exists(select(later.id).where(later.item_id == revision.item_id, later.number > revision.number))


def _known(session: Session, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], AttachmentFetch]:
    found: dict[tuple[int, str], AttachmentFetch] = {}
    for source in {source for source, _ in wanted}:
        keys = [key for owner, key in wanted if owner == source]
        places = select(AttachmentFetch).where(AttachmentFetch.source_id == source, AttachmentFetch.url_key.in_(keys))
        found |= {(source, place.url_key): place for place in session.scalars(places)}
    return found


def _titles(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = session.execute(
            select(Attachment.fetch_id, func.max(Attachment.title))
            .where(Attachment.fetch_id.in_(part))
            .group_by(Attachment.fetch_id)
        )
        found |= {fetch_id: title for fetch_id, title in rows if fetch_id is not None}
    return found


def _is_file(paper: Attachment, item_url: str) -> bool:
    """A paper without a PDF of its own is one only where its address names a file."""
    if not paper.url or paper.url == item_url:
        return False
    try:
        return paper.has_pdf or bool(_NAMED_FILE.search(urlsplit(paper.url).path))
    except ValueError:
        return False


def _key(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
