"""Danish words for a stretch of time: "ultimo august", "1. kvartal 2026", "uge 42", "oktober/november", "31/8-25"."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from matcher.signals.months import MONTH, NUMBER_OF

# "medio september" may be late: what is expected then is not overdue on the 21st.
_PART_OF_MONTH: Final = {"primo": (1, 10), "medio": (11, 20), "ultimo": (21, 31), "start": (1, 10), "slut": (21, 31)}
_SEASONS: Final = {"forår": (3, 5), "sommer": (6, 8), "efterår": (9, 11)}
_YEAR: Final = r"(?:\s*[,/-]?\s*(?P<{0}>20\d\d|(?<=[/-])\d\d(?!\d)))?"
_MONTH: Final = rf"(?:{MONTH})\.?(?![a-zæøå])"
_PATTERNS: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("iso", r"(?<!\d)(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
        ("digits", r"(?<![\d.])(?P<d>\d{1,2})[./-]\s?(?P<m>\d{1,2})[./ -]{1,2}(?P<y>20\d\d|\d\d)(?!\d)"),
        ("day", rf"(?<![\d.])(?P<d>\d{{1,2}})\.?\s+(?P<month>{_MONTH}){_YEAR.format('y')}"),
        ("short", r"(?<![\d.])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\d/-])"),
        ("quarter", rf"(?:(?P<q>[1-4])\.?\s*(?:kvartal|kvt\.?|kv\.)|\bQ(?P<q2>[1-4])\b){_YEAR.format('y')}"),
        ("half", rf"(?P<h>[12])\.?\s*(?:halvår\w*|halvdel af(?: året)?){_YEAR.format('y')}"),
        ("week", rf"\buge\s*(?P<w>\d{{1,2}})(?:\s*[-–]\s*\d{{1,2}})?{_YEAR.format('y')}"),
        ("months", rf"\b(?P<from>{_MONTH})\s*(?:[-–/+]|og|eller|til)\s*(?P<month>{_MONTH}){_YEAR.format('y')}"),
        (
            "part",
            rf"\b(?P<part>primo|medio|ultimo|start|slut)(?:ningen)?(?: af)?\s+(?P<month>{_MONTH}){_YEAR.format('y')}",
        ),
        ("month", rf"\b(?P<month>{_MONTH}){_YEAR.format('y')}"),
        ("season", rf"\b(?P<season>forår|sommer|efterår)(?:et|en)?{_YEAR.format('y')}"),
        ("years", r"(?<!\d)(?P<y>20\d\d)\s*[-–/]\s*(?P<y2>20\d\d|\d\d)(?!\d)"),
        ("year", r"(?<!\d)(?P<y>20\d\d)(?!\d)"),
    )
)


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included; ``text`` as it stands, at ``start`` of the text it was read in."""

    first: date
    last: date
    text: str
    start: int


def read_period(text: str, *, from_day: date | None = None, year: int | None = None) -> Period | None:
    """The first stretch of time that a text names, the most precise way of reading it first where two begin alike.

    Without a year in the text: ``year``, else the first such time that is not over on ``from_day``. None when there is
    no time, an impossible one, or nothing to tell the year by.
    """
    found = [
        (match.start(), rank, name, match)
        for rank, (name, pattern) in enumerate(_PATTERNS)
        if (match := pattern.search(text))
    ]
    for start, _, name, match in sorted(found, key=lambda one: one[:2]):
        days = _days(name, match.groupdict(), from_day, year)
        if days is not None:
            return Period(*days, match[0].strip(" ,/-"), start)
    return None


def _days(name: str, parts: dict[str, str | None], from_day: date | None, year: int | None) -> tuple[date, date] | None:
    written = parts.get("y")
    if written:
        return _in_year(name, parts, int(written) if len(written) > 2 else 2000 + int(written))  # noqa: PLR2004
    if year is not None:
        return _in_year(name, parts, year)
    if from_day is None:
        return None
    for candidate in (from_day.year, from_day.year + 1):
        days = _in_year(name, parts, candidate)
        if days is not None and days[1] >= from_day:
            return days
    return None


def _in_year(name: str, parts: dict[str, str | None], year: int) -> tuple[date, date] | None:
    try:
        return _READ[name](parts, year)
    except ValueError:
        return None  # the 31st of June, the 54th week


def _one_day(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    month = _month(parts["month"]) if parts.get("month") else int(parts["m"] or 0)
    on = date(year, month, int(parts["d"] or 0))
    return on, on


def _quarter(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    number = int(parts["q"] or parts["q2"] or 0)
    return _months(year, 3 * number - 2, 3 * number)


def _half(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    return _months(year, 1, 6) if parts["h"] == "1" else _months(year, 7, 12)


def _week(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    monday = date.fromisocalendar(year, int(parts["w"] or 0), 1)
    return monday, monday + timedelta(days=6)


def _month_range(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    first, last = _month(parts["from"]), _month(parts["month"])
    if first <= last:
        return _months(year, first, last)
    # "december/januar 2026": the year that is written belongs to the later one.
    start = year - 1 if parts.get("y") else year
    return date(start, first, 1), _months(start + 1, last, last)[1]


def _part(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    month = _month(parts["month"])
    first, last = _PART_OF_MONTH[(parts["part"] or "").lower()]
    return date(year, month, first), date(year, month, min(last, calendar.monthrange(year, month)[1]))


def _one_month(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    month = _month(parts["month"])
    return _months(year, month, month)


def _season(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    return _months(year, *_SEASONS[(parts["season"] or "").lower()])


def _years(parts: dict[str, str | None], year: int) -> tuple[date, date]:
    last = int(parts["y2"] or year)
    last = last if last > 100 else year - year % 100 + last  # noqa: PLR2004 - two digits
    if not year <= last <= year + 20:
        raise ValueError(last)
    return date(year, 1, 1), date(last, 12, 31)


def _whole_year(_parts: dict[str, str | None], year: int) -> tuple[date, date]:
    return _months(year, 1, 12)


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _month(word: str | None) -> int:
    return NUMBER_OF[(word or "").lower().rstrip(".")]


_READ: Final = {
    "iso": _one_day,
    "digits": _one_day,
    "day": _one_day,
    "short": _one_day,
    "quarter": _quarter,
    "half": _half,
    "week": _week,
    "months": _month_range,
    "part": _part,
    "month": _one_month,
    "season": _season,
    "years": _years,
    "year": _whole_year,
}
