"""What becomes of each paper: read by the limited process, stored in one transaction, told to who listens."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable

from config.clock import now
from config.report_kinds import lists_coming_cases
from crawler import progress
from crawler.document_limits import DocumentRead, TablesRead
from crawler.document_text import ReaderPool, can_read_pictures
from storage import papers
from storage.engine import reading, transaction
from storage.models import Document
from storage.papers import Waiting


class PaperStore:
    """Keeps papers; its methods block, and may be called from several threads.

    ``failed`` counts the papers that could not be fetched, ``done`` the others.
    """

    def __init__(self, url: str, readers: ReaderPool, say: Callable[[progress.Event], None]) -> None:
        self._url, self._readers, self._say = url, readers, say
        self._counting = threading.Lock()
        self._same_file: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.done = self.failed = 0

    def wanted(self, one: Waiting) -> bool:
        """Whether the paper still has to be asked for."""
        with transaction(self._url) as session:
            return papers.still_wanted(session, one.id)

    def keep(self, one: Waiting, data: bytes) -> None:
        """Reads and stores the file, unless the same bytes were read before, at whatever address.

        Raises ``crawler.document_text.ReaderClosed`` when the run is being broken off.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with self._counting:
            turn = self._same_file[sha256]
        with turn:
            with reading(self._url) as session:
                known = papers.known_document(session, sha256, with_pictures=can_read_pictures())
            read = None if known else self._readers.read(data)
            tables = self._tables(one, read, data)
            with transaction(self._url) as session:
                moment = now()
                if read is not None:
                    known = papers.keep_document(session, read, sha256=sha256, size=len(data), moment=moment)
                if known is not None and tables is not None:
                    papers.keep_tables(session, known, tables)
                papers.fetched(session, one.id, known or 0, moment)
                kept = session.get_one(Document, known)
                event = progress.PaperRead(
                    code=one.code,
                    municipality=one.municipality,
                    title=one.title,
                    status=kept.status.value,
                    pages=kept.pages,
                    known=read is None,
                    reason=kept.reason or "",
                )
        with self._counting:
            self.done += 1
        self._say(event)

    def _tables(self, one: Waiting, read: DocumentRead | None, data: bytes) -> TablesRead | None:
        """The tables of a paper that lists coming cases; None for any other, whose tables nobody asks for."""
        if (
            read is None
            or read.status != "read"
            or not lists_coming_cases(one.title, read.pages[0] if read.pages else "")
        ):
            return None
        return self._readers.read_tables(data, read.content_type)

    def missed(self, one: Waiting, reason: str) -> None:
        """Puts down that the paper could not be fetched."""
        with transaction(self._url) as session:
            papers.not_fetched(session, one.id, reason, now())
        with self._counting:
            self.failed += 1
        self._say(
            progress.PaperNotFetched(code=one.code, municipality=one.municipality, title=one.title, reason=reason)
        )
