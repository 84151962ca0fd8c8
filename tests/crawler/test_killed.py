"""A run that is killed at any point, and then run again, leaves the same database as an undisturbed run."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.health import STOPPED
from crawler.progress import MeetingStored, from_line
from crawler.run import LOCK, crawl_command, main
from storage.engine import reading
from storage.lock import only_one
from storage.models import CrawlOutcome, CrawlRun, Source
from tests.crawler.conftest import add_source, crawl, everything, start
from tests.crawler.firstagenda_answers import agenda, line, point, portal
from tests.servers.forks import Fork
from tests.servers.replay import Replay, replay, saved_json

MEETINGS = 12


@pytest.fixture(scope="module")
def site() -> Iterator[Replay]:
    lines = [line(f"m{number}", days=number) for number in range(1, MEETINGS + 1)]
    answers = {
        f"m{number}": saved_json(
            agenda(point(1, "Godkendelse af dagsorden"), point(2, f"Natcafé nr. {number}"), days=number), seconds=0.05
        )
        for number in range(1, MEETINGS + 1)
    }
    with replay(portal(*lines, **answers)) as server:
        yield server


def until_stored(process: Fork, meetings: int) -> None:
    while meetings and (text := process.stdout.readline()):
        meetings -= isinstance(from_line(text), MeetingStored)
    assert not meetings, process.stderr


@pytest.fixture(scope="module")
def undisturbed(site: Replay, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the database holds after a run that nothing disturbs."""
    path = tmp_path_factory.mktemp("undisturbed") / "test.sqlite3"
    shutil.copy(sqlite_template, path)
    add_source(f"sqlite:///{path}", 1, site.base_url)
    assert crawl(f"sqlite:///{path}").exit_code == 0
    return everything(f"sqlite:///{path}")


@pytest.mark.parametrize("stored", [1, 5, 9])
def test_kill_9_and_run_again_gives_the_same_as_an_undisturbed_run(
    stored: int, database_url: str, site: Replay, undisturbed: str
) -> None:
    add_source(database_url, 1, site.base_url)
    with start(crawl_command(), database_url) as process:
        until_stored(process, stored)
    asked = len(site.requests)
    assert crawl(database_url).exit_code == 0
    # What was stored before the kill is not asked for again.
    assert len([path for path in site.requests[asked:] if "/dagsorden/" in path]) <= MEETINGS - stored
    assert everything(database_url) == undisturbed
    with reading(database_url) as session:
        outcomes = [run.outcome for run in session.scalars(select(CrawlRun).order_by(CrawlRun.id))]
    assert outcomes == [CrawlOutcome.FAILED, CrawlOutcome.OK]


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 10), pytest.param("postgres", 3, marks=pytest.mark.postgres)])
def test_killed_at_random_moments_again_and_again_it_comes_to_the_same(
    kind: str, kills: int, request: pytest.FixtureRequest, site: Replay, undisturbed: str
) -> None:
    url: str = request.getfixturevalue(f"{kind}_url")
    seed = random.randrange(1_000_000)
    moments = random.Random(seed)
    add_source(url, 1, site.base_url)
    for _ in range(kills):
        with start(crawl_command(), url) as process:
            # So many of its words, and then somewhere before the next one.
            for _ in range(moments.randrange(1, 7)):
                process.stdout.readline()
            process.wait(moments.uniform(0, 0.06))
    assert crawl(url).exit_code == 0, f"seed {seed}"
    assert everything(url) == undisturbed, f"seed {seed}"


def test_sigterm_ends_a_run_in_good_order(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    with start(crawl_command(), sqlite_url) as process:
        until_stored(process, 3)
        process.terminate()
        done = process.finish()
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    with reading(sqlite_url) as session:
        run = session.scalars(select(CrawlRun)).one()
        assert (run.outcome, run.error) == (CrawlOutcome.PARTIAL, STOPPED)
        assert 3 <= run.fetched < MEETINGS
        # To be stopped by us is no fault of the source.
        assert session.scalars(select(Source)).one().failure_streak == 0
    assert crawl(sqlite_url).exit_code == 0


def test_two_runs_at_once_are_refused(
    sqlite_url: str, site: Replay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_source(sqlite_url, 1, site.base_url)
    asked = len(site.requests)
    # A run waits a while for one whose service was killed.
    monkeypatch.setattr("crawler.run.GRACE_SECONDS", 0.1)
    with only_one(sqlite_url, LOCK):
        assert main(["--url", sqlite_url]) == 1
    assert "Another crawl" in capsys.readouterr().err
    assert len(site.requests) == asked
