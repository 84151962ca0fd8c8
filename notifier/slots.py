"""When digests fall due, named so that none is sent twice."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.clock import COPENHAGEN, local

# People read it before work; consultants plan their week on Monday morning.
DUE_HOUR = 7
DAYS = 7


@dataclass(frozen=True)
class Slot:
    """One day or week of digests. ``name`` goes into the message's key; ``due_at`` is when it falls due."""

    name: str
    due_at: datetime


def daily_slot(now: datetime, hour: int = DUE_HOUR) -> Slot:
    """The newest day whose ``hour`` Danish time has come, named ``2026-10-08``."""
    here = local(now)
    day = here.date() if here >= _at(here.date(), hour) else here.date() - timedelta(days=1)
    return Slot(day.isoformat(), _at(day, hour))


def weekly_slot(now: datetime, weekday: int = 0, hour: int = DUE_HOUR) -> Slot:
    """The newest ``weekday`` (0 is Monday) whose ``hour`` Danish time has come, named by its ISO week."""
    here = local(now)
    day = here.date() - timedelta(days=(here.weekday() - weekday) % DAYS)
    return _week(day if here >= _at(day, hour) else day - timedelta(days=DAYS), hour)


def this_day(now: datetime, hour: int = DUE_HOUR) -> Slot:
    """The slot of today, due or not: for digests that are forced."""
    today = local(now).date()
    return Slot(today.isoformat(), _at(today, hour))


def this_week(now: datetime, weekday: int = 0, hour: int = DUE_HOUR) -> Slot:
    """The slot of this ISO week, due or not: for digests that are forced."""
    today = local(now).date()
    return _week(today + timedelta(days=weekday - today.weekday()), hour)


def week_number(slot: Slot) -> int:
    """The ISO week that Danes call "uge 41"."""
    return local(slot.due_at).isocalendar().week


def _week(day: date, hour: int) -> Slot:
    """``2026-W41``; for another day than Monday ``2026-W41-5``, so that moving one's day never skips a week."""
    year, week, number = day.isocalendar()
    return Slot(f"{year}-W{week:02d}" + (f"-{number}" if number > 1 else ""), _at(day, hour))


def _at(day: date, hour: int) -> datetime:
    # The hours that can be chosen exist on every day of the year: the clocks change between 02:00 and 03:00.
    return datetime.combine(day, time(hour), tzinfo=COPENHAGEN)
