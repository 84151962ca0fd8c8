"""Papers are fetched once, soonest meetings first, through every redirect that is public, and nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from config.clock import now
from crawler.document_text import can_read_pictures
from crawler.documents import documents_command
from crawler.progress import Event, PaperNotFetched, PaperRead, PapersStarted, from_line
from storage import papers
from storage.engine import engine_for, reading, transaction
from storage.models import (
    AgendaItem,
    Attachment,
    Document,
    DocumentArrival,
    DocumentStatus,
    FetchStatus,
    Revision,
)
from tests.crawler.conftest import run_to_the_end, start
from tests.crawler.document_files import pdf
from tests.factories import a_meeting, a_municipality, a_revision, an_item
from tests.servers.replay import Replay, Saved, replay

FRAME = '<html><body><h1>Dokumentvisning</h1><iframe id="pdfframe" src="{}"></iframe></body></html>'
LONELY = pdf("Forside", "Ensomme ældre får besøgsvenner")


def run(url: str, *more: str) -> tuple[int, list[Event]]:
    done = run_to_the_end([*documents_command(), *more], url)
    assert "Traceback" not in done.log, done.log
    return done.exit_code, done.events


def paper(url: str, base_url: str, path: str, *, days: int = 7, title: str = "Bilag") -> int:
    """An item of a meeting in so many days with one paper; the item's id."""
    with transaction(url) as session:
        town = a_municipality(session, name="Vestby", code=901)
        assert town.source
        town.source.base_url, town.source.crawl_delay = base_url, 0.0
        meeting = a_meeting(session, starts_at=now() + timedelta(days=days), municipality=town)
        item = an_item(session, f"Punkt med {title}", meeting=meeting, attachments=[title])
        item.newest.attachments[0].url = path if "://" in path else base_url + path
        return item.id


def attachment(url: str, item: int) -> Attachment:
    with reading(url) as session:
        row = session.scalars(
            select(Attachment).join(Revision).where(Revision.item_id == item).order_by(Attachment.id.desc())
        ).first()
        assert row
        _ = row.fetch, row.document, row.document and row.document.text
        session.expunge_all()
        return row


def test_a_paper_is_read_with_its_pages_and_its_item_is_looked_at_again(database_url: str) -> None:
    with replay({"/bilag/1": Saved(LONELY)}) as site:
        item = paper(database_url, site.base_url, "/bilag/1")
        code, events = run(database_url)
    row = attachment(database_url, item)
    assert code == 0
    assert row.document
    assert (row.document.status, row.document.pages) == (DocumentStatus.READ, 2)
    assert row.document.text == "Forside\nEnsomme ældre får besøgsvenner"
    assert row.document.page_map == [{"page": 1, "start": 0}, {"page": 2, "start": 8}]
    assert [type(one) for one in events[:2]] == [PapersStarted, PaperRead]
    with reading(database_url) as session:
        assert session.scalars(select(DocumentArrival.revision_id)).all() == [row.revision_id]
    assert "Dagsordenvagt" in " ".join(site.agents)


def test_a_second_run_fetches_nothing_and_a_new_revision_takes_the_document_over(sqlite_url: str) -> None:
    with replay({"/bilag/1": Saved(LONELY)}) as site:
        item = paper(sqlite_url, site.base_url, "/bilag/1")
        run(sqlite_url)
        asked = len(site.requests)
        assert run(sqlite_url)[0] == 0
        with transaction(sqlite_url) as session:
            found = session.get_one(AgendaItem, item)
            again = a_revision(session, found, attachments=["Bilag"])
            again.attachments[0].url = f"{site.base_url}/bilag/1"
        assert run(sqlite_url)[0] == 0
        assert len(site.requests) == asked
    assert attachment(sqlite_url, item).document_id is not None


def put_up_anew(url: str, item: int, address: str) -> None:
    """As a crawl does when a paper of the same title has another address: the agenda was published again."""
    with transaction(url) as session:
        paper = session.get_one(AgendaItem, item).newest.attachments[0]
        paper.url, paper.fetch_id = address, None


