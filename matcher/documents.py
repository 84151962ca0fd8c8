"""Documents in storage, read once each: their terms are kept beside them and shared by all items they hang on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import structlog
from sqlalchemy import delete, func, select

from matcher.language.words import LANGUAGE_VERSION
from matcher.paper_reading import PaperReading, read_paper
from storage.engine import reading, transaction
from storage.models import Attachment, Document, DocumentArrival, DocumentTerms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy.orm import Session

    from storage.models import Revision

log = structlog.get_logger(__name__)


class DocumentPages(Sequence[str]):
    """A document's pages, taken from the database when someone looks: most items are judged without their texts."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._starts = [page["start"] for page in document.page_map]

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        end = self._starts[number + 1] if number + 1 < len(self) else None
        return self._document.text[self._starts[number] : end].removesuffix("\n" if end else "")


def read_documents(url: str, revisions: Collection[int], stop: Callable[[], bool]) -> int:
    """Reads the documents of these revisions that nobody has read yet, or an older version of the language components.

    Each is a transaction of its own. Returns how many could not be read; such a one counts as empty.
    """
    failed = 0
    with reading(url) as session:
        waiting = session.scalars(
            select(Attachment.document_id)
            .join(Document, Attachment.document_id == Document.id)
            .outerjoin(DocumentTerms, DocumentTerms.document_id == Document.id)
            .where(
                Attachment.revision_id.in_(revisions),
                (DocumentTerms.document_id.is_(None)) | (DocumentTerms.version != LANGUAGE_VERSION),
            )
            .distinct()
        ).all()
    for document_id in waiting:
        if stop():
            break
        with reading(url) as session:
            document = session.get_one(Document, document_id)
            try:
                read = read_paper(DocumentPages(document))
            except Exception:
                # Whatever a text does to us, the other papers go on.
                log.exception("document could not be analysed", document=document_id)
                read, failed = PaperReading((), ()), failed + 1
        with transaction(url) as session:
            row = session.get(DocumentTerms, document_id) or DocumentTerms(document_id=document_id)
            row.version, row.data = LANGUAGE_VERSION, read.to_bytes()
            session.add(row)
    return failed


def papers_of(session: Session, revision: Revision) -> tuple[PaperReading | None, ...]:
    """The stored readings of a revision's papers, in their order; None for one that has not been read."""
    ids = {row.document_id for row in revision.attachments if row.document_id is not None}
    if not ids:
        return ()
    stored = {
        row.document_id: PaperReading.from_bytes(row.data)
        for row in session.scalars(select(DocumentTerms).where(DocumentTerms.document_id.in_(ids)))
    }
    return tuple(stored.get(row.document_id or 0) for row in revision.attachments)


def last_arrivals(session: Session, revisions: Collection[int]) -> dict[int, int]:
    """By revision: the newest note that one of its papers has been read since the matcher looked."""
    rows = session.execute(
        select(DocumentArrival.revision_id, func.max(DocumentArrival.id).label("newest"))
        .where(DocumentArrival.revision_id.in_(revisions))
        .group_by(DocumentArrival.revision_id)
    )
    return {row.revision_id: row.newest for row in rows}


def settle(session: Session, seen: Mapping[int, int]) -> None:
    """Takes the notes away that were seen; one that came while the matcher was reading stays."""
    for revision, newest in seen.items():
        session.execute(
            delete(DocumentArrival).where(DocumentArrival.revision_id == revision, DocumentArrival.id <= newest)
        )
