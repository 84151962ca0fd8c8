"""Files of every kind, made here: whole ones, and the broken and hostile ones that the world sends."""

import io
import zipfile
from collections.abc import Iterator, Sequence

import openpyxl
import pikepdf
from fpdf import FPDF

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ODF_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
)
ODF_TAIL = "</office:text></office:body></office:document-content>"


def pdf(*pages: str) -> bytes:
    """A PDF with these pages of text."""
    made = FPDF(format="A4")
    made.core_fonts_encoding = "cp1252"
    made.set_font("helvetica", size=11)
    for text in pages:
        made.add_page()
        made.multi_cell(0, 6, text)
    return bytes(made.output())


def scanned_pdf(png: bytes) -> bytes:
    """A PDF whose only page is a picture."""
    made = FPDF(format="A4")
    made.add_page()
    made.image(io.BytesIO(png), 0, 0, 210)
    return bytes(made.output())


def locked_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf("Hemmelig"))) as whole:
        whole.save(made, encryption=pikepdf.Encryption(owner="a", user="b"))
    return made.getvalue()


def raw_pdf(objects: Sequence[str], root: int = 1) -> bytes:
    """A PDF of these objects as they stand, numbered from 1."""
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return body + f"{head}trailer\n<</Size {len(objects) + 1}/Root {root} 0 R>>\nstartxref\n{len(body)}\n%%EOF".encode()


