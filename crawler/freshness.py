"""What is asked for again, and which days a list is asked for."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from config.clock import local, now
from crawler.items import Window

# Agendas appear a few days before their meeting; some sites list next months' meetings without one.
DAYS_AHEAD = 60
# Minutes come days after the meeting, are approved and put right a few weeks later.
DAYS_UNSETTLED = 30
DAILY_MARK = "|read on "


def read_daily(fingerprint: str, starts_at: datetime | None, *, minutes_listed: bool) -> str:
    """A fingerprint for lists that do not show every change: it moves once a day while the content may still change.

    That is until the meeting where the list shows by itself that minutes came (``minutes_listed``), and
    ``DAYS_UNSETTLED`` longer where it does not.
    """
    today = now().date()
    settled_after = timedelta(days=0 if minutes_listed else DAYS_UNSETTLED)
    if starts_at is None or local(starts_at).date() + settled_after >= today:
        return f"{fingerprint}{DAILY_MARK}{today}"
    return fingerprint


def first_and_last(window: Window) -> tuple[date, date]:
    """The window's first and last day; without an end it goes ``DAYS_AHEAD`` of today."""
    since = local(window.since).date()
    if window.until is None:
        return since, max(since, now().date() + timedelta(days=DAYS_AHEAD))
    return since, max(since, local(window.until - timedelta(microseconds=1)).date())


def slices(window: Window, days: int) -> Iterator[tuple[date, date]]:
    """(first day, last day) of consecutive slices of ``days`` days; the last one may be shorter."""
    first, end = first_and_last(window)
    while first <= end:
        last = min(first + timedelta(days=days - 1), end)
        yield first, last
        first = last + timedelta(days=1)


def years(window: Window) -> range:
    """The calendar years that the window touches."""
    first, last = first_and_last(window)
    return range(first.year, last.year + 1)
