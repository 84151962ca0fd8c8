"""Each kind of file becomes pages of text, by what it is and not by what it is called."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from crawler.document_limits import DocumentRead, Limits
from crawler.document_text import DocumentReader, can_read_pictures
from tests.conftest import missing
from tests.crawler.document_files import docx, many_pages, odt, paragraph, pdf, scanned_pdf, xlsx, zipped

BREAK = "<w:lastRenderedPageBreak/>"
ROW = "<w:tr>{}</w:tr>"
CELL = "<w:tc>{}</w:tc>"


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader(ocr=False) as one:
        yield one


def test_a_pdf_is_read_page_by_page(reader: DocumentReader) -> None:
    read = reader.read(pdf("Ensomme ældre\nog besøgsvenner", "Økonomi på årsbasis"))
    assert read == DocumentRead("read", "application/pdf", ("Ensomme ældre\nog besøgsvenner", "Økonomi på årsbasis"), 2)
    assert [read.text[page["start"] :].split("\n")[0] for page in read.page_map] == [
        "Ensomme ældre",
        "Økonomi på årsbasis",
    ]


def test_the_recorded_paper_is_read_as_it_looks(reader: DocumentReader, shared: Path) -> None:
    read = reader.read((shared / "recordings" / "documents" / "sager-paa-vej-aarhus-2025-08-29.pdf").read_bytes())
    assert (read.status, read.page_count) == ("read", 4)
    assert "Side 1 af 4\nTil: Udvalget, Ældrerådet, Direktionen m.fl." in read.pages[0]
    assert "Svar på forslag fra V, M, KF, LA, DD og RV om lokalplejehjem Ældre og Omsorg September" in read.pages[0]


def test_a_word_document_has_the_pages_that_word_last_showed(reader: DocumentReader) -> None:
    table = f"<w:tbl>{ROW.format(CELL.format(paragraph('Pulje')) + CELL.format(paragraph('50.000 kr.')))}</w:tbl>"
    deleted = "<w:p><w:del><w:r><w:delText>slettet</w:delText></w:r></w:del><w:r><w:t>Bilag 1</w:t></w:r></w:p>"
    read = reader.read(docx(deleted + paragraph("Ensomhed") + table + paragraph("Anden side", BREAK)))
    assert read.pages == ("Bilag 1\nEnsomhed\nPulje | 50.000 kr.", "Anden side")
    assert read.content_type.endswith("wordprocessingml.document")


def test_an_opendocument_text_keeps_its_order(reader: DocumentReader) -> None:
    body = (
        "<text:h>Notat</text:h><text:p>Ens<text:span>om</text:span>hed<text:tab/>ja</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>før<text:soft-page-break/>efter</text:p>"
    )
    assert reader.read(odt(body)).pages == ("Notat\nEnsomhed ja\na | b\nfør", "efter")


def test_a_workbook_gives_values_sheet_by_sheet(reader: DocumentReader) -> None:
    dates = [[datetime(2026, 10, 8)]]  # noqa: DTZ001 - a workbook knows no zones
    read = reader.read(xlsx(("Puljer", [["Navn", "Beløb"], ["Natcafé", 1234.5]]), ("Datoer", dates)))
    assert read.pages == ("Puljer\nNavn | Beløb\nNatcafé | 1234,5", "Datoer\n08-10-2026")


def test_slides_are_pages(reader: DocumentReader) -> None:
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    parts = {f"ppt__slides__slide{number}_xml": slide.format(f"Dias {number}") for number in (1, 2)}
    assert reader.read(zipped(ppt__presentation_xml="<p/>", **parts)).pages == ("Dias 1", "Dias 2")


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        ("<!DOCTYPE html><p>Ensomme ældre</p><p>To</p>".encode(), "text/html", "Ensomme ældre\nTo"),
        ("<html><body>Ensomme ældre".encode("cp1252"), "text/html", "Ensomme ældre"),
        (b"\xef\xbb\xbf" + "Ensomme ældre\r\nTo".encode(), "text/plain", "Ensomme ældre\nTo"),
        ("Ensomme ældre".encode("cp1252"), "text/plain", "Ensomme ældre"),
        ("Ensomme ældre".encode("utf-16"), "text/plain", "Ensomme ældre"),
    ],
)
def test_plain_and_html_files_in_the_charsets_of_danish_offices(
    reader: DocumentReader, data: bytes, kind: str, text: str
) -> None:
    assert reader.read(data) == DocumentRead("read", kind, (text,), 1)


def test_what_no_database_can_hold_never_comes_out(reader: DocumentReader) -> None:
    assert reader.read("Ens\x00om\ufeff\u200bhed\x0b a\u030a".encode()).text == "Ensomhed å"


def test_a_word_broken_at_the_end_of_a_line_is_one_word() -> None:
    from crawler.document_pdf import clean_page  # noqa: PLC0415

    assert clean_page("fælles\ufffe\r\nspisning  \r\n\r\n i \x02\når") == "fællesspisning\n\ni år"


def test_of_too_many_pages_the_first_are_read_and_the_rest_is_owned_up_to() -> None:
    with DocumentReader(Limits(pages=20), ocr=False) as reader:
        read = reader.read(many_pages(500))
    assert (read.status, len(read.pages), read.page_count) == ("read", 20, 500)
    assert read.reason == "Kun de første 20 af 500 sider er læst: der er flere sider, end vi læser (20)."


def test_of_too_much_text_the_beginning_is_read() -> None:
    with DocumentReader(Limits(characters=30), ocr=False) as reader:
        read = reader.read(pdf("a" * 25, "b" * 25, "c"))
    assert read.pages == ("a" * 25, "b" * 5)
    assert "Kun de første 2 af 3 sider er læst" in read.reason


def test_a_file_that_is_too_large_is_not_even_handed_over() -> None:
    with DocumentReader(Limits(file_bytes=1_000_000), ocr=False) as reader:
        read = reader.read(b"%PDF-" + b"0" * 1_000_000)
    assert (read.status, read.reason) == ("refused", "Filen fylder mere end 1 MB.")


@pytest.fixture(scope="module")
def picture() -> bytes:
    """A page of text as a picture."""
    import io  # noqa: PLC0415

    import pypdfium2  # noqa: PLC0415
    from PIL.Image import Image  # noqa: PLC0415

    page = pypdfium2.PdfDocument(pdf("Referat fra møde om ensomhed blandt ældre.\nBesøgsvenner søges på Ærø."))[0]
    image: Image = page.render(scale=2).to_pil()
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def test_a_scanned_pdf_waits_for_a_program_that_reads_pictures(reader: DocumentReader, picture: bytes) -> None:
    read = reader.read(scanned_pdf(picture))
    assert read.status == "needs_ocr"
    assert "1 af 1 sider er billeder af tekst" in read.reason
    assert "tesseract-ocr-dan" in read.reason


def test_a_scanned_pdf_is_read_where_tesseract_is_installed(picture: bytes) -> None:
    if not can_read_pictures():
        missing("tesseract with Danish (tesseract-ocr-dan)")
    with DocumentReader(ocr=True) as reader:
        read = reader.read(scanned_pdf(picture))
        alone = reader.read(picture)
    assert read.status == alone.status == "read"
    for text in (read.text, alone.text):
        assert "ensomhed blandt ældre" in text
        assert "Besøgsvenner" in text
