"""What a file really is: its first bytes are believed, not its name or what the server called it."""

import io
import zipfile

from crawler.document_limits import CannotRead, Limits

PDF = "application/pdf"
HTML = "text/html"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODF = "application/vnd.oasis.opendocument"
IMAGE = "image/"

# The PDF reader of every office finds the header within the first kilobyte (ISO 32000-1, annex H.3.4.1).
_HEAD = 1024
_MOST_PARTS = 5_000
_IMAGES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"BM": "image/bmp",
    b"GIF8": "image/gif",
}
_IN_ZIP = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_HTML_SIGNS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<iframe", b"<div", b"<p>", b"<p ", b"<table")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "Filen er låst med en adgangskode."


def kind_of(data: bytes, limits: Limits) -> str:
    """The content type by content. Raises ``CannotRead`` for what is empty, locked, or of no kind that is read."""
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not data.strip(b"\x00 \t\r\n"):
        raise CannotRead("Filen er tom.")
    if b"%PDF-" in data[:_HEAD]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(data, limits)
    for sign, name in _IMAGES.items():
        if data.startswith(sign) and (sign != b"BM" or data[6:10] == bytes(4)):
            return name
    if head.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise CannotRead(
            _LOCKED if locked else "Filen er i et gammelt Office-format (.doc, .xls eller .ppt), som vi ikke kan læse.",
            content_type="application/x-ole-storage",
        )
    return _text_kind(data, head)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The archive. Raises ``CannotRead`` when it is broken."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise CannotRead("Filen er i stykker: arkivet i den kan ikke åbnes.") from error


def _zip_kind(data: bytes, limits: Limits) -> str:
    with open_zip(data) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise CannotRead(_LOCKED)
        # zipfile never hands out more than a part's declared size, so the declared sum holds.
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > limits.unzipped_bytes:
            megabytes = limits.unzipped_bytes // 1_000_000
            raise CannotRead(f"Filen fylder mere end {megabytes} MB, når den pakkes ud.", status="refused")
        names = {part.filename for part in parts}
        for name, kind in _IN_ZIP.items():
            if name in names:
                return kind
        if "content.xml" in names:
            if b"manifest:encryption-data" in _part(archive, "META-INF/manifest.xml"):
                raise CannotRead(_LOCKED)
            return _part(archive, "mimetype").decode("ascii", "replace").strip()[:100] or f"{ODF}.text"
    raise CannotRead(
        "Filen er et zip-arkiv, som ikke er et dokument.", status="refused", content_type="application/zip"
    )


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(1_000_000)
    except (KeyError, zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return b""


def _text_kind(data: bytes, head: bytes) -> str:
    start = head[:_HEAD].lower()
    if any(sign in start for sign in _HTML_SIGNS):
        return HTML
    if start.startswith(b"{\\rtf"):
        raise CannotRead("Filen er i formatet RTF, som vi ikke kan læse.", content_type="application/rtf")
    sample = data[:65_536]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or not _binary(sample):
        return TEXT
    raise CannotRead(
        "Filen er af en slags, vi ikke kan læse.",
        status="refused",
        content_type="application/octet-stream",
    )


def _binary(sample: bytes) -> bool:
    """More than a stray sign that no text holds."""
    return sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample) > max(4, len(sample) // 200)  # noqa: PLR2004
