"""When digests fall due, named so that none is sent twice."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.clock import COPENHAGEN, local

# People read it before work; consultants plan their week on Monday morning.
DUE_AT = time(7, 0)


@dataclass(frozen=True)
class Slot:
    """One day or week of digests. ``name`` goes into the message's key; ``due_at`` is when it falls due."""

    name: str
    due_at: datetime


def daily_slot(now: datetime) -> Slot:
    """The newest day whose 07:00 Danish time has come, named ``2026-10-08``."""
    here = local(now)
    day = here.date() if here >= _at(here.date()) else here.date() - timedelta(days=1)
    return Slot(day.isoformat(), _at(day))


def weekly_slot(now: datetime) -> Slot:
    """The newest ISO week whose Monday 07:00 Danish time has come, named ``2026-W41``."""
    here = local(now)
    monday = here.date() - timedelta(days=here.weekday())
    return _week(monday if here >= _at(monday) else monday - timedelta(days=7))


def this_day(now: datetime) -> Slot:
    """The slot of today, due or not: for digests that are forced."""
    today = local(now).date()
    return Slot(today.isoformat(), _at(today))


def this_week(now: datetime) -> Slot:
    """The slot of this ISO week, due or not: for digests that are forced."""
    today = local(now).date()
    return _week(today - timedelta(days=today.weekday()))


def week_number(slot: Slot) -> int:
    """The ISO week that Danes call "uge 41"."""
    return local(slot.due_at).isocalendar().week


def _week(monday: date) -> Slot:
    year, week, _ = monday.isocalendar()
    return Slot(f"{year}-W{week:02d}", _at(monday))


def _at(day: date) -> datetime:
    # 07:00 exists on every day of the year: the clocks change between 02:00 and 03:00.
    return datetime.combine(day, DUE_AT, tzinfo=COPENHAGEN)
