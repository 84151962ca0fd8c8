"""Tables of a piece of HTML: of an item's own text, which the matcher reads, or of a paper, which the crawler does."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree, html

MOST_ROWS: Final = 2_000
MOST_CELLS: Final = 30
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*>")


def html_tables(markup: str) -> list[dict[str, Any]]:
    """The tables of a piece of HTML in the form of ``DocumentTables.tables``, without pages. Broken markup gives what
    can be read of it; tables inside tables stand by themselves."""
    if "<table" not in markup.lower():
        return []
    try:
        # A page that Excel wrote names its encoding, which lxml refuses in what is decoded already.
        root = html.fragment_fromstring(_DECLARATION.sub("", markup), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    found = []
    for table in root.iter("table"):
        rows = [_cells(row) for row in table.iter("tr") if _owner(row) is table][:MOST_ROWS]
        if any(any(row) for row in rows):
            found.append({"page": None, "rows": rows})
    return found


def _owner(row: Any) -> Any:
    return next(row.iterancestors("table"), None)


def _cells(row: Any) -> list[str | None]:
    cells: list[str | None] = []
    for cell in row.iterchildren("td", "th"):
        cells.append(_text(cell))
        wide = cell.get("colspan", "1")
        cells += [None] * (min(int(wide), MOST_CELLS) - 1 if wide.isdigit() else 0)
    return cells[:MOST_CELLS]


def _text(cell: Any) -> str:
    parts: list[str] = []
    for element in cell.iter():
        if element.tag in {"br", "p", "li", "div"}:
            parts.append("\n- " if element.tag == "li" else "\n")
        parts.append(element.text or "")
        if element is not cell:
            parts.append(element.tail or "")
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line.strip("- "))
