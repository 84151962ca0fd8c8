"""Old meetings that somebody asked for: read back in time, within a budget, resumed after anything, never news."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from config.clock import now
from crawler.archive import periods_back
from crawler.items import Wish
from crawler.progress import ArchiveReached, MeetingStored, from_line
from crawler.run import crawl_command
from storage.archive import ask_for_archive, forget_wishes, next_wishes
from storage.engine import reading, transaction
from storage.models import Backfill, CrawlOutcome, CrawlRun, Meeting, Publication, PublicationStatus, Revision, Source
from storage.save_meeting import save_meeting
from tests.crawler.conftest import Run, add_source, crawl, publications_of, run_to_the_end, start
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, begins, line, listing, point, portal
from tests.servers.replay import Replay, Saved, replay, saved_json
from tests.storage.test_save_meeting import ItemRecord, MeetingRecord

DAYS = (-40, -50, -60, -70, -80, -90)
SINCE, UNTIL = (now() - timedelta(days=85)).date(), (now() - timedelta(days=30)).date()


@pytest.fixture
def site() -> Iterator[Replay]:
    lines = [line("ahead", days=5), *(line(f"m{-days}", days=days) for days in DAYS)]
    answers = {f"m{-days}": saved_json(agenda(point(1, f"Sag {-days}"), days=days), seconds=0.05) for days in DAYS}
    with replay(portal(*lines, ahead=agenda(point(1, "Natcafé"), days=5), **answers)) as server:
        yield server


def wish_for(url: str, since: date = SINCE, until: date = UNTIL) -> None:
    with transaction(url) as session:
        ask_for_archive(session, [], since, until, now())


def command(requests: int | None = None) -> list[str]:
    return crawl_command(archive=True, requests=requests)


def read(url: str, requests: int | None = None) -> Run:
    return run_to_the_end(command(requests), url)


def wish_of(url: str) -> Backfill:
    with reading(url) as session:
        wish = session.scalars(select(Backfill)).one()
        session.expunge_all()
        return wish


def stored(url: str) -> set[str]:
    return {one for one, row in publications_of(url, 1).items() if row.status is PublicationStatus.STORED}


def test_a_wish_is_read_in_nightly_portions_the_latest_first_until_it_is_done(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    wish_for(sqlite_url)
    # Cookie, list and two meetings are what the first night may ask for.
    first = read(sqlite_url, requests=4)
    assert first.exit_code == 0, first.log
    assert stored(sqlite_url) == {"m40", "m50"}
    wish = wish_of(sqlite_url)
    assert (wish.waiting, wish.fetched, wish.requests, wish.finished_at) == (3, 2, 4, None)
    assert [(one.waiting, one.finished) for one in first.events if isinstance(one, ArchiveReached)] == [(3, False)]

    asked = len(site.requests)
    assert read(sqlite_url).exit_code == 0
    assert stored(sqlite_url) == {"m40", "m50", "m60", "m70", "m80"}
    # Neither what is stored nor what lies before the wish or ahead is asked for.
    assert {path for path in site.requests[asked:] if "/dagsorden/" in path} == {f"{MEETING}m{n}" for n in (60, 70, 80)}
    wish = wish_of(sqlite_url)
    assert (wish.waiting, wish.fetched, wish.failed, wish.reached) == (0, 5, 0, SINCE)
    assert wish.finished_at is not None
    with reading(sqlite_url) as session:
        assert all(session.scalars(select(Revision.backfill)))
        assert next_wishes(session) == {}
        # What the archive held says nothing of the source's health.
        source = session.scalars(select(Source)).one()
        assert (source.last_success_at, source.meetings_listed) == (None, None)
        assert all(run.archive and run.outcome is CrawlOutcome.OK for run in session.scalars(select(CrawlRun)))


def test_killed_in_the_middle_it_goes_on_where_it_was(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    wish_for(sqlite_url)
    with start(command(), sqlite_url) as process:
        while (text := process.stdout.readline()) and not isinstance(from_line(text), MeetingStored):
            pass
    before = stored(sqlite_url)
    asked = len(site.requests)
    assert read(sqlite_url).exit_code == 0
    assert stored(sqlite_url) == {"m40", "m50", "m60", "m70", "m80"}
    assert not {f"{MEETING}{one}" for one in before} & {*site.requests[asked:]}
    assert wish_of(sqlite_url).finished_at is not None


def test_a_paper_that_fails_gets_three_nights_and_is_then_counted(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    site.answers[f"{MEETING}m60"] = [Saved(status=500)]
    wish_for(sqlite_url)
    for waiting in (1, 1, 0):
        assert read(sqlite_url).exit_code == 3
        assert wish_of(sqlite_url).waiting == waiting
    wish = wish_of(sqlite_url)
    assert (wish.failed, wish.fetched, wish.finished_at is not None) == (1, 4, True)


def test_even_a_meeting_ahead_is_no_news_when_it_was_asked_for_as_archive(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    wish_for(sqlite_url, SINCE, now().date() + timedelta(days=30))
    assert read(sqlite_url).exit_code == 0
    assert "ahead" in stored(sqlite_url)
    with reading(sqlite_url) as session:
        assert all(session.scalars(select(Revision.backfill)))


def test_the_archive_leaves_alone_what_vanished_and_the_sweeps_marks(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    assert crawl(sqlite_url).exit_code == 0
    with transaction(sqlite_url) as session:
        session.execute(update(Source).values(meetings_listed=7, failure_streak=2))
    site.answers[LIST] = [
        saved_json({"Udvalg": {"U": [{"Id": "c", "Navn": "Byrådet", "Moeder": [line("m40", days=-40)]}]}})
    ]
    wish_for(sqlite_url)
    assert read(sqlite_url).exit_code == 0
    with reading(sqlite_url) as session:
        assert session.scalars(select(Publication).where(Publication.missing_since.is_not(None))).all() == []
        source = session.scalars(select(Source)).one()
        assert (source.meetings_listed, source.failure_streak) == (7, 2)
        assert session.query(Meeting).count() == 2


def test_minutes_that_a_sweep_waits_for_are_left_to_the_sweep(sqlite_url: str, site: Replay) -> None:
    add_source(sqlite_url, 1, site.base_url)
    held = datetime.fromisoformat(begins(-40))
    with transaction(sqlite_url) as session:
        seen_ahead = MeetingRecord("m40", (ItemRecord("1", "Natcafé"),), committee_name="Byrådet", starts_at=held)
        save_meeting(session, session.scalars(select(Source)).one(), seen_ahead, seen_at=held - timedelta(days=5))
    minutes = [line("m40", days=-40), line("r40", days=-40, Navn="Referat", Afsluttet=True)]
    site.answers[LIST] = [saved_json(listing(*minutes))]
    site.answers[f"{MEETING}r40"] = [saved_json(agenda(point(1, "Natcafé"), days=-40))]
    wish_for(sqlite_url)
    assert read(sqlite_url).exit_code == 0
    assert "r40" not in stored(sqlite_url)
    assert crawl(sqlite_url).exit_code == 0
    assert "r40" in stored(sqlite_url)


def test_asked_again_an_unfinished_wish_goes_on_and_a_finished_one_begins_again(sqlite_url: str) -> None:
    add_source(sqlite_url, 1, "https://dagsordener.x.dk")
    since, until = date(2022, 1, 1), date(2026, 10, 1)
    wish_for(sqlite_url, since, until)
    with transaction(sqlite_url) as session:
        session.execute(update(Backfill).values(reached=date(2024, 1, 1)))
    wish_for(sqlite_url, since, until)
    assert wish_of(sqlite_url).reached == date(2024, 1, 1)
    wish_for(sqlite_url, since, date(2026, 10, 9))
    assert (wish_of(sqlite_url).reached, wish_of(sqlite_url).until) == (date(2026, 10, 9), date(2026, 10, 9))
    with transaction(sqlite_url) as session:
        session.execute(update(Backfill).values(reached=since, finished_at=now()))
    wish_for(sqlite_url, since, date(2026, 10, 9))
    assert (wish_of(sqlite_url).reached, wish_of(sqlite_url).finished_at) == (date(2026, 10, 9), None)
    with transaction(sqlite_url) as session:
        assert forget_wishes(session, 1) == 1


def test_a_platform_with_a_window_is_asked_period_by_period_from_where_the_wish_has_got_to() -> None:
    wish = Wish(id=1, since=date(2026, 1, 1), until=date(2026, 4, 1), reached=date(2026, 3, 1))
    assert list(periods_back(wish, 30)) == [
        (date(2026, 1, 30), date(2026, 3, 1)),
        (date(2026, 1, 1), date(2026, 1, 30)),
    ]
    assert list(periods_back(wish, None)) == [(date(2026, 1, 1), date(2026, 3, 1))]
