"""Text of PDF files page by page; pages that are pictures are rendered for the program that reads pictures."""

import re
import time
import unicodedata
from collections.abc import Callable

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from crawler.document_kind import PDF
from crawler.document_limits import CannotRead, DocumentRead, Limits, Pages

# Reads one picture: its bytes in a format that Tesseract knows, the text back.
ReadPicture = Callable[[bytes], str]

# Fewer letters than this on a page with a picture: the picture is the page, the letters are a stamp or page number.
FEW_LETTERS = 12
# A picture that covers this share of the page is one to be read; a logo is not.
MUCH_OF_PAGE = 0.3
DPI = 200
MOST_PIXELS = 12_000_000
# PDFium's two marks for a hyphen at the end of a line: the word goes on in the next.
_BROKEN_WORD = re.compile("[\ufffe\x02]\n?")
_NO_TEXT = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
)
_LETTERS = re.compile(r"[^\W_]")


def read_pdf(data: bytes, limits: Limits, read_picture: ReadPicture | None) -> DocumentRead:
    """The pages' text. Without ``read_picture``, pages that are pictures make the status ``needs_ocr``.

    Raises ``CannotRead``.
    """
    pdf = _open(data)
    try:
        return _read_pages(pdf, limits, read_picture)
    finally:
        pdf.close()


def clean_page(text: str) -> str:
    """A page's text with one line for each line of the page, broken words joined, and nothing no database can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _NO_TEXT.sub("", _BROKEN_WORD.sub("", text))
    text = text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(data)
        if len(pdf):
            return pdf
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise CannotRead("Filen er låst med en adgangskode.", content_type=PDF) from error
        if error.err_code == pdfium_c.FPDF_ERR_SECURITY:
            raise CannotRead("Filen er låst på en måde, vi ikke kan læse.", content_type=PDF) from error
        raise CannotRead("Filen er i stykker: den kan ikke åbnes som PDF.", content_type=PDF) from error
    raise CannotRead("Filen er i stykker: PDF'en har ingen sider.", content_type=PDF)


def _read_pages(pdf: pdfium.PdfDocument, limits: Limits, read_picture: ReadPicture | None) -> DocumentRead:
    began = time.monotonic()
    pages = Pages(limits, began + limits.seconds * 0.8)
    pictures: list[int] = []
    broken = 0
    for number in range(len(pdf)):
        try:
            text, is_picture = _page(pdf, number, pages.room())
        except pdfium.PdfiumError:
            text, is_picture, broken = "", False, broken + 1
        if is_picture:
            pictures.append(number)
        if not pages.add(text, time.monotonic()):
            break
    if broken and not any(pages.found):
        raise CannotRead("Filen er i stykker: ingen af siderne kan læses.", content_type=PDF)
    said = [f"{broken} af {len(pdf)} sider er i stykker"] if broken else []
    if len(pages.found) < len(pdf) or pages.full:
        said.append(f"kun de første {len(pages.found)} af {len(pdf)} sider er læst: {pages.full}")
    unread = _read_pictures(pdf, pictures, pages, read_picture, said)
    if unread:
        said.append(
            f"{unread} af {len(pdf)} sider er billeder af tekst. Installér tesseract med dansk (tesseract-ocr-dan), "
            "så bliver de læst"
        )
    reason = "; ".join(said)
    return DocumentRead(
        "needs_ocr" if unread else "read",
        PDF,
        tuple(pages.found),
        len(pdf),
        f"{reason[:1].upper()}{reason[1:]}." if reason else "",
    )


def _page(pdf: pdfium.PdfDocument, number: int, room: int) -> tuple[str, bool]:
    """(text, whether the page is a picture of its text)."""
    page = pdf[number]
    try:
        words = page.get_textpage()
        try:
            text = clean_page(words.get_text_range(0, min(words.count_chars(), room + 1)))
        finally:
            words.close()
        few = len(text) < 200 and len(_LETTERS.findall(text)) < FEW_LETTERS  # noqa: PLR2004
        return text, few and _shows_picture(page)
    finally:
        page.close()


def _shows_picture(page: pdfium.PdfPage) -> bool:
    width, height = page.get_size()
    covered = 0.0
    for shown in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = shown.get_bounds()
        covered += abs(right - left) * abs(top - bottom)
    return bool(covered >= MUCH_OF_PAGE * max(1.0, width * height))


def _read_pictures(
    pdf: pdfium.PdfDocument, numbers: list[int], pages: Pages, read_picture: ReadPicture | None, said: list[str]
) -> int:
    """Reads what may be read of them, within the limits; how many stay for want of a program that reads pictures."""
    if read_picture is None:
        return len(numbers)
    deadline = time.monotonic() + pages.limits.ocr_seconds * 0.8
    failed = done = 0
    for number in numbers[: pages.limits.ocr_pages]:
        if time.monotonic() > deadline or not pages.room():
            break
        done += 1
        try:
            text = clean_page(read_picture(_picture(pdf, number)))[: pages.room()]
        except (pdfium.PdfiumError, CannotRead):
            failed += 1
            continue
        pages.found[number] = text
        pages.characters += len(text)
    if done < len(numbers):
        said.append(
            f"{done} af {len(numbers)} sider, som er billeder af tekst, er læst; resten ville tage for lang tid"
        )
    if failed:
        said.append(f"{failed} sider, som er billeder, kunne ikke læses")
    return 0


def _picture(pdf: pdfium.PdfDocument, number: int) -> bytes:
    """The page in grey as a PGM file, which needs no library to write; never more than ``MOST_PIXELS``."""
    page = pdf[number]
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            rows = bytes(bitmap.buffer)
            stride, wide = bitmap.stride, bitmap.width
            grey = (
                rows
                if stride == wide
                else b"".join(rows[at * stride : at * stride + wide] for at in range(bitmap.height))
            )
            return b"P5\n%d %d\n255\n" % (wide, bitmap.height) + grey
        finally:
            bitmap.close()
    finally:
        page.close()
