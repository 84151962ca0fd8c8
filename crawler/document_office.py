"""Text of office files: a streaming reader for the XML inside them, so that memory stays flat whatever they hold.

Pages are what the file itself knows of: breaks that the writer's program put down (Word, LibreOffice), slides, sheets.
"""

import io
import time
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import count
from typing import IO
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils.exceptions import InvalidFileException

from crawler.document_kind import DOCX, ODF, PPTX, XLSX, open_zip
from crawler.document_limits import CannotRead, DocumentRead, Limits, Pages
from crawler.document_pdf import clean_page

# Local names of WordprocessingML, DrawingML and OpenDocument.
_PARAGRAPHS = {"p", "h"}
_ROWS = {"tr", "table-row"}
_CELLS = {"tc", "table-cell"}
_PAGE_BREAKS = {"lastRenderedPageBreak", "soft-page-break"}
_SIGNS = {"tab": " ", "s": " ", "br": "\n", "cr": "\n", "line-break": "\n"} | dict.fromkeys(_PAGE_BREAKS, "\f")
# Deleted text, what fields are made from, remarks in the margin, and the second copy of a text box for old programs.
_SILENT = {"delText", "instrText", "tracked-changes", "annotation", "binary-data", "Fallback"}
_DEEPEST = 500
BROKEN = "Filen er i stykker: indholdet kan ikke læses."
HOSTILE = "Filen indeholder henvisninger, som ikke hører til i et dokument; den læses ikke."
_UNUSABLE = (
    ParseError,
    zipfile.BadZipFile,
    InvalidFileException,
    # What openpyxl, zipfile and zlib raise for files that are no such files inside.
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    zipfile.zlib.error,  # type: ignore[attr-defined]
)


def read_office(data: bytes, kind: str, limits: Limits) -> DocumentRead:
    """The pages' text. Raises ``CannotRead``."""
    pages = Pages(limits, time.monotonic() + limits.seconds * 0.8)
    total = 0
    try:
        for text in _sheets(data, pages) if kind == XLSX else _parts(data, kind):
            total += 1
            if not pages.add(clean_page(text), time.monotonic()):
                break
    except DefusedXmlException as error:
        raise CannotRead(HOSTILE, status="refused", content_type=kind) from error
    except _UNUSABLE as error:
        raise CannotRead(BROKEN, content_type=kind) from error
    reason = f"Kun de første {len(pages.found)} sider er læst: {pages.full}." if pages.full else ""
    return DocumentRead("read", kind, tuple(pages.found), total, reason)


def _parts(data: bytes, kind: str) -> Iterator[str]:
    with open_zip(data) as archive:
        if kind != PPTX:
            breaks = {"table"} if kind.endswith("spreadsheet") else {"page"} if kind.endswith("presentation") else set()
            with archive.open("word/document.xml" if kind == DOCX else "content.xml") as part:
                yield from _Flow(open_document=kind.startswith(ODF), page_starts=breaks).pages(part)
            return
        present = set(archive.namelist())
        for number in count(1):
            name = f"ppt/slides/slide{number}.xml"
            if name not in present:
                return
            with archive.open(name) as part:
                yield "\n".join(_Flow(open_document=False, page_starts=set()).pages(part))


class _Flow:
    """One XML part read from start to end. Elements are let go as soon as their paragraph has been read."""

    def __init__(self, *, open_document: bool, page_starts: set[str]) -> None:
        self._open_document, self._page_starts = open_document, page_starts
        self._page: list[str] = []
        self._rows: list[list[list[str]]] = []
        self._break_due = False

    def pages(self, part: IO[bytes]) -> Iterator[str]:
        """The text of each page."""
        path: list[Element] = []
        within = silent = 0
        for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
            name = _local(element)
            if event == "start":
                path.append(element)
                if len(path) > _DEEPEST:
                    raise CannotRead("Filen er i stykker: indholdet ligger i uendeligt mange lag.")
                within += name in _PARAGRAPHS
                silent += name in _SILENT
                self._open(name)
                self._break_due |= name in self._page_starts or (name in _PAGE_BREAKS and not within)
                continue
            path.pop()
            if name in _PARAGRAPHS:
                within -= 1
                if not silent:
                    yield from self._paragraph(self._text(element))
                element.clear()
            self._close(name)
            silent -= name in _SILENT
            if path and not within:
                path[-1].remove(element)
            yield from self._turn()
        yield "\n".join(self._page)

    def _open(self, name: str) -> None:
        if name in _ROWS:
            self._rows.append([])
        elif name in _CELLS and self._rows:
            self._rows[-1].append([])

    def _close(self, name: str) -> None:
        if name in _ROWS:
            cells = [" ".join(cell) for cell in self._rows.pop()]
            self._line(" | ".join(cell for cell in cells if cell.strip()))

    def _line(self, text: str) -> None:
        if self._rows:
            if self._rows[-1]:
                self._rows[-1][-1].append(" ".join(text.split()))
        elif text.strip():
            self._page.append(text)

    def _paragraph(self, text: str) -> Iterator[str]:
        first, *rest = text.split("\f")
        self._line(first)
        for piece in rest:
            self._break_due = True
            yield from self._turn()
            self._line(piece)

    def _turn(self) -> Iterator[str]:
        """Turns the page where one is due; not within a row, and never after an empty page."""
        if self._break_due and not self._rows:
            self._break_due = False
            if self._page:
                yield "\n".join(self._page)
                self._page = []

    def _text(self, paragraph: Element) -> str:
        if not self._open_document:
            return "".join(_run(one) for one in paragraph.iter())
        for one in paragraph.iter():
            name = _local(one)
            if name in _SIGNS:
                one.text = _SIGNS[name]
            elif name in _SILENT:
                for inner in [*one]:
                    one.remove(inner)
                one.text = ""
        return "".join(paragraph.itertext())


def _run(element: Element) -> str:
    name = _local(element)
    if name == "t":
        return element.text or ""
    if name == "br" and any(value == "page" for value in element.attrib.values()):
        return "\f"
    return _SIGNS.get(name, "")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _sheets(data: bytes, pages: Pages) -> Iterator[str]:
    """The values of each sheet, a line for each row: what the office program last calculated, no formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles that it does not know
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # a sheet may claim sixteen thousand million empty cells
            lines, room = [sheet.title], pages.room()
            for row in sheet.iter_rows(values_only=True):
                line = " | ".join(said for value in row if (said := _said(value)))
                if line:
                    lines.append(line)
                    room -= len(line)
                if room < 0 or time.monotonic() > pages.deadline:
                    break
            yield "\n".join(lines)
    finally:
        book.close()


def _said(value: object) -> str:
    """A cell's value as a Danish reader would write it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else ("ja" if value else "nej")
    if isinstance(value, datetime):
        return f"{value:%d-%m-%Y}" if value.time() == datetime.min.time() else f"{value:%d-%m-%Y %H.%M}"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return " ".join(str(value).split())
