"""What sweeps ask a FirstAgenda site for: the list by day, open meetings again at night."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from config.clock import now
from crawler.progress import ListFound, SourceFinished
from storage.engine import transaction
from storage.models import Publication, PublicationStatus
from tests.crawler.conftest import Run, add_source, crawl, publications_of
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, line, listing, point, portal
from tests.servers.replay import Replay, replay, saved_json

HELD = line("held", days=-25)
AHEAD = line("ahead", days=5)


@pytest.fixture
def site() -> Iterator[Replay]:
    answers = {"ahead": agenda(point(1, "Natcafé"), days=5), "held": agenda(point(1, "Gågade"), days=-25)}
    with replay(portal(AHEAD, HELD, **answers)) as server:
        yield server


def asked(server: Replay, before: int) -> list[str]:
    return [path for path in server.requests[before:] if path != "/robots.txt"]


def sweep(url: str, server: Replay) -> tuple[Run, list[str]]:
    before = len(server.requests)
    run = crawl(url)
    return run, asked(server, before)


def a_day_passes(url: str) -> None:
    """What was read was read yesterday."""
    with transaction(url) as session:
        session.execute(update(Publication).values(fetched_at=now() - timedelta(days=1)))


def test_by_day_a_quiet_sweep_asks_for_the_list_alone_and_by_night_for_open_meetings_too(
    sqlite_url: str, site: Replay
) -> None:
    add_source(sqlite_url, 1, site.base_url)
    assert sweep(sqlite_url, site)[1] == ["/", LIST, f"{MEETING}ahead", f"{MEETING}held"]
    # The cookie is kept.
    assert sweep(sqlite_url, site)[1] == [LIST]
    a_day_passes(sqlite_url)
    # A change that the list does not show: what is open is read again, what is settled is not.
    site.answers[f"{MEETING}ahead"] = [saved_json(agenda(point(1, "Natcafé", "<h3>Resume</h3>Nyt."), days=5))]
    run, paths = sweep(sqlite_url, site)
    assert paths == [LIST, f"{MEETING}ahead"]
    assert [(one.wanted, one.again) for one in run.events if isinstance(one, ListFound)] == [(1, 1)]
    assert [one.changed for one in run.events if isinstance(one, SourceFinished)] == [1]
    assert sweep(sqlite_url, site)[1] == [LIST]


def test_a_meeting_missing_on_two_sweeps_is_withdrawn(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    sweep(sqlite_url, site)
    site.answers[LIST] = [saved_json(listing(HELD))]
    for _ in range(2):
        assert sweep(sqlite_url, site)[0].exit_code == 0
        assert publications_of(sqlite_url, 1)["ahead"].status is PublicationStatus.STORED
    with transaction(sqlite_url) as session:
        session.execute(
            update(Publication)
            .where(Publication.missing_since.is_not(None))
            .values(missing_since=now() - timedelta(hours=5))
        )
    sweep(sqlite_url, site)
    assert publications_of(sqlite_url, 1)["ahead"].status is PublicationStatus.WITHDRAWN
