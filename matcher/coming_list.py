"""Rows of a list of coming cases, from its tables: what, which department, which committee, expected when.

Pure. A table whose columns we cannot name is not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from config.coming_columns import coming_columns
from matcher.signals.period import read_period

Rows = list[list[str | None]]
# What is expected "in September" and read in October is late, not a year off.
LATE: Final = timedelta(days=60)
TITLE_AT_MOST: Final = 500
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_AS_OF: Final = re.compile(
    r"(?:ajourført|opdateret|revideret|senest rettet|pr\.|dato)\s*:?\s*(?:den|d\.)?\s*(?=\d)", re.IGNORECASE
)
_BODY: Final = re.compile(
    r"\bUdvalget for [A-ZÆØÅ]\w+(?:(?:, | og )[A-ZÆØÅ]\w+)*"
    r"|\b(?:[A-ZÆØÅ]\w*-(?:, | og ))*\w*(?:[Uu]dvalget|[Bb]yrådet|[Mm]agist\w*en|[Kk]ommunalbestyrelsen)\b"
)
_BULLET: Final = re.compile(r"^\s*(?:[-•*–▪]|\d{1,2}[.)])\s+")
_HYPHEN: Final = re.compile(r"([a-zæøå])-\n(?!(?:og|eller|samt)\b)(?=[a-zæøå])")


@dataclass(frozen=True)
class ComingRow:
    """One row. ``state`` is a value of ``storage.models.CaseState``; the days are None when they cannot be told."""

    title: str
    state: str
    department: str = ""
    committee: str = ""
    expected: str = ""
    first: date | None = None
    last: date | None = None
    page: int | None = None


@dataclass
class _Reader:
    """Goes through the rows of all tables in order, and remembers the headings it stands under."""

    as_of: date
    columns: dict[int, str] = field(default_factory=dict)
    width: int = 0
    state: str = "coming"
    year: int | None = None
    rows: list[ComingRow] = field(default_factory=list)


def read_coming(tables: Sequence[dict[str, Any]], as_of: date) -> list[ComingRow]:
    """The rows of all tables in order; empty when no table has columns that we know. ``as_of``: the edition's day."""
    reader = _Reader(as_of)
    for table in tables:
        rows: Rows = table["rows"]
        reader.width, kept = max(len(row) for row in rows), reader.width
        if reader.width != kept:
            reader.columns = {}  # another table: the headings of the one before say nothing of it
        for number, row in enumerate(rows):
            _take(reader, row, table.get("page"), first_of_table=number == 0)
    return reader.rows


def edition_day(head: str, year_of: date) -> date | None:
    """The day a list says it stands for ("Ajourført: 29. august 2025"); ``year_of`` gives the year it leaves out."""
    found = _AS_OF.search(head)
    period = read_period(head[found.end() : found.end() + 40], year=year_of.year) if found else None
    return period.first if period is not None and period.start <= 1 else None


def _take(reader: _Reader, row: list[str | None], page: int | None, *, first_of_table: bool) -> None:
    words = coming_columns()
    filled = [(at, cell) for at, cell in enumerate(row) if cell]
    if not filled:
        return
    if len(filled) == 1 and _spans(row, filled[0][0]):
        state = words.state(filled[0][1], anywhere=True)
        if state is not None:
            reader.state = state
            year = _YEAR.search(filled[0][1])
            reader.year = int(year[1]) if year else None
            return
    roles = {at: role for at, cell in filled if (role := words.role(_line(cell))) is not None and len(cell) < 60}  # noqa: PLR2004
    if "what" in roles.values() and len(set(roles.values())) >= 2:  # noqa: PLR2004 - a case and something about it
        reader.columns = roles
        state = next(
            (state for at, role in roles.items() if role == "expected" and (state := words.state(row[at] or ""))), None
        )
        reader.state = state if state is not None and reader.state == "coming" else reader.state
        return
    if reader.columns:
        _add(reader, row, page, first_of_table=first_of_table)


def _spans(row: list[str | None], at: int) -> bool:
    """Whether the one filled cell stands for the whole row: the others are part of it, or it leads an empty row."""
    return all(cell is None for number, cell in enumerate(row) if number != at) or at == 0


def _add(reader: _Reader, row: list[str | None], page: int | None, *, first_of_table: bool) -> None:
    cells: dict[str, str] = {}
    for at, role in sorted(reader.columns.items()):
        text = row[at] if at < len(row) else None
        if text and role not in cells:
            cells[role] = text
    what = cells.get("what", "")
    if reader.rows and (not what or (first_of_table and _goes_on(what, cells))):
        reader.rows[-1] = _joined(reader, reader.rows[-1], cells)
        return
    if not what:
        return
    parts = what.split("\n")
    cases = parts if len(parts) > 1 and all(_BULLET.match(part) for part in parts) else [what]
    reader.rows += [_row(reader, _BULLET.sub("", case), cells, page) for case in cases]


def _goes_on(what: str, cells: dict[str, str]) -> bool:
    """The rest of a row that a page break cut in two: nothing but words that begin no sentence."""
    return set(cells) == {"what"} and (what[0].islower() or what[0] in "(+&")


def _joined(reader: _Reader, row: ComingRow, cells: dict[str, str]) -> ComingRow:
    both = {
        "what": _line(f"{row.title}\n{cells.get('what', '')}"),
        "department": _line(f"{row.department}\n{cells.get('department', '')}"),
        "committee": cells.get("committee", row.committee),
        "expected": _line(f"{row.expected}\n{cells.get('expected', '')}"),
    }
    return replace(_row(reader, both["what"], both, row.page), state=row.state)


def _row(reader: _Reader, title: str, cells: dict[str, str], page: int | None) -> ComingRow:
    expected = _line(cells.get("expected", ""))
    begun = coming_columns().state(expected[:40])
    state = begun if begun in {"finished", "forwarded"} else reader.state
    body = _BODY.search(expected)
    period = _period(reader, expected, state)
    return ComingRow(
        title=_line(title)[:TITLE_AT_MOST],
        state=state,
        department=_line(cells.get("department", "")),
        committee=_line(cells.get("committee", "")) or (body[0].strip() if body else ""),
        expected=expected,
        first=period[0],
        last=period[1],
        page=page,
    )


def _period(reader: _Reader, expected: str, state: str) -> tuple[date | None, date | None]:
    if state != "coming" and reader.year is not None:
        found = read_period(expected, year=reader.year)
    else:
        found = read_period(expected, from_day=reader.as_of - LATE)
    return (found.first, found.last) if found is not None else (None, None)


def _line(text: str) -> str:
    """One line; a word broken at the end of a line is whole again."""
    return " ".join(_HYPHEN.sub(r"\1", text).split())
