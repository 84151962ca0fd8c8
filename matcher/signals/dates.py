"""Dates as Danish agendas write them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Final

from matcher.signals.months import MONTH, NUMBER_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR: Final = r"(?:\s*,?\s*(?P<{0}>20\d\d)(?!\d))?"
_HOUR: Final = r"(?:kl(?:okken|\.)?\s*(?P<{0}>[01]?\d|2[0-4])(?:[.:](?P<{1}>[0-5]\d))?(?!\d))"
_WORDS: Final = rf"(?P<day>[0-3]?\d)\s*\.?\s*(?P<month>{MONTH})\b\.?" + _YEAR.format("year")
_END: Final = rf"udgangen\s+af\s+(?P<end>{MONTH})\b" + _YEAR.format("end_year")
_ISO: Final = r"(?P<iso>20\d\d-[01]\d-[0-3]\d)"
# 1/12, 1/12-26, 1/12 2026, 01.12.2026, 1-12-2026. Without a slash a year is needed: 1.12 is a number, too.
_SLASH: Final = r"(?P<sday>[0-3]?\d)/(?P<smonth>1[0-2]|0?[1-9])(?:\s?[-/. ]\s?(?P<syear>20\d\d|\d\d(?![\d.:])))?(?!\d)"
_DOTS: Final = r"(?P<dday>[0-3]?\d)(?P<sep>[.-])(?P<dmonth>1[0-2]|0?[1-9])(?P=sep)(?P<dyear>20\d\d|\d\d)(?!\d)"
_AFTER: Final = rf"(?:\s*,?\s*(?:senest\s+|inden\s+)?{_HOUR.format('hour', 'minute')})?"
_BEFORE: Final = rf"(?:{_HOUR.format('bhour', 'bminute')}\s+(?:\w+dag\s+)?(?:den|d\.)\s*)?"
_DATE: Final = re.compile(rf"(?<![\d/.-]){_BEFORE}(?:{_ISO}|{_WORDS}|{_END}|{_SLASH}|{_DOTS}){_AFTER}", re.IGNORECASE)


@dataclass(frozen=True)
class FoundDate:
    """A date and where it stands. ``year_given`` is False when the year was left to the reader."""

    day: date
    clock: time | None
    start: int
    end: int
    year_given: bool


def dates_in(text: str, near: date) -> Iterator[FoundDate]:
    """Every date of a text, in order. Those without a year take the one that brings them closest to ``near``."""
    for match in _DATE.finditer(text):
        found = _read(match, near)
        if found is not None:
            yield found


def _read(match: re.Match[str], near: date) -> FoundDate | None:
    part = match.groupdict()
    try:
        if part["iso"]:
            day, given = date.fromisoformat(part["iso"]), True
        elif part["end"]:
            day, given = _end_of(NUMBER_OF[part["end"].lower()], part["end_year"], near)
        elif part["month"]:
            day, given = _with_year(int(part["day"]), NUMBER_OF[part["month"].lower()], part["year"], near)
        elif part["smonth"]:
            day, given = _with_year(int(part["sday"]), int(part["smonth"]), part["syear"], near)
        else:
            day, given = _with_year(int(part["dday"]), int(part["dmonth"]), part["dyear"], near)
    except ValueError:
        return None  # 31. juni, 30/2: no day at all
    return FoundDate(day, _clock(part), match.start(), match.end(), given)


def _clock(part: dict[str, str | None]) -> time | None:
    hour, minute = part["hour"] or part["bhour"], part["minute"] or part["bminute"]
    if hour is None:
        return None
    return time(23, 59) if int(hour) == 24 else time(int(hour), int(minute or 0))  # noqa: PLR2004 - kl. 24


def _with_year(day: int, month: int, year: str | None, near: date) -> tuple[date, bool]:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day), True  # noqa: PLR2004 - "26"
    years = (near.year - 1, near.year, near.year + 1)
    possible = [date(one, month, day) for one in years if _exists(one, month, day)]
    if not possible:
        raise ValueError("no such day")
    return min(possible, key=lambda one: abs(one - near)), False


def _end_of(month: int, year: str | None, near: date) -> tuple[date, bool]:
    first, given = _with_year(1, month, year, near)
    return first.replace(day=monthrange(first.year, month)[1]), given


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= day <= monthrange(year, month)[1]


def next_year_of(day: date, near: date) -> date:
    """The first time on or after ``near`` that this day of the year comes: for dates that return every year."""
    for year in range(near.year, near.year + 5):
        if _exists(year, day.month, day.day) and day.replace(year=year) >= near:
            return day.replace(year=year)
    return day
