"""Processes that die, or work at the same time, neither lose nor double a mail."""

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifier import desk
from notifier.message import sender_for
from notifier.queueing import queue
from storage.lock import Busy, only_one
from storage.models import MessageStatus
from tests.factories import NOW
from tests.notifier.conftest import PostOffice
from tests.notifier.worlds import PEOPLE, boxes, everybody_watches


def test_two_runs_at_once_are_one(office: PostOffice) -> None:
    everybody_watches(office)
    with only_one(office.url, "notify"), pytest.raises(Busy):
        office.run()


def test_two_processes_without_the_lock_still_make_each_mail_once(office: PostOffice) -> None:
    """The lock spares work; the promise is kept by the database's keys."""
    everybody_watches(office)
    sender = sender_for(office.settings)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: queue(office.url, sender, now=NOW), range(2)))

    assert sum(report.counts()["queued"] for report in reports) == len(PEOPLE)
    assert not any(report.problems for report in reports)
    office.run()
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


class Killed(BaseException):
    """What a test throws where a process would have died."""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_run_killed_while_queueing_loses_and_doubles_nothing(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    everybody_watches(office)

    put, calls = desk.put, Counter[str]()

    def dies(*args: object) -> object:
        row = put(*args)  # type: ignore[arg-type]
        calls["put"] += 1
        if calls["put"] > after:
            raise Killed
        return row

    with monkeypatch.context() as patch:
        patch.setattr(desk, "put", dies)
        patch.setattr(desk, "AT_A_TIME", 2)
        with pytest.raises(Killed):
            office.run()
    # Two are queued together: the one that stood alone is made again.
    assert len(office.outbox()) == after // 2 * 2

    office.run()

    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


KILLS_ITSELF = """
    import os, signal, sys
    from datetime import datetime
    from config.settings import load_settings
    from notifier import run, sending, smtp

    sends, die_at, before = 0, int(sys.argv[1]), sys.argv[2] == "before"
    plain = smtp.SmtpTransport.send

    async def send(self, envelope):
        global sends
        sends += 1
        if before and sends == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        await plain(self, envelope)
        if not before and sends == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    smtp.SmtpTransport.send = send
    run.notify(load_settings(), now=lambda: datetime.fromisoformat(sys.argv[3]))
"""


@pytest.mark.parametrize(("die_at", "when"), [(1, "before"), (4, "before"), (1, "after"), (4, "after")])
def test_kill_9_in_the_middle_of_sending(office: PostOffice, die_at: int, when: str) -> None:
    """Dead before the server took a mail: exactly once. Dead after it did: a repeat with the same Message-ID."""
    everybody_watches(office)
    environment = {
        "PATH": os.environ["PATH"],
        "DAGSORDENVAGT_DATABASE_URL": office.url,
        "DAGSORDENVAGT_DATA_DIR": str(office.settings.data_dir),
        "DAGSORDENVAGT_SMTP_URL": office.server.url,
        "DAGSORDENVAGT_SECRET_KEY": "test key",
    }
    command = [sys.executable, "-c", textwrap.dedent(KILLS_ITSELF), str(die_at), when, NOW.isoformat()]
    died = subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL

    office.run()
    office.run()

    ids = Counter(office.server.ids())
    assert len(ids) == len(PEOPLE)
    assert sum(ids.values()) == len(PEOPLE) + (when == "after")
    assert all(row.status is MessageStatus.SENT for row in office.outbox())
