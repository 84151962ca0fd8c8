"""From bytes to pages, whatever the format. Runs in the limited process only (``crawler.document_child``)."""

import codecs
import subprocess
from dataclasses import replace

from w3lib.encoding import html_to_unicode

from crawler.document_kind import HTML, IMAGE, PDF, TEXT, kind_of
from crawler.document_limits import CannotRead, DocumentRead, Limits
from crawler.document_office import read_office
from crawler.document_pdf import ReadPicture, clean_page, read_pdf
from crawler.page_text import parse_html, plain_text

MOST_HTML = 10_000_000
# Seconds for one page; a full page of text takes three.
PICTURE_SECONDS = 60


def read_document(data: bytes, limits: Limits, *, ocr: bool) -> DocumentRead:
    """What the file holds. ``ocr``: Tesseract with Danish is installed. Never raises for what a file is like,
    ``MemoryError`` and ``RecursionError`` apart.
    """
    try:
        read = _read(data, limits, _tesseract if ocr else None)
    except CannotRead as wrong:
        return DocumentRead(wrong.status, wrong.content_type, reason=wrong.reason)
    silent = not read.reason and not any(page.strip() for page in read.pages)
    return replace(read, reason="Filen indeholder ingen tekst.") if silent else read


def _read(data: bytes, limits: Limits, read_picture: ReadPicture | None) -> DocumentRead:
    kind = kind_of(data, limits)
    if kind == PDF:
        return read_pdf(data, limits, read_picture)
    if kind == HTML:
        return _one_page(_html_text(data), kind, limits)
    if kind == TEXT:
        return _one_page(_decoded(data), kind, limits)
    if kind.startswith(IMAGE):
        return _image(data, kind, limits, read_picture)
    return read_office(data, kind, limits)


def _one_page(text: str, kind: str, limits: Limits) -> DocumentRead:
    kept = clean_page(text)
    reason = "" if len(kept) <= limits.characters else "Kun begyndelsen er læst: der er mere tekst, end vi læser."
    return DocumentRead("read", kind, (kept[: limits.characters],), 1, reason)


def decoded_html(data: bytes) -> str:
    """The beginning of a page, at most ``MOST_HTML`` bytes, in the encoding that it names, else UTF-8 or Windows'."""
    return html_to_unicode(None, data[:MOST_HTML], default_encoding="cp1252", auto_detect_fun=_utf_8)[1]


def _html_text(data: bytes) -> str:
    page, _ = parse_html(decoded_html(data), limit=MOST_HTML, whole_page=True)
    return plain_text([page.body or page])


def _utf_8(data: bytes) -> str | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > MOST_HTML - 4 else None  # cut in the middle of a sign
    return "utf-8"


def _decoded(data: bytes) -> str:
    """UTF-8, else UTF-16 where it says so, else Windows' Western European: what Danish offices write."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _image(data: bytes, kind: str, limits: Limits, read_picture: ReadPicture | None) -> DocumentRead:
    if read_picture is None:
        reason = "Filen er et billede. Installér tesseract med dansk (tesseract-ocr-dan), så bliver teksten i det læst."
        return DocumentRead("needs_ocr", kind, page_count=1, reason=reason)
    return _one_page(read_picture(data), kind, limits)


def _tesseract(picture: bytes) -> str:
    """Raises ``CannotRead`` when the picture is none, or takes too long."""
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "-l", "dan", "--psm", "3"],  # noqa: S607
            input=picture,
            capture_output=True,
            timeout=PICTURE_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotRead("Billedet tog for lang tid at læse.") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise CannotRead("Billedet er i stykker eller for stort til at blive læst.") from error
    return done.stdout.decode("utf-8", "replace")