def test_another_text_under_the_same_title_is_a_change_and_the_old_one_stays_readable(database_url: str) -> None:
    first, second = pdf("Budget for natcaféen"), pdf("Budget for natcaféen og for den nye varmestue ved havnen")
    again = pdf("Side 1. Budget for natcaféen. Udskrevet 12-11-2026")
    with replay({"/b/1": Saved(first), "/b/2": Saved(second), "/b/3": Saved(again)}) as site:
        item = paper(database_url, site.base_url, "/b/1")
        run(database_url)
        for number, address in enumerate(("/b/3", "/b/2"), start=1):
            put_up_anew(database_url, item, site.base_url + address)
            run(database_url)
            with reading(database_url) as session:
                assert len(session.get_one(AgendaItem, item).revisions) == number
        requests = len(site.requests)
        run(database_url)
        assert len(site.requests) == requests
    with reading(database_url) as session:
        before, after = session.get_one(AgendaItem, item).revisions
        assert (after.changes, after.material, before.content_hash) == (
            ["attachment_changed"],
            True,
            after.content_hash,
        )
        assert before.meaning_hash != after.meaning_hash
        texts = [one.attachments[0].document.text for one in (before, after) if one.attachments[0].document]
        assert ["varmestue" in text for text in texts] == [False, True]
        assert after.attachments[0].url.endswith("/b/2")
        assert after.id in session.scalars(select(DocumentArrival.revision_id)).all()


def test_papers_that_are_exchanged_together_are_one_change(sqlite_url: str) -> None:
    with replay({}) as site:
        item = paper(sqlite_url, site.base_url, "/b/1", title="Budget")
        with transaction(sqlite_url) as session:
            session.add(Attachment(revision_id=session.get_one(AgendaItem, item).newest.id, position=1, title="Notat"))
        for edition in ("Den første udgave af papiret", "En ganske anden tekst, som ingen har set før nu"):
            for number in (0, 1):
                address = f"/{len(edition)}-{number}"
                site.answers[address] = [Saved(pdf(f"{edition} nummer {'to' * number}"))]
                with transaction(sqlite_url) as session:
                    held = session.get_one(AgendaItem, item).newest.attachments[number]
                    held.url, held.fetch_id = site.base_url + address, None
            run(sqlite_url)
    with reading(sqlite_url) as session:
        newest = session.get_one(AgendaItem, item).newest
        assert newest.number == 2
        assert all("ganske anden" in (one.document.text or "") for one in newest.attachments if one.document)
        assert all(one.document for one in newest.attachments)


def test_a_document_that_was_erased_is_asked_for_again_when_its_item_is_back(sqlite_url: str) -> None:
    with replay({"/bilag/1": Saved(LONELY)}) as site:
        item = paper(sqlite_url, site.base_url, "/bilag/1")
        run(sqlite_url)
        with transaction(sqlite_url) as session:
            session.scalars(select(Attachment)).one().document_id = None
            session.flush()
            session.delete(session.scalars(select(Document)).one())
            back = a_revision(session, session.get_one(AgendaItem, item), attachments=["Bilag"])
            back.attachments[0].url = f"{site.base_url}/bilag/1"
        run(sqlite_url)
    assert attachment(sqlite_url, item).document_id is not None


def test_the_same_bytes_at_two_addresses_are_one_document(sqlite_url: str) -> None:
    with replay({"/bilag/1": Saved(LONELY), "/bilag/2": Saved(LONELY)}) as site:
        items = [paper(sqlite_url, site.base_url, f"/bilag/{number}") for number in (1, 2)]
        _, events = run(sqlite_url)
    assert len({attachment(sqlite_url, item).document_id for item in items}) == 1
    assert sorted(one.known for one in events if isinstance(one, PaperRead)) == [False, True]


def test_the_soonest_meetings_come_first_then_back_in_time_within_the_budget(sqlite_url: str) -> None:
    with replay({f"/{days}": Saved(pdf(str(days))) for days in (-400, -20, -2, 3, 9)}) as site:
        for days in (-400, 9, -20, 3, -2):
            paper(sqlite_url, site.base_url, f"/{days}", days=days)
        run(sqlite_url, "--files", "4")
        assert [path for path in site.requests if path != "/robots.txt"] == ["/3", "/9", "/-2", "/-20"]
        assert run(sqlite_url)[1][0] == PapersStarted(papers=1)


