"""Whatever a site answers: the fault is recorded where it belongs, in words, and everything else goes on."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.health import KILLED
from storage.engine import reading, transaction
from storage.models import AgendaItem, CrawlOutcome, CrawlRun, Meeting, Municipality, PublicationStatus, Source
from tests.crawler.conftest import Run, add_source, crawl, publications_of, source_of
from tests.crawler.firstagenda_answers import FRONT, LIST, MEETING, agenda, begins, line, listing, point, portal
from tests.servers.replay import Replay, Saved, replay, saved_json

GOOD = agenda(point(1, "Natcafé"))
HTML = Saved("<html><body>Der opstod en fejl</body></html>", headers={"Content-Type": "text/html"})
TRUNCATED = json.dumps(listing(line("m1")))[:150]
REDIRECT = Saved(status=302, headers={"Location": "/Home/AnonymousAuthentication"})
BAD_TIMES = {"MeetingBeginUtc": "snart", "Dato": None}
LONG = "Forslag om " + " ".join(f"mødested nr. {number}" for number in range(130))
SCRIPTS = "<h3>Resume</h3><span><p onclick='x()'>Hej<script>alert(1)</script><img src=x onerror=y></p></span>"

# Sites whose list is of no use: (answers, outcome, words of the reason, requests at most)
LISTS: dict[str, tuple[dict[str, Any], str, str, int]] = {
    "only redirects": ({"/": FRONT, LIST: REDIRECT}, "failed", "HTTP 302 til /Home/AnonymousAuthentication", 5),
    "html for json": ({"/": FRONT, LIST: HTML}, "failed", "Der opstod en fejl", 5),
    "truncated json": ({"/": FRONT, LIST: Saved(TRUNCATED)}, "failed", "ødelagt JSON (150 byte)", 3),
    "cut connection": ({"/": FRONT, LIST: Saved(TRUNCATED, cut_off=True)}, "failed", "afbrudt midt i svaret", 5),
    "no committees": ({"/": FRONT, LIST: saved_json({"Udvalg": {}})}, "empty", "Listen over møder er tom", 3),
    "committees missing": ({"/": FRONT, LIST: saved_json({"Andet": 1})}, "failed", "Udvalg er tomt eller mangler", 3),
    "committees a list": ({"/": FRONT, LIST: saved_json({"Udvalg": [1]})}, "failed", "Udvalg er '[1]'", 3),
    "http 500": ({"/": FRONT, LIST: Saved(status=500)}, "failed", "HTTP 500", 5),
    "http 503": ({"/": FRONT, LIST: Saved(status=503)}, "failed", "HTTP 503", 5),
    "asked to wait": (
        {"/": FRONT, LIST: Saved(status=429, headers={"Retry-After": "3600"})}, "failed", "beder os om at vente", 3
    ),
    "front page down": ({"/": Saved(status=502)}, "failed", "HTTP 502", 4),
    "refused": ({"/": Saved("<html>Just a moment...</html>", status=403)}, "blocked", "robotkontrol", 2),
    "robots.txt": (
        {"/": FRONT, "/robots.txt": Saved("User-agent: *\nDisallow: /\n")}, "blocked", "robots.txt", 1
    ),
    "elsewhere": (
        {"/": Saved(status=302, headers={"Location": "http://169.254.169.254/latest"})}, "failed", "anden adresse", 2
    ),
}  # fmt: skip

# Meetings that cannot be read: (list line, answer, words of the reason)
MEETINGS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "stale": (line("stale"), Saved(status=500), "HTTP 500"),
    "html": (line("html"), HTML, "Der opstod en fejl"),
    "truncated": (line("truncated"), Saved(json.dumps(GOOD)[:200]), "ødelagt JSON"),
    "empty": (line("empty"), agenda(), "ingen punkter"),
    "shapeless": (line("shapeless"), {"Dagsordenpunkter": None}, "Dagsordenpunkter er tomt eller mangler"),
    "untimed": (line("untimed", **BAD_TIMES), agenda(point(1, "Uden tid"), **BAD_TIMES), "'snart'"),
    "ancient": (line("ancient"), agenda(point(1, "Gammelt"), days=-20_000), "kan ikke være rigtig"),
    "twins": (line("twins"), agenda(point(1, "Et"), point(1, "To")), "samme id (p1)"),
    "odd_point": (line("odd_point"), agenda(point(1, "Et")) | {"Dagsordenpunkter": ["x"]}, "ukendt form: 'x'"),
}
# Meetings that are odd, and yet can be read.
ODD: dict[str, tuple[dict[str, Any], Any]] = {
    "long": (line("long", days=11), agenda(point(1, LONG), days=11)),
    "scripts": (line("scripts", days=12), agenda(point(2, "Scripts", SCRIPTS), days=12)),
    "signs": (line("signs", days=13), agenda(point(3, "Nul\x00tegn \ud800 her", "a\x00b"), days=13)),
    "day_only": (
        line("day_only", days=14, MeetingBeginUtc=begins(14)[:10], Dato=None),
        agenda(point(4, "Kun dato"), days=14),
    ),
}


@pytest.fixture(scope="module")
def visited(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Run, dict[str, tuple[int, Replay]]]]:
    """One run over all the broken sites at once, and one site with every broken meeting."""
    path = tmp_path_factory.mktemp("bad") / "bad.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    sites: dict[str, dict[str, Any]] = {name: one[0] for name, one in LISTS.items()}
    both = {**MEETINGS, **ODD}
    sites["meetings"] = portal(
        *(one[0] for one in both.values()),
        {"Navn": "Dagsorden uden id"},
        line("good", days=15),
        good=agenda(point(9, "Natcafé"), days=15),
        **{name: one[1] for name, one in both.items()},
    )
    servers: dict[str, tuple[int, Replay]] = {}
    with ExitStack() as stack:
        for code, (name, answers) in enumerate(sites.items(), start=1):
            servers[name] = code, stack.enter_context(replay(answers))
            add_source(url, code, servers[name][1].base_url)
        add_source(url, 900, "http://127.0.0.1:9", platform="papyrus")
        add_source(url, 901, "http://127.0.0.1:9")
        yield url, crawl(url), servers


def test_a_run_with_broken_sites_ends_well_and_says_that_some_failed(visited: Any) -> None:
    _, run, servers = visited
    assert run.exit_code == 3, run.log
    assert "Traceback" not in run.log, run.log
    assert all(server.unsaved == [] for _, server in servers.values())


@pytest.mark.parametrize("name", LISTS)
def test_a_useless_list_is_recorded_on_its_source(name: str, visited: Any) -> None:
    url, _, servers = visited
    _, outcome, words, most = LISTS[name]
    code, server = servers[name]
    source = source_of(url, code)
    assert words in (source.last_error or "")
    assert (source.failure_streak, source.last_success_at) == (1, None)
    assert source.next_poll_at is not None
    assert len(server.requests) <= most, server.requests
    with reading(url) as session:
        visit = session.scalars(select(CrawlRun).where(CrawlRun.source_id == source.id)).one()
    assert visit.outcome == outcome
    assert visit.finished_at is not None


def test_a_system_without_adapter_and_a_dead_host_are_told_apart(visited: Any) -> None:
    url, _, _ = visited
    assert source_of(url, 900).last_error == "Der findes ingen læser til systemet »papyrus« endnu."
    assert "tager ikke imod forbindelser" in (source_of(url, 901).last_error or "")


@pytest.mark.parametrize("name", MEETINGS)
def test_a_broken_meeting_is_recorded_on_itself(name: str, visited: Any) -> None:
    url, _, servers = visited
    row = publications_of(url, servers["meetings"][0])[name]
    assert row.status is PublicationStatus.FAILED
    assert MEETINGS[name][2] in (row.error or "")


def test_the_rest_of_a_site_with_broken_meetings_is_stored(visited: Any) -> None:
    url, _, servers = visited
    code = servers["meetings"][0]
    rows = publications_of(url, code)
    assert {name for name, row in rows.items() if row.status is PublicationStatus.STORED} == {"good", *ODD}
    source = source_of(url, code)
    assert source.failure_streak == 0
    assert source.last_success_at is not None
    assert (source.last_error or "").startswith(f"{len(MEETINGS)} møder kunne ikke læses.")


def test_odd_text_is_kept_whole_and_harmless(visited: Any) -> None:
    url, _, _ = visited
    with reading(url) as session:
        items = {item.platform_id + item.title[:3]: item for item in session.scalars(select(AgendaItem))}
        assert items["p1For"].title == LONG
        assert len(LONG) > 2000
        assert items["p3Nul"].title == "Nultegn \ufffd her"
        (section,) = items["p2Scr"].newest.sections
        assert (section.text, section.html) == ("Hej", "<p>Hej</p>")


def test_a_meeting_on_a_day_without_a_time_is_marked_so(sqlite_url: str) -> None:
    day = line("m1")["Dato"][:10]
    listed = line("m1", MeetingBeginUtc=f"{day}T00:00:00", Dato=None)
    answer = agenda(point(1, "Natcafé"), MeetingBeginUtc=day)
    with replay(portal(listed, m1=answer)) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 0
    with reading(sqlite_url) as session:
        meeting = session.scalars(select(Meeting)).one()
        assert (meeting.starts_at.date().isoformat(), meeting.time_known) == (day, False)


def test_a_host_that_falls_silent_is_left_alone_after_three_failures(sqlite_url: str) -> None:
    lines = [line(f"m{number}", days=number) for number in range(1, 9)]
    down = {f"m{number}": Saved(status=503) for number in range(2, 9)}
    with replay(portal(*lines, m1=agenda(point(1, "Natcafé"), days=1), **down)) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 3
        assert sum(path.startswith(MEETING) for path in server.requests) == 1 + 3
    source = source_of(sqlite_url, 1)
    assert "5 møder venter" in (source.last_error or "") or "HTTP 503" in (source.last_error or "")
    waiting = [row for row in publications_of(sqlite_url, 1).values() if row.status is PublicationStatus.LISTED]
    assert len(waiting) == 5


@pytest.mark.parametrize(("readable", "outcome"), [(0, "blocked"), (2, "partial")])
def test_a_site_that_refuses_its_meetings_is_left_alone_and_called_blocked(
    sqlite_url: str, readable: int, outcome: str
) -> None:
    lines = [line(f"m{number}", days=number) for number in range(1, 9)]
    refused = {f"m{number}": Saved("<html>Just a moment...</html>", status=403) for number in range(1, 9)}
    read = {f"m{number}": agenda(point(1, "Natcafé"), days=number) for number in range(1, readable + 1)}
    with replay(portal(*lines, **refused | read)) as server:
        add_source(sqlite_url, 1, server.base_url)
        crawl(sqlite_url)
        assert sum(path.startswith(MEETING) for path in server.requests) == readable + 3
    source = source_of(sqlite_url, 1)
    assert source.last_outcome == outcome
    assert "robotkontrol" in (source.last_error or "")


def test_a_line_that_cannot_be_read_marks_the_source_until_the_list_is_whole(sqlite_url: str) -> None:
    with replay(portal(line("m1"), line(""), m1=GOOD)) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 3
        since = source_of(sqlite_url, 1).flawed_since
        assert since is not None
        crawl(sqlite_url)
        assert source_of(sqlite_url, 1).flawed_since == since
        server.answers[LIST] = [saved_json(listing(line("m1")))]
        crawl(sqlite_url)
        assert source_of(sqlite_url, 1).flawed_since is None


def test_a_list_that_shrank_to_less_than_half_is_not_used(sqlite_url: str) -> None:
    lines = [line(f"m{number}", days=number) for number in range(1, 6)]
    meetings = {f"m{number}": agenda(point(number, f"Punkt {number}"), days=number) for number in range(1, 6)}
    with replay(portal(*lines, **meetings)) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 0
        server.answers[LIST] = [saved_json(listing(lines[0]))]
        assert crawl(sqlite_url).exit_code == 1
    assert {row.status for row in publications_of(sqlite_url, 1).values()} == {PublicationStatus.STORED}
    assert source_of(sqlite_url, 1).failure_streak == 1


def test_a_visit_that_a_killed_process_left_open_is_closed_by_the_next_run(sqlite_url: str) -> None:
    with replay(portal(line("m1"), m1=GOOD)) as server:
        add_source(sqlite_url, 1, server.base_url)
        with transaction(sqlite_url) as session:
            source = session.scalars(select(Source)).one()
            session.add(CrawlRun(source_id=source.id, started_at=source_time(), outcome=CrawlOutcome.RUNNING))
        assert crawl(sqlite_url).exit_code == 0
    with reading(sqlite_url) as session:
        first, second = session.scalars(select(CrawlRun).order_by(CrawlRun.id))
        assert (first.outcome, first.error) == (CrawlOutcome.FAILED, KILLED)
        assert second.outcome is CrawlOutcome.OK


def source_time() -> Any:
    from config.clock import now  # noqa: PLC0415

    return now()


def test_a_code_that_no_source_has_is_refused(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        session.add(Municipality(code=1, name="Et"))
    run = crawl(sqlite_url, codes=[2])
    assert run.exit_code == 1
    assert "No active source has the municipality code 2" in run.log
