"""The schedule: read, kept, made up for, and ended politely."""

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select

from config.clock import COPENHAGEN, now
from config.errors import ConfigError
from config.schedule import ScheduledJob, read_schedule
from config.settings import Settings
from service.jobs import recorded
from service.scheduler import missed, serve, trigger_of
from service.stop import Stop
from storage.engine import reading
from storage.models import JobRun


def test_every_line_of_the_built_in_schedule_can_be_kept_and_says_why() -> None:
    jobs = read_schedule()
    assert {job.job for job in jobs} == set(get_args(ScheduledJob.model_fields["job"].annotation))
    for job in jobs:
        assert trigger_of(job, "Europe/Copenhagen").get_next_fire_time(None, now()) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no \\[\\[job\\]\\]"),
        ('[[job]]\nname="x"\njob="cycle"\ncron="0 7 * *"\nwhy="long enough words"', "five fields"),
        ('[[job]]\nname="x"\njob="cycl"\ncron="0 7 * * *"\nwhy="long enough words"', "entry 1: 'job'"),
        ("[[job", "cannot be read"),
    ],
)
def test_a_schedule_with_a_typo_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_schedule(path)


def job(cron: str) -> ScheduledJob:
    return ScheduledJob(name="test", job="cycle", cron=cron, why="because a test wants it")


def test_a_nonsense_cron_line_is_refused() -> None:
    with pytest.raises(ConfigError, match="'99 7"):
        trigger_of(job("99 7 * * *"), "Europe/Copenhagen")


@pytest.mark.parametrize("weekday", ["1", "mon"])
def test_weekday_numbers_mean_what_crontab_means(weekday: str) -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=COPENHAGEN)
    due = trigger_of(job(f"0 7 * * {weekday}"), "Europe/Copenhagen").get_next_fire_time(None, sunday)
    assert due is not None
    assert (due.day, due.hour) == (23, 7)


def test_seven_oclock_stays_seven_oclock_when_summer_time_ends() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=COPENHAGEN)
    due = trigger_of(job("0 7 * * *"), "Europe/Copenhagen").get_next_fire_time(None, before)
    assert due is not None
    assert (due.hour, due.utcoffset()) == (7, timedelta(hours=1))


def test_a_time_missed_while_the_service_was_down_is_known() -> None:
    trigger = trigger_of(job("0 7 * * *"), "Europe/Copenhagen")
    morning = datetime(2026, 11, 20, 8, 0, tzinfo=COPENHAGEN)
    assert missed(trigger, None, morning)
    assert missed(trigger, morning - timedelta(hours=3), morning)
    assert not missed(trigger, morning - timedelta(minutes=30), morning)


def test_the_service_makes_up_once_and_finishes_its_step_before_it_ends(sqlite_url: str) -> None:
    stop, began = Stop(), threading.Event()
    ended: list[str] = []

    def cycle() -> None:
        with recorded(sqlite_url, "cycle"):
            began.set()
            time.sleep(0.5)
            ended.append("cycle")

    settings = Settings(database_url=sqlite_url)
    work = {"cycle": cycle, "notify": lambda: None, "digest": lambda: None}
    service = threading.Thread(target=serve, args=(settings, [job("0 0 1 1 *")], work, stop))
    service.start()
    assert began.wait(10)
    stop.ask()
    service.join(10)
    assert not service.is_alive()
    assert ended == ["cycle"]
    with reading(sqlite_url) as session:
        assert session.scalars(select(JobRun)).one().exit_code == 0


def test_one_failing_job_does_not_end_the_service(sqlite_url: str) -> None:
    stop, seen = Stop(), threading.Event()

    def cycle() -> None:
        seen.set()
        raise RuntimeError("the database is gone")

    settings = Settings(database_url=sqlite_url)
    work = {"cycle": cycle, "notify": lambda: None, "digest": lambda: None}
    service = threading.Thread(target=serve, args=(settings, [job("0 0 1 1 *")], work, stop))
    service.start()
    assert seen.wait(10)
    time.sleep(0.3)
    assert service.is_alive()
    stop.ask()
    service.join(10)


def test_a_job_that_dies_leaves_its_reason(database_url: str) -> None:
    with pytest.raises(RuntimeError), recorded(database_url, "match"):
        raise RuntimeError("no language data")
    with reading(database_url) as session:
        row = session.scalars(select(JobRun)).one()
        assert (row.exit_code, row.error) == (1, "RuntimeError: no language data")
