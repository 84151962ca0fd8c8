"""Agenda, supplementary agenda, minutes, archive: what the rows are after each visit."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.clock import now
from crawler.items import Item, Meeting, Window
from crawler.pipelines.check import faults
from crawler.plan import plan, put_off
from crawler.progress import MeetingStored, RunFinished, from_line, to_line
from storage.engine import reading, transaction
from storage.keys import LONGEST_KEY, title_key
from storage.models import AgendaItem, PublicationStatus, Revision, Source
from storage.models import Meeting as MeetingRow
from tests.crawler.conftest import add_source, crawl, publications_of
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, begins, line, listing, point, portal
from tests.servers.replay import replay, saved_json

RESUME = "<h3>Resume</h3><span>Natcaféen flytter.</span>"
DECIDED = RESUME + "<h3>Beslutning</h3><span>Godkendt.</span>"


def revisions(url: str, title: str) -> list[tuple[int, str, list[str], bool]]:
    with reading(url) as session:
        rows = session.scalars(
            select(Revision).join(AgendaItem).where(AgendaItem.title == title).order_by(Revision.number)
        )
        return [(row.number, row.stage.value, row.changes, row.backfill) for row in rows]


def test_minutes_become_a_revision_of_the_same_item_with_the_decision(database_url: str) -> None:
    before = portal(line("a1"), a1=agenda(point(1, "Natcafé", RESUME)))
    with replay(before) as server:
        add_source(database_url, 1, server.base_url)
        assert crawl(database_url).exit_code == 0
        # The minutes come with new ids for the meeting and its items; the agenda stays listed beside them.
        minutes = line("r1", Navn="Referat", Afsluttet=True)
        server.answers[LIST] = [saved_json(listing(minutes, line("a1")))]
        server.answers[MEETING + "r1"] = [saved_json(agenda(point(1, "Natcafé", DECIDED, Id="new")))]
        assert crawl(database_url).exit_code == 0
        assert server.unsaved == []
    assert revisions(database_url, "Natcafé") == [
        (1, "agenda", ["published"], False),
        (2, "minutes", ["decision"], False),
    ]
    with reading(database_url) as session:
        item = session.scalars(select(AgendaItem)).one()
        assert (item.platform_id, item.url) == ("new", f"{server.base_url}/vis?id=r1&punktid=new")
        assert [(one.heading, one.own_decision) for one in item.newest.sections] == [
            ("Resume", False),
            ("Beslutning", True),
        ]


def test_a_republished_agenda_ties_its_items_and_the_old_id_is_superseded_not_failed(database_url: str) -> None:
    with replay(portal(line("a1"), a1=agenda(point(1, "Natcafé"), point(2, "Gågade")))) as server:
        add_source(database_url, 1, server.base_url)
        crawl(database_url)
        server.answers[LIST] = [saved_json(listing(line("a2", ReleasedDate=begins(-1))))]
        new = agenda(point(1, "Natcafé", Id="n1"), point(2, "Gågade", RESUME, Id="n2"), point(3, "Nyt", Id="n3"))
        server.answers[MEETING + "a2"] = [saved_json(new)]
        assert crawl(database_url).exit_code == 0
    assert len(revisions(database_url, "Natcafé")) == 1
    assert revisions(database_url, "Gågade")[1][2] == ["text"]
    papers = publications_of(database_url, 1)
    assert (papers["a1"].status, papers["a2"].status) == (PublicationStatus.SUPERSEDED, PublicationStatus.STORED)


def test_a_supplementary_agenda_adds_its_items_to_the_meeting(sqlite_url: str) -> None:
    extra = line("t1", Navn="Tillægsdagsorden")
    answers = portal(line("a1"), extra, a1=agenda(point(1, "Natcafé")), t1=agenda(point(9, "Ekstra", Id="x")))
    with replay(answers) as server:
        add_source(sqlite_url, 1, server.base_url)
        crawl(sqlite_url)
    with reading(sqlite_url) as session:
        (meeting,) = session.scalars(select(MeetingRow))
        assert [(item.title, item.supplementary) for item in meeting.items] == [("Natcafé", False), ("Ekstra", True)]
        assert not [item for item in meeting.items if item.withdrawn_at]


def test_a_meeting_that_is_moved_is_one_meeting_at_its_new_time(database_url: str) -> None:
    with replay(portal(line("a1", days=10), a1=agenda(point(1, "Natcafé"), days=10))) as server:
        add_source(database_url, 1, server.base_url)
        crawl(database_url)
        released = line("a1")["ReleasedDate"]
        server.answers[LIST] = [saved_json(listing(line("a1", days=12, ReleasedDate=released)))]
        server.answers[MEETING + "a1"] = [saved_json(agenda(point(1, "Natcafé"), days=12))]
        assert crawl(database_url).exit_code == 0
    with reading(database_url) as session:
        meeting = session.scalars(select(MeetingRow)).one()
        assert meeting.starts_at.date() == (now() + timedelta(days=12)).date()
        assert [item.title for item in meeting.items] == ["Natcafé"]
    assert [(row[0], row[2]) for row in revisions(database_url, "Natcafé")] == [(1, ["published"]), (2, ["moved"])]


def test_the_default_window_is_30_days_back_and_since_reads_the_archive_as_backfill(sqlite_url: str) -> None:
    old, older = line("old", days=-40), line("older", days=-400)
    bodies = {"old": agenda(point(1, "Gammel"), days=-40), "older": agenda(point(1, "Ældre"), days=-400)}
    with replay(portal(line("a1"), old, older, a1=agenda(point(1, "Ny")), **bodies)) as server:
        add_source(sqlite_url, 1, server.base_url)
        crawl(sqlite_url)
        assert set(publications_of(sqlite_url, 1)) == {"a1"}
        run = crawl(sqlite_url, since=(now() - timedelta(days=60)).date())
        assert run.exit_code == 0
    assert set(publications_of(sqlite_url, 1)) == {"a1", "old"}
    assert revisions(sqlite_url, "Gammel") == [(1, "agenda", ["published"], True)]
    assert revisions(sqlite_url, "Ny") == [(1, "agenda", ["published"], False)]
    with reading(sqlite_url) as session:
        assert session.scalars(select(Source)).one().meetings_listed == 3


def test_until_is_the_last_day(sqlite_url: str) -> None:
    bodies = {"a1": agenda(point(1, "Før"), days=2), "a2": agenda(point(1, "Efter"), days=3)}
    with replay(portal(line("a1", days=2), line("a2", days=3), **bodies)) as server:
        add_source(sqlite_url, 1, server.base_url)
        crawl(sqlite_url, until=(now() + timedelta(days=2)).date())
        assert set(publications_of(sqlite_url, 1)) == {"a1"}


def test_meetings_ahead_are_read_first(sqlite_url: str) -> None:
    days = {"past": -3, "soon": 2, "later": 20, "long_past": -20}
    bodies = {name: agenda(point(1, name), days=ahead) for name, ahead in days.items()}
    with replay(portal(*(line(name, days=ahead) for name, ahead in days.items()), **bodies)) as server:
        add_source(sqlite_url, 1, server.base_url)
        run = crawl(sqlite_url)
    order = [event.platform_id for event in run.events if isinstance(event, MeetingStored)]
    assert order == ["soon", "later", "past", "long_past"]


@pytest.mark.parametrize("database", ["sqlite_url", "postgres_url"])
def test_titles_of_any_length_can_be_stored_and_tied(database: str, request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue(database)
    # Not compressible, so that PostgreSQL's index would refuse it whole.
    title = "Sag " + "".join(chr(0x3400 + number * 7 % 6000) for number in range(2000))
    with replay(portal(line("a1"), a1=agenda(point(1, title, SagsNummer="")))) as server:
        add_source(url, 1, server.base_url)
        assert crawl(url).exit_code == 0
        server.answers[LIST] = [saved_json(listing(line("a1", ReleasedDate=begins(-1))))]
        assert crawl(url).exit_code == 0
    assert len(revisions(url, title)) == 1


def test_long_titles_that_differ_at_the_end_are_told_apart() -> None:
    one, other = title_key("a" * 5000 + "x"), title_key("a" * 5000 + "y")
    assert one != other
    assert len(one) < LONGEST_KEY + 40


def good(**changed: object) -> Meeting:
    item = Item(platform_id="p", number="1", sorting=1, title="Natcafé", url="https://dagsordener.x.dk/vis?id=1")
    told = {"platform_id": "m", "committee_name": "Byrådet", "starts_at": now(), "stage": "agenda", "fingerprint": "f"}
    told |= {"url": "https://dagsordener.x.dk/vis", "items": (item,)} | changed
    return Meeting(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"starts_at": now() + timedelta(days=1200)}, "kan ikke være rigtig"),
        ({"starts_at": now().replace(year=1999)}, "kan ikke være rigtig"),
        ({"starts_at": now().replace(tzinfo=None)}, "ingen tidszone"),
        ({"items": ()}, "ingen punkter"),
        ({"url": "/vis?id=1"}, "ikke en fuld http-adresse"),
        ({"url": "javascript:alert(1)"}, "ikke en fuld http-adresse"),
        ({"url": "http://[broken"}, "ikke en fuld http-adresse"),
        ({"url": "http://192.168.1.1/bilag.pdf"}, "intern adresse"),
        ({"committee_name": " "}, "mangler id eller udvalg"),
        ({"items": (Item(platform_id="p", number="1", sorting=1, title=" ", url="https://x.dk/"),)}, "id eller titel"),
    ],
)
def test_a_record_that_makes_no_sense_is_told(changed: dict[str, object], words: str) -> None:
    assert words in next(faults(good(**changed), "https://dagsordener.x.dk", now()))


def test_a_sound_record_has_no_faults_and_loopback_is_fine_only_for_a_loopback_site() -> None:
    assert list(faults(good(), "https://dagsordener.x.dk", now())) == []
    local = good(url="http://127.0.0.1:81/vis")
    assert list(faults(local, "http://127.0.0.1:80", now())) == []
    assert list(faults(local, "https://dagsordener.x.dk", now())) != []


def test_progress_lines_are_read_back_and_other_lines_ignored() -> None:
    event = RunFinished(exit_code=3)
    assert to_line(event) == '{"event": "run_finished", "exit_code": 3}'
    assert from_line(to_line(event)) == event
    assert [from_line(text) for text in ("", "hej", "[]", '{"event": "new"}', '{"event": "run_finished"}')] == [
        None
    ] * 5


def test_only_due_sources_are_planned_when_asked(sqlite_url: str) -> None:
    for code in (1, 2, 3):
        add_source(sqlite_url, code, "https://dagsordener.x.dk")
    with transaction(sqlite_url) as session:
        first, second, _ = session.scalars(select(Source).order_by(Source.municipality_code))
        first.next_poll_at, second.next_poll_at = now() + timedelta(hours=4), now() - timedelta(hours=1)
        first.failure_streak = second.failure_streak = 5
        second.visitor_state = "broken {"
    window = Window(since=now())
    assert [site.code for site in plan(sqlite_url, [], window, only_due=True)] == [2, 3]
    assert put_off(sqlite_url, []) == ["Kommune 1"]
    assert [site.code for site in plan(sqlite_url, [1, 2], window)] == [1, 2]


def test_a_database_that_was_never_set_up_is_told_in_one_line(tmp_path: Path) -> None:
    run = crawl(f"sqlite:///{tmp_path}/empty.sqlite3")
    assert run.exit_code == 1
    assert "db upgrade" in run.log
    assert "Traceback" not in run.log