def test_a_frame_leads_to_the_storage_and_the_portals_link_stays(sqlite_url: str) -> None:
    with replay({"/signed?a=1&b=2": Saved(LONELY)}) as storage:
        frame = FRAME.format(f"{storage.base_url}/signed?a=1&amp;b=2")
        login = {"/vis": Saved(status=302, headers={"Location": "/login"})}
        hop = Saved(status=302, headers={"Location": "/vis2", "Set-Cookie": "session=1; path=/"})
        with replay(login | {"/login": hop, "/vis2": Saved(frame, cookie="session=1")}) as portal:
            item = paper(sqlite_url, portal.base_url, "/vis")
            assert run(sqlite_url)[0] == 0
    row = attachment(sqlite_url, item)
    assert row.document
    assert row.document.status is DocumentStatus.READ
    assert row.url == f"{portal.base_url}/vis"
    assert row.fetch
    assert row.fetch.url == row.url


@pytest.mark.parametrize(
    "answer",
    [
        Saved(status=302, headers={"Location": "http://10.0.0.7/hemmelig.pdf"}),
        Saved(status=302, headers={"Location": "http://169.254.169.254/latest"}),
        Saved(status=302, headers={"Location": "file:///etc/passwd"}),
        Saved(FRAME.format("http://192.168.1.1/router")),
        Saved(FRAME.format("http://[::ffff:10.0.0.1]/x")),
    ],
)
def test_what_leads_inside_is_refused(answer: Saved, sqlite_url: str) -> None:
    with replay({"/vis": answer}) as portal:
        item = paper(sqlite_url, portal.base_url, "/vis")
        code, events = run(sqlite_url)
    assert code == 1
    assert any(isinstance(one, PaperNotFetched) and "adresse" in one.reason for one in events)
    row = attachment(sqlite_url, item)
    assert row.document_id is None
    assert row.fetch
    assert (row.fetch.status, row.fetch.attempts) == (FetchStatus.WAITING, 1)


def test_loopback_is_inside_for_a_portal_that_is_not(sqlite_url: str) -> None:
    with replay({"/bilag": Saved(LONELY)}) as inner:
        paper(sqlite_url, "http://dagsordener.invalid", f"{inner.base_url}/bilag")
        assert run(sqlite_url)[0] == 1
        assert inner.requests == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Saved(status=404), "HTTP 404"),
        (Saved("<html><form><input type=password></form></html>"), "logge ind"),
        (Saved("<html><body><h2>Der opstod en fejl</h2></body></html>"), "fejl"),
    ],
)
def test_a_paper_that_does_not_come_is_tried_again_and_given_up_in_the_end(
    answer: Saved, says: str, sqlite_url: str
) -> None:
    with replay({"/bilag": answer}) as site:
        item = paper(sqlite_url, site.base_url, "/bilag")
        run(sqlite_url)
    row = attachment(sqlite_url, item)
    assert row.fetch
    assert says in (row.fetch.reason or "")
    with transaction(sqlite_url) as session:
        assert papers.whose_turn(session, 9, now()) == []
        assert len(papers.whose_turn(session, 9, now() + papers.FIRST_RETRY)) == 1
        ends = [papers.not_fetched(session, row.fetch.id, "Borte.", now()) for _ in range(papers.MOST_ATTEMPTS - 1)]
        assert [*set(ends[:-1]), ends[-1]] == [FetchStatus.WAITING, FetchStatus.GIVEN_UP]
        assert papers.whose_turn(session, 9, now() + timedelta(days=99)) == []
        assert papers.queue_counts(session) == {901: (0, 1)}
        papers.ask_for_given_up_again(session, now())
        assert len(papers.whose_turn(session, 9, now())) == 1


def test_robots_txt_holds_for_papers_too(sqlite_url: str) -> None:
    rules = Saved("User-agent: *\nDisallow: /bilag")
    with replay({"/robots.txt": rules, "/bilag/1": Saved(LONELY)}) as site:
        item = paper(sqlite_url, site.base_url, "/bilag/1")
        run(sqlite_url)
        assert "/bilag/1" not in site.requests
    row = attachment(sqlite_url, item)
    assert row.fetch
    assert "robots.txt" in (row.fetch.reason or "")


