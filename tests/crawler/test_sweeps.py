"""What sweeps ask a FirstAgenda site for: the list by day, open meetings again at night."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from config.clock import now
from crawler.progress import ListFound, SourceFinished
from storage.engine import reading, transaction
from storage.models import AgendaItem, Publication, PublicationStatus, Revision, Source
from storage.save_meeting import save_meeting
from tests.crawler.conftest import Run, add_source, crawl, publications_of
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, begins, line, listing, point, portal
from tests.servers.replay import Replay, Saved, replay, saved_json
from tests.storage.test_save_meeting import ItemRecord, MeetingRecord

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


def test_minutes_that_come_long_after_the_meeting_are_read_and_are_news(sqlite_url: str, site: Replay) -> None:
    """Advisory councils approve them at the next meeting, which may lie behind the summer."""
    add_source(sqlite_url, 1, site.base_url)
    old, new = line("spring", days=-70), line("spring-minutes", days=-70, Navn="Referat", Afsluttet=True)
    never = line("never-seen", days=-70, MeetingBeginUtc=begins(-71), Navn="Referat", Afsluttet=True)
    site.answers[LIST] = [saved_json(listing(AHEAD, HELD, old))]
    with transaction(sqlite_url) as session:
        paper = MeetingRecord("spring", (ItemRecord("1", "Natcafé", "26/1"),), committee_name="Byrådet")
        held = datetime.fromisoformat(begins(-70))
        source = session.scalars(select(Source)).one()
        save_meeting(session, source, replace(paper, starts_at=held), seen_at=held - timedelta(days=6))
    sweep(sqlite_url, site)
    decided = point(1, "Natcafé", "<h3>Beslutning</h3><span>Godkendt.</span>")
    site.answers[f"{MEETING}spring-minutes"] = [saved_json(agenda(decided, days=-70))]
    site.answers[LIST] = [saved_json(listing(AHEAD, HELD, old, new, never))]
    assert sweep(sqlite_url, site)[1] == [LIST, f"{MEETING}spring-minutes"]
    with reading(sqlite_url) as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.revisions.any(Revision.stage == "minutes"))).one()
        assert [(one.changes, one.backfill) for one in item.revisions] == [
            (["published"], False),
            (["text", "decision"], False),
        ]
    assert sweep(sqlite_url, site)[1] == [LIST]


@pytest.mark.parametrize(
    ("html", "changes", "papers"),
    [
        ("", ["attachment_added"], ["Sagsfremstilling (PDF)", "Punktet i referatet (PDF)"]),
        ("<h3>Beslutning</h3><span>Godkendt.</span>", ["decision"], ["Sagsfremstilling (PDF)"]),
    ],
)
def test_minutes_of_an_item_whose_text_is_a_pdf_are_told_apart_from_its_agenda(
    sqlite_url: str, site: Replay, html: str, changes: list[str], papers: list[str]
) -> None:
    def answer(days: float, html: str) -> Saved:
        container = f"<div><div id='sagsfremstillingContainer'>{html}</div></div>"
        return saved_json(agenda(point(1, "Natcafé", Felter=[{"Html": container, "DocumentId": "d1"}]), days=days))

    add_source(sqlite_url, 1, site.base_url)
    site.answers[f"{MEETING}held"] = [answer(-25, "")]
    sweep(sqlite_url, site)
    minutes = line("minutes", days=-25, Navn="Referat", Afsluttet=True)
    site.answers[LIST] = [saved_json(listing(AHEAD, HELD, minutes))]
    site.answers[f"{MEETING}minutes"] = [answer(-25, html)]
    sweep(sqlite_url, site)
    with reading(sqlite_url) as session:
        revision = session.scalars(select(Revision).where(Revision.number == 2)).one()
        assert (revision.changes, [one.title for one in revision.attachments]) == (changes, papers)


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
