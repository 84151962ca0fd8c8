"""When a digest is due: Danish clocks, calendars and weeks."""

from datetime import datetime

import pytest

from config.clock import COPENHAGEN
from notifier.slots import daily_slot, this_week, week_number, weekly_slot


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        ("2026-10-25T01:30", "2026-10-24", "2026-W43"),  # the night the clocks go back
        ("2026-10-25T06:59", "2026-10-24", "2026-W43"),
        ("2026-10-25T07:00", "2026-10-25", "2026-W43"),
        ("2026-10-26T06:59", "2026-10-25", "2026-W43"),
        ("2026-10-26T07:00", "2026-10-26", "2026-W44"),
        ("2027-03-28T07:00", "2027-03-28", "2027-W12"),  # the night they go forward
        ("2027-03-29T07:00", "2027-03-29", "2027-W13"),
        ("2026-12-31T12:00", "2026-12-31", "2026-W53"),  # a year with a week 53
        ("2027-01-03T12:00", "2027-01-03", "2026-W53"),
        ("2027-01-04T07:00", "2027-01-04", "2027-W01"),
        ("2028-02-29T12:00", "2028-02-29", "2028-W09"),  # a leap day
        ("2026-08-31T07:00", "2026-08-31", "2026-W36"),  # the 31st, a Monday
    ],
)
def test_slots_follow_danish_clocks_and_calendars(now: str, daily: str, weekly: str) -> None:
    assert daily_slot(at(now)).name == daily
    assert weekly_slot(at(now)).name == weekly
    assert weekly_slot(at(now)).due_at.hour == 7


def test_a_forced_week_is_this_week_and_has_the_number_danes_use() -> None:
    assert this_week(at("2026-10-05T06:00")).name == "2026-W41"
    assert week_number(this_week(at("2027-01-03T12:00"))) == 53
