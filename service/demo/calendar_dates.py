"""Places the made-up meetings around the day the demo runs, and writes dates into their texts.

Texts may hold these marks, all counted from the day the demo runs:

    {+21} {-8}          that many days from today, moved off weekends: "14. december 2026"
    {møde ssu-2}        the day of a meeting, by the name of its file: "mandag den 23. november 2026"
    {kort ssu-2}        the same as it stands in headings of decisions: "23-11-2026"
    {år} {år+1} {år-1}  a year
    {kvartal}           the last quarter that a budget report can already tell of: "30. september 2026"
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from babel.dates import format_date, format_datetime

from config.clock import COPENHAGEN

WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
# A budget report needs about a month to be written; none is made of the year's last quarter (that is the accounts).
REPORT_DELAY = timedelta(days=30)
REPORT_DAYS = ((9, 30), (6, 30), (3, 31))

_MARK = re.compile(r"\{([^{}\n]{1,60})\}")


def in_week(today: date, week: int, weekday: str) -> date:
    """The weekday `week` calendar weeks (Monday first) from the week of `today`."""
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=week, days=WEEKDAYS.index(weekday))


def off_weekend(today: date, days: int) -> date:
    """`days` from today; a Saturday or Sunday moves on in the same direction, so ahead stays ahead."""
    day = today + timedelta(days=days)
    step = timedelta(days=1 if days >= 0 else -1)
    while day.weekday() >= WEEKDAYS.index("lørdag"):
        day += step
    return day


def local(day: date, clock: time) -> datetime:
    """Local Danish time, with its offset."""
    return datetime.combine(day, clock, tzinfo=COPENHAGEN)


def long_date(day: date) -> str:
    """14. december 2026."""
    return format_date(day, "d. MMMM y", locale="da")


def weekday_date(day: date) -> str:
    """Mandag den 14. december 2026, in lower case as inside a sentence."""
    return format_date(day, "EEEE 'den' d. MMMM y", locale="da")


def date_and_time(moment: datetime) -> str:
    """Mandag den 14. december 2026 kl. 16.00, in lower case as inside a sentence."""
    return format_datetime(moment, "EEEE 'den' d. MMMM y 'kl.' HH.mm", tzinfo=COPENHAGEN, locale="da")


def short_date(day: date) -> str:
    """14-12-2026, the form in headings such as "Beslutning i Økonomiudvalget den 14-12-2026"."""
    return f"{day:%d-%m-%Y}"


def report_date(today: date) -> date:
    """The last end of a quarter at least a month ago that municipalities report on during the year."""
    days = [date(year, month, day) for year in (today.year, today.year - 1) for month, day in REPORT_DAYS]
    return next(day for day in days if day + REPORT_DELAY <= today)


def fill_in(text: str, today: date, meetings: Mapping[str, date]) -> str:
    """Replaces every mark in `text`; raises ValueError that names a mark nobody knows."""
    return _MARK.sub(lambda mark: _value(mark.group(1), today, meetings), text)


def _value(mark: str, today: date, meetings: Mapping[str, date]) -> str:
    word, _, key = mark.partition(" ")
    if key in meetings and word in {"møde", "kort"}:
        return weekday_date(meetings[key]) if word == "møde" else short_date(meetings[key])
    if re.fullmatch(r"[+-]\d{1,3}", mark):
        return long_date(off_weekend(today, int(mark)))
    if year := re.fullmatch(r"år([+-]\d)?", mark):
        return str(today.year + int(year.group(1) or 0))
    if mark == "kvartal":
        return long_date(report_date(today))
    raise ValueError(f"Unknown mark {{{mark}}} in the demo content; see service/demo/calendar_dates.py")
