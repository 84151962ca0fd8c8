"""Makes small real PDFs with Danish letters; the built-in Helvetica in Windows-1252 is enough for them."""

import re

from fpdf import FPDF
from fpdf.enums import XPos, YPos

ENCODING = "cp1252"
MARGIN_MM = 22
LINE_MM = 5.5
TEXT_POINTS = 11


class _Document(FPDF):
    def __init__(self, footer: str) -> None:
        super().__init__(format="A4")
        self._footer = footer
        self.core_fonts_encoding = ENCODING
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-MARGIN_MM + LINE_MM)
        self.set_font("helvetica", size=8)
        self.cell(0, LINE_MM, f"{self._footer} · side {self.page_no()}")

    def paragraph(self, text: str, *, points: float = TEXT_POINTS, bold: bool = False) -> None:
        """One block of running text, with a little air below."""
        self.set_font("helvetica", style="B" if bold else "", size=points)
        self.multi_cell(0, LINE_MM * points / TEXT_POINTS, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(LINE_MM / 2)


def make_pdf(title: str, text: str, footer: str) -> bytes:
    """A PDF of light markup (`## ` and `### ` headings, `- ` and `1. ` lists, `|` rows, blank lines)."""
    document = _Document(_printable(footer))
    document.set_title(_printable(title))
    document.set_lang("da")
    document.add_page()
    document.paragraph(_printable(title), points=16, bold=True)
    for block in re.split(r"\n\s*\n", text.strip()):
        for line in _lines(block):
            heading = line.startswith("#")
            document.paragraph(_printable(line.lstrip("# ")), bold=heading)
    return bytes(document.output())


def _lines(block: str) -> list[str]:
    """Headings, list entries and table rows stand alone; other lines of a paragraph run together."""
    lines: list[str] = []
    for line in block.splitlines():
        alone = re.match(r"#|- |\d+\. |\|", line.strip())
        if alone or not lines or lines[-1].startswith(("#", "|")):
            lines.append(" – ".join(line.strip().strip("|").split("|")) if line.startswith("|") else line.strip())
        else:
            lines[-1] = f"{lines[-1]} {line.strip()}"
    return [line for line in lines if line]


def _printable(text: str) -> str:
    return text.encode(ENCODING, errors="replace").decode(ENCODING)
