"""Work beside the visits: what breaks it costs one piece only, and nothing of it outlives the crawler."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.beside import DONE_HERE, Beside
from crawler.platforms.base import BadAnswer
from crawler.progress import MeetingStored
from crawler.run import crawl_command
from tests.crawler.conftest import add_source, crawl, everything, start
from tests.crawler.firstagenda_answers import agenda, line, point, portal
from tests.crawler.test_killed import until_stored
from tests.servers.replay import Replay, replay, saved_json

MEETINGS = DONE_HERE + 15


@pytest.fixture
def beside() -> Iterator[Beside]:
    one = Beside(done_here=0, longest=0.5)
    yield one
    one.close()


def doing(beside: Beside, *works: tuple[Any, ...]) -> list[Any]:
    """What comes of these (function, argument …), asked for at once; what is raised stands in the place of a result."""

    async def ask() -> list[Any]:
        asked = [beside.do(work, *arguments, left=number) for number, (work, *arguments) in enumerate(works)]
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask())


def test_the_first_work_is_done_here_and_what_follows_in_one_other_process() -> None:
    beside = Beside(done_here=1)
    try:
        here, *there = doing(beside, (os.getpid,), (os.getpid,), (os.getpid,))
    finally:
        beside.close()
    assert here == os.getpid()
    assert there[0] == there[1] != here


def test_what_the_work_raises_is_raised(beside: Beside) -> None:
    [raised, result] = doing(beside, (int, "ti"), (int, "10"))
    assert isinstance(raised, ValueError)
    assert "ti" in str(raised)
    assert result == 10


@pytest.mark.parametrize("work", [(sum, range(10**12)), (os._exit, 1)], ids=["takes for ever", "breaks the process"])
def test_hostile_work_costs_only_itself(work: tuple[Any, ...], beside: Beside) -> None:
    [before] = doing(beside, (os.getpid,))
    [broken] = doing(beside, work)
    [after] = doing(beside, (os.getpid,))
    assert isinstance(broken, BadAnswer)
    assert "ikke til at læse" in broken.reason
    assert after != before


def test_of_those_that_wait_the_longest_visit_comes_first(beside: Beside) -> None:
    small, middle, large = doing(beside, *[(time.monotonic_ns,)] * 3)
    # The first finds the place free; of the two that wait, the one with more left goes first.
    assert small < large < middle


def test_the_environment_of_the_work_holds_no_secrets(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSORDENVAGT_SECRET_KEY", "hemmelig")
    [seen] = doing(beside, (os.getenv, "DAGSORDENVAGT_SECRET_KEY"))
    assert seen is None


@pytest.fixture(scope="module")
def large_site() -> Iterator[Replay]:
    names = [f"m{number}" for number in range(1, MEETINGS + 1)]
    answers = {
        name: saved_json(agenda(point(1, f"Natcafé nr. {name}"), days=day)) for day, name in enumerate(names, start=1)
    }
    with replay(portal(*(line(name, days=day) for day, name in enumerate(names, start=1)), **answers)) as server:
        yield server


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_crawler_killed_while_work_goes_on_beside_leaves_no_process_and_a_whole_database(
    large_site: Replay, sqlite_url: str, tmp_path: Path, sqlite_template: Path
) -> None:
    add_source(sqlite_url, 1, large_site.base_url)
    with start(crawl_command(), sqlite_url) as process:
        until_stored(process, DONE_HERE + 3)
        beside = children(process.pid)
    assert len(beside) == 1
    for _ in range(100):
        if not running(beside[0]):
            break
        time.sleep(0.1)
    assert not running(beside[0])

    again = crawl(sqlite_url)
    assert again.exit_code == 0
    assert sum(isinstance(event, MeetingStored) for event in again.events) <= MEETINGS - DONE_HERE - 3
    undisturbed = tmp_path / "undisturbed.sqlite3"
    undisturbed.write_bytes(sqlite_template.read_bytes())
    add_source(f"sqlite:///{undisturbed}", 1, large_site.base_url)
    assert crawl(f"sqlite:///{undisturbed}").exit_code == 0
    assert everything(sqlite_url) == everything(f"sqlite:///{undisturbed}")
