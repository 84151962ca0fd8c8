"""When things happen next, as a table: the nights the clocks change, week 53, the 31st, a leap day, a holiday week."""

from datetime import datetime, timedelta

import pytest

from config.clock import COPENHAGEN, local
from config.schedule import read_schedule
from notifier.quiet import QuietHours
from notifier.slots import daily_slot, weekly_slot
from service.scheduler import trigger_of

ZONE = "Europe/Copenhagen"
JOBS = {job.name: job for job in read_schedule()}

# job of the schedule, after this moment, it runs next
RUNS = [
    # The night of 25 hours: 02:00 to 03:00 comes twice, and nothing of ours runs in it.
    ("night sweep", "2026-10-25T00:00+02:00", "2026-10-25T03:15+01:00"),
    ("night sweep", "2026-10-25T02:30+02:00", "2026-10-25T03:15+01:00"),
    ("night sweep", "2026-10-25T02:30+01:00", "2026-10-25T03:15+01:00"),
    ("night sweep", "2026-10-25T03:15+01:00", "2026-10-26T03:15+01:00"),
    ("digests", "2026-10-24T07:01+02:00", "2026-10-25T07:00+01:00"),
    ("digests", "2026-10-25T06:59+01:00", "2026-10-25T07:00+01:00"),
    # The night of 23 hours: 02:00 to 03:00 does not exist.
    ("night sweep", "2027-03-28T01:59+01:00", "2027-03-28T03:15+02:00"),
    ("digests", "2027-03-27T07:00:01+01:00", "2027-03-28T07:00+02:00"),
    ("archive", "2027-03-27T22:30+01:00", "2027-03-28T22:00+02:00"),
    # A year that ends in week 53.
    ("digests", "2026-12-31T08:00+01:00", "2027-01-01T07:00+01:00"),
    ("evening sweep", "2026-12-31T18:00:01+01:00", "2027-01-01T18:00+01:00"),
    # The 31st, and the months without one.
    ("midday sweep", "2026-10-30T13:00+01:00", "2026-10-31T12:30+01:00"),
    ("midday sweep", "2026-10-31T13:00+01:00", "2026-11-01T12:30+01:00"),
    ("midday sweep", "2027-04-30T13:00+02:00", "2027-05-01T12:30+02:00"),
    # A leap day, and a year without one.
    ("digests", "2028-02-28T09:00+01:00", "2028-02-29T07:00+01:00"),
    ("digests", "2028-02-29T09:00+01:00", "2028-03-01T07:00+01:00"),
    ("digests", "2027-02-28T09:00+01:00", "2027-03-01T07:00+01:00"),
    # Easter: sites are read and digests made on holidays, too; only immediate mails wait.
    ("digests", "2027-03-25T09:00+01:00", "2027-03-26T07:00+01:00"),
    ("evening sweep", "2026-12-24T09:00+01:00", "2026-12-24T18:00+01:00"),
]


@pytest.mark.parametrize(("name", "after", "runs"), RUNS)
def test_the_schedule_runs_by_the_clock_on_the_wall(name: str, after: str, runs: str) -> None:
    following = datetime.fromisoformat(after) + timedelta(microseconds=1)
    due = trigger_of(JOBS[name], ZONE).get_next_fire_time(None, following)
    assert due == datetime.fromisoformat(runs)
    assert due.utcoffset() == datetime.fromisoformat(runs).utcoffset()


