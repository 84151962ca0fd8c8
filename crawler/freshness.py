"""What is asked for again, and which days a list is asked for."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.clock import local, now
from crawler.awaited import key_of
from crawler.items import Known, ListedMeeting, MeetingKey, Window

# Agendas appear a few days before their meeting; some sites list next months' meetings without one.
DAYS_AHEAD = 60
# A source's own marks do not move with every change, so what is still open is read again once a day: what lies ahead,
# and meetings held so many days ago. Where the list does not show that minutes came, until they are approved.
DAYS_OPEN = 14
DAYS_OPEN_UNTIL_MINUTES = 30
# Corrections come on the day itself: then the midday and evening sweeps look again, other visits in between do not.
MEETING_DAY_PAUSE = timedelta(hours=4)
# The order in which the papers of one meeting are published.
_STAGES = ("agenda", "supplementary", "minutes")


@dataclass(frozen=True)
class Reading:
    """The publications to ask for, in this order. ``again`` counts those that look as they did when last read."""

    wanted: tuple[ListedMeeting, ...]
    again: int


def to_read(
    listed: Iterable[ListedMeeting],
    known: Mapping[str, Known],
    moment: datetime,
    *,
    minutes_listed: bool,
    awaited: Container[MeetingKey | None] = (),
) -> Reading:
    """What is new or changed, what failed and is due, and what is still open: soonest ahead first, then backwards.

    Of one meeting the agenda comes before its supplement, and both before the minutes, so that its history is kept in
    order. ``minutes_listed``: the list shows by itself that minutes came; where it does not, the ``awaited`` meetings
    are read again for them, however long ago they were held.
    """
    lines = tuple(listed)
    days_open = DAYS_OPEN if minutes_listed else DAYS_OPEN_UNTIL_MINUTES
    over = {(one.committee_name, one.starts_at) for one in lines if one.stage == "minutes"}
    fresh: list[ListedMeeting] = []
    again: list[ListedMeeting] = []
    for one in lines:
        before = known.get(one.platform_id)
        # An agenda beside the minutes is history.
        history = one.stage != "minutes" and (one.committee_name, one.starts_at) in over
        if _is_news(one, before, moment):
            fresh.append(one)
        elif before and before.read_at and not history:
            overdue = not minutes_listed and key_of(one) in awaited
            if overdue or _is_open(one.starts_at, before.read_at, moment, days_open):
                again.append(one)
    return Reading(tuple(sorted([*fresh, *again], key=lambda one: _urgency(one, moment))), len(again))


def _is_news(listed: ListedMeeting, known: Known | None, moment: datetime) -> bool:
    if known is None or not listed.fingerprint or known.fingerprint != listed.fingerprint:
        return True
    if known.read_at is not None:
        return False
    due = known.next_attempt_at is None or known.next_attempt_at <= moment
    return due or (listed.starts_at is not None and _day(listed.starts_at) == _day(moment))


def _is_open(starts_at: datetime | None, read_at: datetime, moment: datetime, days_open: int) -> bool:
    """Whether what was read at ``read_at`` is due to be read again."""
    today = _day(moment)
    if starts_at is not None and _day(starts_at) == today and read_at <= moment - MEETING_DAY_PAUSE:
        return True
    settled = starts_at is not None and _day(starts_at) + timedelta(days=days_open) < today
    return not settled and _day(read_at) < today


def _day(moment: datetime) -> date:
    return local(moment).date()


def _urgency(listed: ListedMeeting, moment: datetime) -> tuple[bool, float, int]:
    if listed.starts_at is None:
        return (True, 0.0, 0)
    ahead = (listed.starts_at - moment).total_seconds()
    return (ahead < 0, abs(ahead), _STAGES.index(listed.stage))


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
