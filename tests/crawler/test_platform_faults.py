"""The smaller systems in trouble: nothing reads as "no meetings", and the operator is told what was seen."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import select

from config.clock import now
from crawler.items import ListRead, MeetingFailed, MeetingRead, SourceLeft
from crawler.platforms import all_platforms, kk_jsonapi
from storage.engine import reading
from storage.models import AgendaItem, Revision
from tests.crawler.conftest import add_source, crawl, publications_of
from tests.crawler.test_saved_sites import visit
from tests.servers.replay import Replay, Saved, replay, saved_json

OPTIONS = {"aalborg": {"committee_ids": [15]}}
SINCE, UNTIL = date(2026, 1, 1), date(2026, 1, 10)


class AnyPath(dict[str, list[Saved]]):
    """The same answer to whatever is asked, but for paths that begin as one of ``others`` does."""

    def __init__(self, answer: Saved, others: Mapping[str, Saved] | None = None) -> None:
        super().__init__()
        self.answer, self.others = answer, others or {}

    def get(self, key: str, _default: Any = None) -> list[Saved]:
        return [next((one for prefix, one in self.others.items() if key.startswith(prefix)), self.answer)]


def left(server: Replay, platform: str, **more: Any) -> SourceLeft:
    """How the visit ended."""
    more = {"options": OPTIONS.get(platform)} | more
    *_, last = visit(server.base_url, platform, SINCE, more.pop("until", UNTIL), **more)
    assert isinstance(last, SourceLeft)
    return last


def smaller() -> list[str]:
    return sorted(set(all_platforms()) - {"firstagenda"})


@pytest.mark.parametrize("platform", smaller())
def test_a_page_of_something_else_fails_the_visit_and_is_shown(platform: str) -> None:
    moved = Saved("<html><head><title>Velkommen</title></head><body><h1>Vi har fået ny hjemmeside</h1></body></html>")
    with replay({}) as server:
        server.answers = AnyPath(moved)
        end = left(server, platform)
    assert end.outcome == "failed"
    assert "Vi har fået ny hjemmeside" in end.reason


@pytest.mark.parametrize("platform", smaller())
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_bot_challenge_is_blocked_after_one_request(platform: str, status: int) -> None:
    challenge = Saved(
        "<html><head><title>Just a moment...</title></head><body><form id='challenge-form'></form></body></html>",
        status=status,
    )
    with replay({}) as server:
        server.answers = AnyPath(challenge)
        end = left(server, platform)
        assert len(server.requests) == 1
    assert end.outcome == "blocked"
    assert "robotkontrol" in end.reason


@pytest.mark.parametrize("platform", smaller())
def test_an_empty_answer_fails_the_visit(platform: str) -> None:
    with replay({}) as server:
        server.answers = AnyPath(Saved(""))
        assert left(server, platform).outcome == "failed"


def test_four_weeks_without_an_item_in_copenhagen_are_an_alarm() -> None:
    with replay({}) as server:
        server.answers = AnyPath(saved_json({"data": []}))
        end = left(server, "kk_jsonapi", until=date(2026, 1, 31))
    assert end.outcome == "failed"
    assert "Ingen punkter fra 2026-01-01 til 2026-01-28" in end.reason


def test_a_list_that_never_ends_is_left_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kk_jsonapi, "MOST_PAGES", 5)
    with replay({}) as server:
        server.answers = AnyPath(saved_json({"data": [], "links": {"next": {"href": f"{server.base_url}/jsonapi?x"}}}))
        end = left(server, "kk_jsonapi")
        assert len(server.requests) == 5
    assert "mere end 5 sider" in end.reason


def test_a_next_page_on_another_host_is_not_asked_for() -> None:
    with replay({}) as server:
        server.answers = AnyPath(saved_json({"data": [], "links": {"next": {"href": "http://169.254.169.254/latest"}}}))
        end = left(server, "kk_jsonapi")
        assert len(server.requests) == 1
    assert (end.outcome, "anden adresse" in end.reason) == ("failed", True)


def test_aalborg_without_committee_ids_says_what_the_catalogue_lacks() -> None:
    with replay({}) as server:
        end = left(server, "aalborg", options={})
        assert server.requests == []
    assert "committee_ids" in end.reason


def found(count: int, *, blocked: bool = False) -> Mapping[str, Any]:
    lines = [
        {"meetingId": at, "date": "2026-01-05T16:00:00", "blocked": blocked, "committeeName": f"Udvalg {at}"}
        for at in range(count)
    ]
    return {"numberOfResults": count, "meetings": lines}


def search(first: str, last: str) -> str:
    return "/rest/meeting/search?" + urlencode({"query": "", "fromDate": first, "toDate": last})


def read_search(first: date, last: date, answers: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Any]:
    page = Saved("<h3 class='agenda-item-title'>Punkt 1 Sag</h3><h4>Resumé</h4><p>Tekst</p>")
    saved = {search(*days): saved_json(answer) for days, answer in answers.items()}
    with replay({f"/fragments/meeting/{at}/view": page for at in range(60)} | saved) as server:
        records = visit(server.base_url, "aabendagsorden", first, last)
        assert server.unsaved == []
        assert {one for one in server.requests if one.startswith("/rest")} == {*saved}
    return records


def test_a_search_that_is_full_is_asked_again_in_halves() -> None:
    full, some = found(50), found(30)
    rest = found(55) | {"meetings": found(55)["meetings"][30:]}
    halves = {("2026-01-01", "2026-01-05"): some, ("2026-01-06", "2026-01-10"): rest | {"numberOfResults": 25}}
    records = read_search(SINCE, UNTIL, {("2026-01-01", "2026-01-10"): full} | halves)
    assert sum(isinstance(one, MeetingRead) for one in records) == 55
    assert (records[-1].outcome, records[-1].reason) == ("ok", "")


@pytest.mark.parametrize(("count", "alarm"), [(49, False), (50, True)])
def test_fifty_meetings_on_one_day_are_an_alarm_and_are_read_all_the_same(count: int, alarm: bool) -> None:
    day = date(2026, 1, 5)
    records = read_search(day, day, {("2026-01-05", "2026-01-05"): found(count)})
    assert sum(isinstance(one, MeetingRead) for one in records) == count
    assert ("højst 50" in records[-1].reason) is alarm


def test_dates_in_the_wrong_form_are_told_of_when_nothing_is_found() -> None:
    with replay({search("01/01/2026", "10/01/2026"): saved_json({"numberOfResults": 0, "meetings": []})}) as server:
        end = left(server, "aabendagsorden", options={"date_format": "DD/MM/YYYY"})
        assert server.unsaved == []
    assert (end.outcome, "01/01/2026" in end.reason) == ("failed", True)
    with replay({}) as server:
        assert "date_format" in left(server, "aabendagsorden", options={"date_format": "MM/DD/YY"}).reason


def test_a_meeting_ahead_without_an_agenda_is_no_failure_and_asked_for_again() -> None:
    begin = now() + timedelta(days=8)
    overview = Saved(
        f'<ul><li class="meeting-list-item" data-content-id="1"><a href="/m/1">{begin:%Y-%m-%d} 16:00</a>'
        '<span class="url-text">Byrådet</span></li></ul>'
    )
    page = Saved('<h1>Byrådet</h1><div id="agendaTabContent"></div><div id="protocolTabContent"></div>')
    with replay({"/overview": overview, "/m/1": page}) as server:
        records = visit(server.base_url, "meetingsplus", now().date())
        assert server.requests == ["/overview", "/m/1"]
    assert not [one for one in records if isinstance(one, MeetingRead | MeetingFailed)]
    assert [one.wanted for one in records if isinstance(one, ListRead)] == [1]
    assert isinstance(records[-1], SourceLeft)
    assert records[-1].outcome == "ok"


def test_one_committee_that_is_gone_costs_only_itself() -> None:
    lists = {
        "/dagsordenreferat/?Id=15": Saved(
            '<a class="moede-link" title="Referat for Byrådet 5. januar 2026" '
            'href="http://localhost:5287/visreferat?moedetitel=2026-01-05%2016.00">x</a>'
        ),
        "/dagsordenreferat/?Id=16": Saved("væk", status=404),
        "/dagsordenreferat/visreferat?moedetitel=2026-01-05%2016.00": Saved(
            "<h3>1. Budget</h3><h4>Beslutning</h4><p>Godkendt.</p>"
        ),
    }
    with replay(lists) as server:
        records = visit(server.base_url, "aalborg", SINCE, UNTIL, {"committee_ids": [15, 16]})
    assert sum(isinstance(one, MeetingRead) for one in records) == 1
    assert isinstance(records[-1], SourceLeft)
    assert (records[-1].outcome, "HTTP 404" in records[-1].reason) == ("partial", True)
    # An incomplete list says nothing of what is missing from it.
    assert [one.whole for one in records if isinstance(one, ListRead)] == [False]


def test_hostile_links_in_a_page_become_no_requests() -> None:
    overview = Saved(
        "<button class='accordion-item-header'>Byrådet</button><div class='accordion-item-content'>"
        "<a href='http://169.254.169.254/borger/demokrati/dagsordener-og-referater/byraadet-05-01-2026'>x</a>"
        "<a href='javascript:alert(1)'>y</a><a href='http://[bad'>z</a></div>"
    )
    with replay({"/borger/demokrati/dagsordener-og-referater/": overview}) as server:
        end = left(server, "ishoj")
        assert len(server.requests) == 1
    assert end.outcome == "failed"


@pytest.mark.parametrize("record", [None, 7, {"attributes": None}, {"attributes": {"title": "x"}}, {"attributes": []}])
def test_a_broken_record_in_copenhagens_list_is_told_of_and_the_rest_is_read(record: object) -> None:
    alias = "/dagsordener-og-referater/Byen/møde-05012026/dagsorden/punkt-1"
    good = {"attributes": {"title": "Sag", "path": {"alias": alias}, "agenda_meeting_date": "2026-01-05"}}
    item = Saved("<p>Mødedato: 05.01.2026, kl. 11:00</p><div class='node__content'><h2>Resumé</h2><p>Tekst</p></div>")
    with replay({}) as server:
        server.answers = AnyPath(item, {"/jsonapi": saved_json({"data": [record, good]})})
        records = visit(server.base_url, "kk_jsonapi", SINCE, UNTIL)
    assert sum(isinstance(one, MeetingRead) for one in records) == 1
    assert isinstance(records[-1], SourceLeft)
    assert records[-1].outcome == "partial"


def test_an_item_of_copenhagen_whose_title_is_put_right_for_the_minutes_is_one_item() -> None:
    told = [("dagsorden", "Ny skolegård", 1), ("dagsorden", "Budget", 2), ("referat", "Ny skolegård på Nørrebro", 1)]
    records = [
        {
            "attributes": {
                "title": title,
                "path": {"alias": f"/dagsordener-og-referater/Byen/møde-05012026/{kind}/punkt-{number}"},
                "agenda_meeting_date": "2026-01-05",
                "agenda_element_serial_no": number,
            }
        }
        for kind, title, number in told
    ]
    item = Saved("<p>Mødedato: 05.01.2026, kl. 11:00</p><div class='node__content'><h2>Resumé</h2><p>Tekst</p></div>")
    with replay({}) as server:
        server.answers = AnyPath(item, {"/jsonapi": saved_json({"data": records})})
        records_read = visit(server.base_url, "kk_jsonapi", SINCE, UNTIL)
    [meeting] = [one.meeting for one in records_read if isinstance(one, MeetingRead)]
    assert [one.title for one in meeting.items] == ["Ny skolegård på Nørrebro", "Budget"]


def copenhagen(
    unreadable: Mapping[int, Saved], day: date = date(2026, 1, 5)
) -> tuple[dict[str, Saved], dict[str, Any]]:
    """kk.dk with one meeting of six items, some of whose pages cannot be read."""
    alias = f"/dagsordener-og-referater/Byen/møde-{day:%d%m%Y}/dagsorden/punkt-{{}}"
    records = [
        {"attributes": {"title": f"Sag {at}", "path": {"alias": alias.format(at)}, "agenda_meeting_date": f"{day}"}}
        for at in range(1, 7)
    ]
    item = Saved(
        f"<p>Mødedato: {day:%d.%m.%Y}, kl. 11:00</p><div class='node__content'><h2>Resumé</h2><p>Tekst</p></div>"
    )
    return {quote(alias.format(at)): unreadable.get(at, item) for at in range(1, 7)}, {"data": records}


@pytest.mark.parametrize("wrong", [Saved("væk", status=404), Saved("<h1>Noget andet</h1>"), Saved(status=403)])
def test_an_unreadable_page_of_copenhagen_costs_its_item_and_not_the_meeting(wrong: Saved) -> None:
    pages, listing = copenhagen({2: wrong})
    with replay({}) as server:
        server.answers = AnyPath(saved_json(listing), pages)
        records = visit(server.base_url, "kk_jsonapi", SINCE, UNTIL)
    [read] = [one.meeting for one in records if isinstance(one, MeetingRead)]
    assert [(item.title, item.unread, bool(item.sections)) for item in read.items[:3]] == [
        ("Sag 1", False, True),
        ("Sag 2", True, False),
        ("Sag 3", False, True),
    ]
    assert len(read.problems) == 1


def test_what_could_not_be_read_of_a_meeting_is_shown_and_asked_for_again(sqlite_url: str) -> None:
    today = now().date()
    days = {"since": today, "until": today + timedelta(days=20)}
    pages, listing = copenhagen({2: Saved("væk", status=404)}, today + timedelta(days=9))
    with replay({}) as server:
        server.answers = AnyPath(saved_json(listing), pages | {"/robots.txt": Saved(status=404)})
        add_source(sqlite_url, 1, server.base_url, platform="kk_jsonapi")
        for attempts in (1, 2):
            assert crawl(sqlite_url, **days).exit_code == 3
            [paper] = publications_of(sqlite_url, 1).values()
            assert (paper.status, paper.attempts, "HTTP 404" in (paper.error or "")) == ("failed", attempts, True)
        whole, _ = copenhagen({}, today + timedelta(days=9))
        server.answers = AnyPath(saved_json(listing), whole | {"/robots.txt": Saved(status=404)})
        assert crawl(sqlite_url, **days).exit_code == 0
    with reading(sqlite_url) as session:
        changes = session.execute(select(AgendaItem.number, Revision.changes).join(AgendaItem.revisions))
        assert sorted(changes) == sorted([*((str(at), ["published"]) for at in range(1, 7)), ("2", ["text"])])


@pytest.mark.parametrize(
    ("wrong", "asked"), [(Saved("væk", status=404), 4), (Saved("Just a moment...", status=403), 4)]
)
def test_many_unreadable_pages_of_copenhagen_are_a_meeting_that_cannot_be_read(wrong: Saved, asked: int) -> None:
    pages, listing = copenhagen(dict.fromkeys(range(1, 7), wrong))
    with replay({}) as server:
        server.answers = AnyPath(saved_json(listing), pages)
        records = visit(server.base_url, "kk_jsonapi", SINCE, UNTIL)
        assert sum("punkt-" in one for one in server.requests) == asked
    assert [type(one) for one in records if isinstance(one, MeetingRead | MeetingFailed)] == [MeetingFailed]
