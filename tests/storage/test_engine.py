"""Locks, and times that keep their zone."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from config.clock import COPENHAGEN
from storage.engine import reading, transaction
from storage.lock import Busy, only_one
from storage.migrate import upgrade
from storage.models import JobRun

HOLDER = """
import sys, time
from storage.lock import only_one
with only_one(sys.argv[1], "notify"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_keeps_other_processes_out_until_its_holder_is_killed(database_url: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, database_url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy), only_one(database_url, "notify"):
            pass
        with only_one(database_url, "crawl"):
            pass
    finally:
        holder.kill()
        holder.wait()
    with only_one(database_url, "notify"):
        pass


@pytest.mark.parametrize("hour", [0, 2, 12])
def test_times_come_back_as_danish_local_time_also_on_the_long_night(database_url: str, hour: int) -> None:
    # 25 October 2026 is the night when 2 o'clock comes twice.
    for fold in (0, 1):
        moment = datetime(2026, 10, 25, hour, 30, fold=fold, tzinfo=COPENHAGEN)
        with transaction(database_url) as session:
            run = JobRun(job="crawl", started_at=moment, summary={})
            session.add(run)
            session.flush()
            number = run.id
        with reading(database_url) as session:
            back = session.get_one(JobRun, number).started_at
            assert back.timestamp() == moment.timestamp()
            assert back.tzinfo is COPENHAGEN
            assert back.hour == hour


def test_a_time_without_a_zone_is_refused(database_url: str) -> None:
    with pytest.raises(Exception, match="no time zone"), transaction(database_url) as session:
        session.add(JobRun(job="crawl", started_at=datetime(2026, 10, 25), summary={}))  # noqa: DTZ001


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Names, addresses and working links stand in it."""
    path = tmp_path / "data" / "vagt.sqlite3"
    before = os.umask(0)
    try:
        upgrade(f"sqlite:///{path}")
    finally:
        os.umask(before)
    with reading(f"sqlite:///{path}") as session:
        session.connection()
        kept = {one.name: one.stat().st_mode & 0o077 for one in path.parent.iterdir() if "lock" not in one.name}
    assert set(kept.values()) == {0}, kept