def zipped(**parts: str | bytes) -> bytes:
    """An archive; a name's double underscore stands for a slash, a single one for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return made.getvalue()


def docx(body: str, head: str = "") -> bytes:
    document = f'{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return zipped(word__document_xml=document)


def paragraph(text: str, inside: str = "") -> str:
    return f"<w:p><w:r>{inside}<w:t>{text}</w:t></w:r></w:p>"


def odt(body: str, head: str = "") -> bytes:
    return zipped(content_xml=f"{head}{ODF_HEAD}{body}{ODF_TAIL}", mimetype="application/vnd.oasis.opendocument.text")


def xlsx(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def bomb_part(megabytes: int) -> bytes:
    """XML that packs a thousandfold: one paragraph without end."""
    return f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>'.encode() + b"a" * megabytes * 1_000_000


LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
OUTSIDE = "<!DOCTYPE l [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>"


def hostile() -> Iterator[tuple[str, bytes]]:
    """(what it is, the file): two hundred of them and more."""
    whole = pdf(*(f"Side {n}. Ensomme ældre får besøgsvenner." for n in range(1, 4)))
    word, table = docx(paragraph("Ensomme") * 50), xlsx(("Ark", [[n, "Ensomme"] for n in range(200)]))
    writer = odt("<text:p>Ensomme</text:p>" * 50)
    for name, file in {"pdf": whole, "docx": word, "xlsx": table, "odt": writer}.items():
        for part in range(1, 29):
            yield f"{name} cut at {part}/29", file[: len(file) * part // 29]
    for at in range(1, 25):
        broken = bytearray(whole)
        for place in range(at * 7, len(broken), 97):
            broken[place] ^= 0x55
        yield f"pdf with wrong bytes from {at * 7}", bytes(broken)
    for seed in range(1, 21):
        noise = bytes((seed * n * n + n // 3) % 256 for n in range(seed * 500))
        yield f"noise {seed}", noise
        yield f"noise {seed} that calls itself PDF", b"%PDF-1.7\n" + noise
    yield "empty", b""
    yield "blank", b" \n\t\x00" * 100
    yield "locked pdf", locked_pdf()
    yield (
        "locked office file",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    )
    yield "old office file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    yield "rtf", b"{\\rtf1 Ensomme}"
    yield "a program", b"\x7fELF" + bytes(range(256)) * 20
    yield "plain archive", zipped(a_txt="hej")
    yield (
        "page tree that holds itself",
        raw_pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 9>>"]),
    )
    loop = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    yield "page tree in a ring", raw_pdf([*loop, "<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>"])
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</X 4 0 R>>>>>>"
    draws_itself = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 4>>"
    yield "form that draws itself", raw_pdf([*loop, page, draws_itself + "stream\n/X Do\nendstream"])
    yield "object that is itself", raw_pdf([*loop, page, "4 0 R"])
    yield "a million pages that are not there", raw_pdf([loop[0], "<</Type/Pages/Kids[]/Count 1000000>>"])
    yield (
        "the same page ten million times",
        raw_pdf(
            [
                loop[0],
                f"<</Type/Pages/Kids[{'3 0 R ' * 20_000}]/Count 20000>>",
                page,
                "<</Length 0>>stream\n\nendstream",
            ]
        ),
    )
    deep = "[" * 100_000 + "]" * 100_000
    yield "arrays in arrays", raw_pdf([*loop, f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/X {deep}>>"])
    image = (
        "<</Type/XObject/Subtype/Image/Width 200000/Height 200000/BitsPerComponent 8/ColorSpace/DeviceRGB/Length 3>>"
    )
    draws = "<</Length 30>>stream\nq 99 0 0 99 0 0 cm /X Do Q\nendstream"
    shown = page.replace("<</X 4 0 R>>", "<</X 5 0 R>>")
    yield "picture of forty thousand million dots", raw_pdf([*loop, shown, draws, image + "stream\nabc\nendstream"])
    yield "page as large as a town", raw_pdf([*loop, page.replace("99 99", "9e9 9e9"), draws, image])
    for name, head in {"laughs": LAUGHS, "entity from outside": OUTSIDE}.items():
        yield f"docx {name}", docx(paragraph("&a9;"), head)
        yield f"odt {name}", odt("<text:p>&a9;</text:p>", head)
        strings = (
            f'{head}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a9;</t></si></sst>'
        )
        yield f"xlsx {name}", _replaced(table, "xl/sharedStrings.xml", strings.encode())
    yield "docx bomb", zipped(word__document_xml=bomb_part(250))
    yield "docx that grows to 150 MB", zipped(word__document_xml=bomb_part(150))
    yield "odt bomb", zipped(content_xml=b"<a>" + b"b" * 250_000_000)
    yield "xlsx bomb", _replaced(table, "xl/sharedStrings.xml", b"<sst>" + b" " * 250_000_000)
    yield "archive of archives", zipped(word__document_xml=zipped(word__document_xml=bomb_part(50)))
    nested = "<w:tbl><w:tr><w:tc>" * 2_000
    yield "tables in tables", docx(nested + paragraph("x"))
    claims = _part(table, "xl/worksheets/sheet1.xml").replace(b"A1:B200", b"A1:XFD1048576")
    yield "sheet that claims to be endless", _replaced(table, "xl/worksheets/sheet1.xml", claims)
    yield "xlsx without a workbook", _replaced(table, "xl/workbook.xml", b"<nothing/>")
    yield "html nested without end", b"<html><body>" + b"<div>" * 100_000
    yield "html of one endless tag", b"<html " + b"a" * 3_000_000
    yield "png that is none", b"\x89PNG\r\n\x1a\n" + b"\0" * 50
    yield (
        "png of a million by a million",
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1_000_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + b"\0" * 40),
    )
    yield "10,000 pages", many_pages(10_000)


def many_pages(count: int) -> bytes:
    """A PDF of ``count`` pages with a line of text each."""
    pages = " ".join(f"{number} 0 R" for number in range(5, 5 + count))
    text = "BT /F 12 Tf 20 20 Td (Ensomme borgere) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{pages}]/Count {count}/MediaBox[0 0 300 300]>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    one = "<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    return raw_pdf([*objects, *([one] * count)])


def _part(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as whole:
        return whole.read(name)


def _replaced(archive: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, content)
    return made.getvalue()