def test_a_paper_of_a_superseded_revision_or_a_withdrawn_item_is_not_asked_for(sqlite_url: str) -> None:
    with replay({}) as site:
        old, gone = (paper(sqlite_url, site.base_url, f"/bilag/{number}") for number in (1, 2))
        with transaction(sqlite_url) as session:
            a_revision(session, session.get_one(AgendaItem, old), attachments=[])
            session.get_one(AgendaItem, gone).withdrawn_at = now()
        assert run(sqlite_url)[0] == 0
        assert site.requests == []


def test_what_has_no_file_is_marked_and_never_asked_for(sqlite_url: str) -> None:
    with replay({}) as site:
        item = paper(sqlite_url, site.base_url, "/vis/pdf/1")
        with transaction(sqlite_url) as session:
            session.scalars(select(Attachment)).one().has_pdf = False
        assert run(sqlite_url)[0] == 0
        assert site.requests == []
    row = attachment(sqlite_url, item)
    assert row.fetch
    assert (row.fetch.status, row.fetch.reason) == (FetchStatus.REFUSED, papers.NO_ADDRESS)


def test_a_scanned_paper_is_taken_up_when_tesseract_has_come(sqlite_url: str) -> None:
    if not can_read_pictures():
        pytest.skip("tesseract with Danish is not installed on this machine")
    with replay({"/bilag": Saved(LONELY)}) as site:
        item = paper(sqlite_url, site.base_url, "/bilag")
        run(sqlite_url)
        with transaction(sqlite_url) as session:
            row = session.scalars(select(Document)).one()
            row.status, row.text, row.page_map = DocumentStatus.NEEDS_OCR, "", []
            session.query(DocumentArrival).delete()
        run(sqlite_url)
    document = attachment(sqlite_url, item).document
    assert document
    assert document.status is DocumentStatus.READ
    with reading(sqlite_url) as session:
        assert session.scalar(select(func.count(DocumentArrival.id))) == 1


@pytest.fixture(scope="module")
def slow_site() -> Iterator[Replay]:
    with replay({f"/bilag/{number}": Saved(pdf(f"Bilag {number}"), seconds=0.05) for number in range(12)}) as site:
        yield site


@pytest.mark.parametrize("read", [1, 7])
def test_a_killed_run_goes_on_where_it_was(read: int, database_url: str, slow_site: Replay) -> None:
    items = [paper(database_url, slow_site.base_url, f"/bilag/{number}") for number in range(12)]
    with start(documents_command(), database_url) as process:
        left = read
        while left:
            left -= isinstance(from_line(process.stdout.readline()), PaperRead)
    asked = len(slow_site.requests)
    assert run(database_url)[0] == 0
    assert len([path for path in slow_site.requests[asked:] if "bilag" in path]) <= 12 - read
    texts = [(row.document.text if (row := attachment(database_url, item)).document else "") for item in items]
    assert texts == [f"Bilag {number}" for number in range(12)]


def test_waiting_work_is_found_by_index_in_a_large_archive(sqlite_url: str) -> None:
    paper(sqlite_url, "http://127.0.0.1:9", "/bilag")
    asked: list[tuple[str, Any]] = []
    engine = engine_for(sqlite_url)
    with transaction(sqlite_url) as session:
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        papers.take_places(session, 10, now())
        papers.whose_turn(session, 10, now())
    looks = [(statement, values) for statement, values in asked if statement.startswith("SELECT")]
    with reading(sqlite_url) as session:
        explain = session.connection().exec_driver_sql
        plans = [str(row) for look, values in looks for row in explain(f"EXPLAIN QUERY PLAN {look}", values)]
    assert any("ix_attachment_fetch_turn" in plan for plan in plans), plans
    assert any("ix_attachment_fetch_id" in plan for plan in plans), plans
    assert not any(f"SCAN {large}" in plan for plan in plans for large in ("attachment", "revision", "document")), plans
