"""Tables of papers that list coming cases: a real recording, made files of each sort, and files that are broken."""

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
from fpdf import FPDF

from crawler.document_kind import DOCX, HTML, PDF, XLSX
from crawler.document_limits import Limits, TablesRead
from crawler.document_tables import read_tables
from crawler.document_text import DocumentReader

HEAD = ("Sag", "Afdeling", "Forventet behandlet")


@pytest.fixture(scope="module")
def recording(shared: Path) -> bytes:
    return (shared / "recordings/documents/sager-paa-vej-aarhus-2025-08-29.pdf").read_bytes()


@pytest.fixture(scope="module")
def read(recording: bytes) -> TablesRead:
    return read_tables(recording, PDF)


def test_every_word_of_the_real_list_stands_in_a_cell_once(recording: bytes, read: TablesRead) -> None:
    found = read
    assert found.status == "read"
    assert [table["page"] for table in found.tables] == [1, 2, 3, 4]
    pdf = pypdfium2.PdfDocument(recording)
    for table, page in zip(found.tables, pdf, strict=True):
        # What stands on the page outside its table: title, page number, and on the first page to whom and when.
        text = page.get_textpage().get_text_bounded()
        text = re.sub(r"Sager p.? ?vej – Sundhed og Omsorg 2025|Side \d af 4|Til: .*|Ajourført: .*", "", text)
        cells = Counter(word for row in table["rows"] for cell in row for word in (cell or "").split())
        assert cells == Counter(text.split())


def test_a_merged_heading_is_one_cell_and_the_rest_part_of_it(read: TablesRead) -> None:
    first = read.tables[0]["rows"]
    assert first[0] == ["Fremsendte sager 2025", None, None]
    assert first[1] == ["Sag", "Afd.", "Til politisk behandling"]
    assert first[3][2] == "Forventet fremsendt"
    assert first[4][2] == "Pt. i høring hos Ældreråd og Handicapråd –\nfremsendes medio september"


def test_word_and_excel_tables_are_read_with_merged_cells_and_days() -> None:
    paper = docx.Document()
    table = paper.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Sager på vej"
    for at, (head, cell) in enumerate(zip(HEAD, ("Boligplan", "Teknik", "maj 2027"), strict=True)):
        table.cell(1, at).text, table.cell(2, at).text = head, cell
    kept = io.BytesIO()
    paper.save(kept)
    (found,) = read_tables(kept.getvalue(), DOCX).tables
    assert found == {
        "page": None,
        "rows": [["Sager på vej", None, None], list(HEAD), ["Boligplan", "Teknik", "maj 2027"]],
    }

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    sheet.append(("Boligplan", "Teknik", date(2027, 5, 3)))
    hidden = book.create_sheet("Skjult")
    hidden.sheet_state = "hidden"
    hidden.append(("Sag", "Må ikke ses"))
    kept = io.BytesIO()
    book.save(kept)
    assert read_tables(kept.getvalue(), XLSX).tables == [
        {"page": 1, "rows": [list(HEAD), ["Boligplan", "Teknik", "3.5.2027"]]}
    ]


def test_a_table_without_lines_is_not_guessed_at() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    for line in ("Sager på vej", "Boligplan      Teknik      maj 2027", "Ensomhed      Social      juni 2027"):
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    found = read_tables(bytes(pdf.output()), PDF)
    assert (found.status, found.tables) == ("none", [])
    assert "ingen tabel" in found.reason


def test_a_page_full_of_drawing_costs_nothing() -> None:
    pdf = FPDF()
    pdf.add_page()
    for at in range(5_100):
        pdf.rect(at % 190, at % 250, 1, 1)
    assert read_tables(bytes(pdf.output()), PDF).status == "none"


@pytest.mark.parametrize("kind", [PDF, DOCX, XLSX, HTML])
@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n1 0 obj <<", b"PK\x03\x04" + b"\0" * 50, b"\xff" * 2000])
def test_broken_files_end_as_a_status_with_a_reason(kind: str, data: bytes) -> None:
    found = read_tables(data, kind)
    assert found.status in {"none", "failed"}
    assert found.reason


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_list_cut_short_raises_nothing(recording: bytes, share: float) -> None:
    found = read_tables(recording[: int(len(recording) * share)], PDF)
    assert found.status == "read" or found.reason


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_pages_tables_are_read_and_its_menus_are_none(encoding: str) -> None:
    page = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE html><html><head><title>Årsplan</title></head><body>'
        "<nav><ul><li>Forside</li></ul></nav><h1>Sager på vej</h1><table><thead><tr><th>Sag</th><th>Afdeling</th>"
        "<th>Forventet</th></tr></thead><tbody><tr><td>Ældrepolitik</td><td>Sundhed</td><td>maj 2027</td></tr></tbody>"
        "</table></body></html>"
    )
    assert read_tables(page.encode(encoding), HTML).tables == [
        {"page": None, "rows": [["Sag", "Afdeling", "Forventet"], ["Ældrepolitik", "Sundhed", "maj 2027"]]}
    ]


def test_other_kinds_of_files_say_that_their_tables_are_not_read() -> None:
    assert read_tables(b"Sag | Afdeling", "text/plain").status == "none"


def test_the_limited_process_hands_over_the_same_tables_and_survives_what_starves_it(
    recording: bytes, read: TablesRead
) -> None:
    with DocumentReader(ocr=False) as reader:
        assert reader.read_tables(recording, PDF) == read
    with DocumentReader(Limits(memory=1_000_000), ocr=False) as reader:
        starved = reader.read_tables(recording, PDF)
        assert (starved.status, bool(starved.reason)) == ("failed", True)
        reader.limits = Limits()
        assert reader.read(b"Sager").pages == ("Sager",), "another process has taken over"