# weekday (0 is Monday) and hour of a reader; the moment; the slot that is then the newest; when it fell due
SLOTS = [
    (0, 7, "2026-10-26T06:59+01:00", "2026-W43", "2026-10-19T07:00+02:00"),
    (0, 7, "2026-10-26T07:00+01:00", "2026-W44", "2026-10-26T07:00+01:00"),
    (6, 8, "2026-10-25T07:59+01:00", "2026-W42-7", "2026-10-18T08:00+02:00"),  # Sunday readers, the night of 25 hours
    (6, 8, "2026-10-25T08:00+01:00", "2026-W43-7", "2026-10-25T08:00+01:00"),
    (6, 8, "2027-03-28T08:00+02:00", "2027-W12-7", "2027-03-28T08:00+02:00"),  # and the one of 23
    (3, 16, "2026-12-31T16:00+01:00", "2026-W53-4", "2026-12-31T16:00+01:00"),  # New Year's Eve in week 53
    (4, 16, "2027-01-01T15:59+01:00", "2026-W52-5", "2026-12-25T16:00+01:00"),
    (4, 16, "2027-01-01T16:00+01:00", "2026-W53-5", "2027-01-01T16:00+01:00"),
    (0, 7, "2027-01-04T07:00+01:00", "2027-W01", "2027-01-04T07:00+01:00"),
    (5, 7, "2026-10-31T07:00+01:00", "2026-W44-6", "2026-10-31T07:00+01:00"),  # the 31st
    (1, 7, "2028-02-29T07:00+01:00", "2028-W09-2", "2028-02-29T07:00+01:00"),  # a leap day
    (0, 7, "2026-04-06T07:00+02:00", "2026-W15", "2026-04-06T07:00+02:00"),  # Easter Monday: a digest keeps its hour
]


@pytest.mark.parametrize(("weekday", "hour", "moment", "name", "due"), SLOTS)
def test_a_reader_of_any_weekday_has_one_slot_a_week(weekday: int, hour: int, moment: str, name: str, due: str) -> None:
    slot = weekly_slot(datetime.fromisoformat(moment), weekday, hour)
    assert (slot.name, slot.due_at) == (name, datetime.fromisoformat(due))


@pytest.mark.parametrize(("weekday", "hour"), [(0, 7), (3, 16), (6, 8)])
def test_over_six_years_no_week_is_left_out_or_doubled(weekday: int, hour: int) -> None:
    moment, slots = datetime(2025, 1, 1, 12, tzinfo=COPENHAGEN), []
    while moment.year < 2031:
        slot = weekly_slot(moment, weekday, hour)
        assert slot.due_at <= moment < slot.due_at + timedelta(days=7, hours=1)
        slots.append(slot)
        moment = (moment.replace(tzinfo=None) + timedelta(days=7)).replace(tzinfo=COPENHAGEN)
    assert len({slot.name for slot in slots}) == len(slots)
    assert {(local(slot.due_at).weekday(), local(slot.due_at).hour) for slot in slots} == {(weekday, hour)}


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_every_day_of_a_year_has_its_daily_slot(year: int) -> None:
    moment, names = datetime(year, 1, 1, 7, tzinfo=COPENHAGEN), []
    while moment.year == year:
        slot = daily_slot(moment)
        assert slot.due_at == moment
        names.append(slot.name)
        moment = (moment.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=COPENHAGEN)
    assert len(set(names)) == len(names) == (366 if year == 2028 else 365)


# An immediate mail that was found then, and can wait, goes out then.
HELD = [
    ("2026-10-24T22:00+02:00", "2026-10-25T07:00+01:00"),
    ("2026-03-28T22:00+01:00", "2026-03-29T07:00+02:00"),
    ("2026-04-01T20:00+02:00", "2026-04-04T07:00+02:00"),  # Wednesday evening before Easter: on the Saturday
    ("2026-04-04T20:00+02:00", "2026-04-07T07:00+02:00"),  # that Saturday's evening: after Easter Monday
    ("2026-12-23T19:59+01:00", "2026-12-23T19:59+01:00"),
    ("2026-12-23T20:00+01:00", "2026-12-27T07:00+01:00"),
    ("2026-12-31T12:00+01:00", "2027-01-02T07:00+01:00"),
    ("2028-02-28T23:00+01:00", "2028-02-29T07:00+01:00"),
]


@pytest.mark.parametrize(("found", "goes"), HELD)
def test_immediate_mails_over_a_holiday_week(found: str, goes: str) -> None:
    assert QuietHours().end_after(datetime.fromisoformat(found)) == datetime.fromisoformat(goes)
