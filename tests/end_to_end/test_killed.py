"""kill -9 in the middle of a run, then again: every mail exactly once, nothing lost."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.types import ASGIApp, Receive, Scope, Send

from config.clock import now
from service.demo.read_content import read_content
from service.demo.run import ASSOCIATIONS
from service.demo.serving import serve
from service.demo.site import DemoSite
from storage.engine import reading
from storage.models import Analysis, Publication, PublicationStatus
from tests.end_to_end.conftest import Installation, installed, on_postgresql, on_sqlite

PATIENCE = 60
# Each test reads them twice; the whole site would take a minute.
MEETINGS = {"boern-2", "handicap-1", "kultur-2", "social-1", "social-2", "trivsel-1"}

Point = Callable[[Installation, "StallingSite"], Callable[[], bool]]


class StallingSite:
    """A part of the demo's site; its answer number ``stall_at`` never comes."""

    def __init__(self) -> None:
        content = read_content(now().date())
        few = replace(content, publications=tuple(one for one in content.publications if one.meeting in MEETINGS))
        self._app: ASGIApp = DemoSite(few, now().date()).app
        self.stall_at: int | None = None
        self.stalled = threading.Event()
        self._meetings = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "/api/agenda/dagsorden/" in scope.get("path", ""):
            self._meetings += 1
            if self._meetings == self.stall_at:
                self.stalled.set()
                await receive()  # the client is gone
                return
        await self._app(scope, receive, send)


@pytest.fixture
def site(installation: Installation) -> Iterator[StallingSite]:
    with the_site_for(installation) as stalling:
        yield stalling


@contextmanager
def the_site_for(installation: Installation) -> Iterator[StallingSite]:
    stalling = StallingSite()
    with serve(stalling) as base_url:
        installation.watch(base_url)
        assert installation.run("associations", "import", str(ASSOCIATIONS), "--confirmed").returncode == 0
        yield stalling


@pytest.fixture(scope="session")
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What a run that nobody disturbs puts into the mailbox: (recipient, subject)."""
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copy(sqlite_template, folder / "test.sqlite3")
    with installed(folder, f"sqlite:///{folder / 'test.sqlite3'}") as one, the_site_for(one):
        assert one.run("run", "--once").returncode == 0
        assert len(one.received()) >= 4
        return one.received()


def count(installation: Installation, query: object) -> int:
    with reading(installation.database_url) as session:
        return session.scalar(query) or 0  # type: ignore[call-overload,no-any-return]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "the point was never reached"
        time.sleep(0.01)


def in_the_crawl(installation: Installation, site: StallingSite) -> Callable[[], bool]:
    site.stall_at = 5
    return site.stalled.is_set


def after_the_crawl(installation: Installation, site: StallingSite) -> Callable[[], bool]:
    left = select(func.count()).select_from(Publication).where(Publication.status == PublicationStatus.LISTED)
    stored = select(func.count()).select_from(Publication).where(Publication.status == PublicationStatus.STORED)
    return lambda: count(installation, stored) > 0 and count(installation, left) == 0


def in_the_matching(installation: Installation, site: StallingSite) -> Callable[[], bool]:
    return lambda: count(installation, select(func.count()).select_from(Analysis)) > 20


def before_the_first_mail(installation: Installation, site: StallingSite) -> Callable[[], bool]:
    installation.mailbox.hold_at = 0
    return installation.mailbox.holding.is_set


def between_two_mails(installation: Installation, site: StallingSite) -> Callable[[], bool]:
    installation.mailbox.hold_at = 2
    return installation.mailbox.holding.is_set


POINTS = [in_the_crawl, after_the_crawl, in_the_matching, before_the_first_mail, between_two_mails]


def survive(installation: Installation, site: StallingSite, point: Point, undisturbed: list[tuple[str, str]]) -> None:
    """Kills a run at the point, runs again, and finds each mail exactly once."""
    reached = point(installation, site)
    process = installation.start("run", "--once")
    until(reached)
    process.kill()
    process.wait()
    site.stall_at, installation.mailbox.hold_at = None, None

    assert installation.run("run", "--once").returncode == 0
    assert installation.received() == undisturbed
    ids = [str(mail["Message-ID"]) for mail in installation.mailbox.mails]
    assert len(set(ids)) == len(ids)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.__name__)
@on_sqlite
def test_killed_on_sqlite(
    installation: Installation, site: StallingSite, undisturbed: list[tuple[str, str]], point: Point
) -> None:
    survive(installation, site, point, undisturbed)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("point", [between_two_mails], ids=lambda point: point.__name__)
@on_postgresql
def test_killed_on_postgresql(
    installation: Installation, site: StallingSite, undisturbed: list[tuple[str, str]], point: Point
) -> None:
    survive(installation, site, point, undisturbed)


@pytest.mark.slow
@on_sqlite
def test_killed_between_the_servers_yes_and_our_record_repeats_the_same_message_id(
    installation: Installation, site: StallingSite
) -> None:
    mailbox = installation.mailbox
    mailbox.hold_at, mailbox.accept_held = 1, True
    process = installation.start("run", "--once")
    until(mailbox.holding.is_set)
    process.kill()
    process.wait()
    mailbox.hold_at = None
    assert installation.run("run", "--once").returncode == 0

    ids = [str(mail["Message-ID"]) for mail in mailbox.mails]
    assert len(ids) == len(set(ids)) + 1
    assert ids[1] in ids[2:]


@on_sqlite
def test_the_crawler_ends_when_its_service_is_killed(installation: Installation, site: StallingSite) -> None:
    site.stall_at = 3
    process = installation.start("run", "--once")
    until(site.stalled.is_set)
    process.kill()
    process.wait()
    # A new run gets its turn: an orphan that went on crawling would still hold the crawler's lock.
    assert installation.run("crawl").returncode == 0


@on_sqlite
def test_without_a_mail_server_the_mails_are_files(installation: Installation, site: StallingSite) -> None:
    del installation.environment["DAGSORDENVAGT_SMTP_URL"]
    assert installation.run("run", "--once").returncode == 0
    outbox = Path(installation.environment["DAGSORDENVAGT_DATA_DIR"]) / "outbox"
    assert len(list(outbox.glob("*.eml"))) >= 3
