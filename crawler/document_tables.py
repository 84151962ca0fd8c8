"""Tables of a paper, cell by cell: for lists of coming cases only, while the file is at hand.

Called where the text of a file is read, inside the process with limits: pdfplumber is slow on hostile drawings and
has no limits of its own. What cannot be told from the file's own lines is not guessed at.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from config.html_tables import html_tables
from crawler.document_formats import decoded_html
from crawler.document_kind import DOCX, HTML, PDF, XLSX
from crawler.document_limits import TablesRead

# A document of lists is short; a plan of 400 pages with "årsplan" on its front is none.
MOST_PAGES: Final = 40
MOST_ROWS: Final = 3_000
MOST_CELLS: Final = 30
LONGEST_CELL: Final = 2_000
MOST_DRAWN: Final = 5_000  # lines and boxes on one page; a map or drawing has more, and costs the square of them
# Points. Word draws a shaded cell as one box within another; their edges are one line to the eye.
SAME_LINE: Final = 8

# A cell is None where the cell to its left (or above) covers it.
Cells = list[str | None]


def read_tables(data: bytes, kind: str, seconds: float = 20.0) -> TablesRead:
    """The tables of a file of this content type. ``seconds``: no further page is begun after so long.

    Raises nothing for what a file may hold: a file that cannot be read is a status with its reason.
    """
    readers = {PDF: _pdf, DOCX: _docx, XLSX: _xlsx, HTML: _html}
    if kind not in readers:
        return TablesRead("none", "Tabeller læses kun i PDF-, Word- og Excel-filer og på hjemmesider.")
    found: list[dict[str, Any]] = []
    rows = 0
    deadline = time.monotonic() + seconds
    try:
        for page, table in readers[kind](data):
            kept = [_row(row) for row in table[: MOST_ROWS - rows]]
            kept = [row for row in kept if any(row)]
            rows += len(kept)
            if kept:
                found.append({"page": page, "rows": kept})
            if rows >= MOST_ROWS or time.monotonic() > deadline:
                break
    except MemoryError:
        raise  # the process with limits tells what that means
    except Exception as error:
        return TablesRead("failed", f"Tabellerne i filen kunne ikke læses ({type(error).__name__}).", found)
    if not found:
        return TablesRead("none", "Filen har ingen tabel med streger eller celler, som vi kan læse.")
    return TablesRead("read", tables=found)


def _pdf(data: bytes) -> Iterator[tuple[int | None, list[list[Any]]]]:
    import pdfplumber  # noqa: PLC0415 - takes half a second that most files need not wait for

    settings = {"snap_x_tolerance": SAME_LINE, "join_x_tolerance": SAME_LINE}
    with pdfplumber.open(io.BytesIO(data), unicode_norm="NFC") as pdf:
        for number, page in enumerate(pdf.pages[:MOST_PAGES], start=1):
            if len(page.rects) + len(page.lines) + len(page.curves) <= MOST_DRAWN:
                for table in page.find_tables(settings):
                    yield number, table.extract()
            else:
                yield number, []
            page.close()


def _docx(data: bytes) -> Iterator[tuple[int | None, list[list[Any]]]]:
    import docx  # noqa: PLC0415

    for table in docx.Document(io.BytesIO(data)).tables:
        rows: list[list[Any]] = []
        for row in table.rows[:MOST_ROWS]:
            seen: set[int] = set()
            cells: list[Any] = []
            for cell in row.cells:
                cells.append(None if id(cell._tc) in seen else cell.text)
                seen.add(id(cell._tc))
            rows.append(cells)
        yield None, rows


def _xlsx(data: bytes) -> Iterator[tuple[int | None, list[list[Any]]]]:
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        for number, sheet in enumerate(book.worksheets, start=1):
            if sheet.sheet_state == "visible":
                wide = min(MOST_CELLS, sheet.max_column or MOST_CELLS)
                rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=wide, values_only=True)
                # An empty cell and a covered one look alike here.
                yield number, [["" if cell is None else cell for cell in row] for row in rows]
    finally:
        book.close()


def _html(data: bytes) -> Iterator[tuple[int | None, list[list[Any]]]]:
    for table in html_tables(decoded_html(data)):
        yield None, table["rows"]


def _row(cells: Iterable[Any]) -> Cells:
    return [None if cell is None else _text(cell) for cell in list(cells)[:MOST_CELLS]]


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"{value.day}.{value.month}.{value.year}"
    text = str(value).replace("\x00", "")[:LONGEST_CELL]
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
