"""A real list and a real council agenda (33 items, 636 attachments), over real HTTP, into both databases."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crawler.progress import ListFound, MeetingStored, RunFinished, SourceFinished
from service.demo.firstagenda import FirstAgendaServer
from service.demo.serving import serve
from storage.engine import reading
from storage.models import AgendaItem, Attachment, CrawlRun, Meeting, PublicationStatus, Revision
from tests.crawler.conftest import add_source, crawl, publications_of
from tests.servers.recordings import aarhus

COUNCIL = "a70723d3-8732-4382-b761-7622cc64fe62"
AARHUS = 751


@pytest.fixture
def portal(shared: Path) -> FirstAgendaServer:
    return FirstAgendaServer(*aarhus(shared))


def counts(url: str) -> tuple[int, int, int]:
    with reading(url) as session:
        return tuple(
            session.scalar(select(func.count()).select_from(one)) or 0 for one in (AgendaItem, Revision, Attachment)
        )


def test_the_council_agenda_is_stored_and_the_meetings_without_recording_are_recorded_as_failed(
    database_url: str, portal: FirstAgendaServer
) -> None:
    with serve(portal.app) as base_url:
        add_source(database_url, AARHUS, base_url)
        run = crawl(database_url)
    assert run.exit_code == 3, run.log
    assert counts(database_url) == (33, 33, 636)
    papers = publications_of(database_url, AARHUS)
    assert Counter(paper.status for paper in papers.values()) == {
        PublicationStatus.FAILED: 19,
        PublicationStatus.STORED: 1,
    }
    assert all("HTTP 500" in (paper.error or "") for key, paper in papers.items() if key != COUNCIL)
    assert next(event for event in run.events if isinstance(event, ListFound)).wanted == 20
    (stored,) = [event for event in run.events if isinstance(event, MeetingStored)]
    assert (stored.platform_id, stored.items, stored.changed) == (COUNCIL, 33, 33)
    (finished,) = [event for event in run.events if isinstance(event, SourceFinished)]
    assert (finished.outcome, finished.fetched, finished.failed) == ("partial", 1, 19)
    assert run.events[-1] == RunFinished(exit_code=3)


def test_sections_and_attachments_are_those_of_the_page(sqlite_url: str, portal: FirstAgendaServer) -> None:
    with serve(portal.app) as base_url:
        add_source(sqlite_url, AARHUS, base_url)
        crawl(sqlite_url)
    with reading(sqlite_url) as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.number == "6")).one()
        assert item.title == "Budgetforslag Social- og beskæftigelsesområdet"
        assert item.case_number == "EMN-2025-008294"
        assert item.url == f"{base_url}/vis?id={COUNCIL}&punktid={item.platform_id}"
        papers = item.newest.attachments
        assert len(papers) == 63
        assert papers[0].url == f"{base_url}/vis/pdf/bilag/{papers[0].platform_id}/?redirectDirectlyToPdf=false"
        assert all(paper.has_pdf for paper in papers)
        budget = session.scalars(select(AgendaItem).where(AgendaItem.number == "2")).one()
        told = [(section.heading, section.kind, section.own_decision) for section in budget.newest.sections]
        assert told == [
            ("Resume", "summary", False),
            ("Beslutningspunkter", "recommendation", False),
            ("Sagsforløb", "other", False),
        ]
        assert "Udvalg: Magistraten\nDato:" in budget.newest.sections[2].text
        meeting = session.scalars(select(Meeting)).one()
        assert (f"{meeting.starts_at:%H:%M}", meeting.place, meeting.committee.name) == (
            "16:00",
            "Byrådssalen",
            "Aarhus Byråd",
        )


def test_a_second_run_asks_for_no_stored_meeting_and_changes_nothing(
    database_url: str, portal: FirstAgendaServer
) -> None:
    with serve(portal.app) as base_url:
        add_source(database_url, AARHUS, base_url)
        crawl(database_url)
        before, asked = counts(database_url), len(portal.requests)
        run = crawl(database_url)
    again = list(portal.requests)[asked:]
    assert run.exit_code == 3
    assert counts(database_url) == before
    assert not [path for path in again if COUNCIL in path]
    # The cookie of the first visit is still good, so the front page is not asked for.
    assert again[:2] == ["/robots.txt", "/api/agenda/udvalgsliste"]
    assert "/" not in again
    with reading(database_url) as session:
        first, second = session.scalars(select(CrawlRun).order_by(CrawlRun.id))
        assert (first.wanted, first.fetched, first.changed, first.failed) == (20, 1, 33, 19)
        assert (second.wanted, second.fetched, second.changed, second.failed) == (19, 0, 0, 19)
        assert second.requests == 1 + 19


def test_a_new_cookie_is_fetched_when_the_old_one_is_no_longer_taken(sqlite_url: str, shared: Path) -> None:
    first, second = FirstAgendaServer(*aarhus(shared)), FirstAgendaServer(*aarhus(shared))
    with serve(first.app) as base_url:
        add_source(sqlite_url, AARHUS, base_url)
        crawl(sqlite_url)
    port = int(base_url.rpartition(":")[2])
    with serve(second.app, port):
        crawl(sqlite_url)
    asked = list(second.requests)
    assert asked[:4] == ["/robots.txt", "/api/agenda/udvalgsliste", "/", "/api/agenda/udvalgsliste"]
    assert not [path for path in asked if COUNCIL in path]
