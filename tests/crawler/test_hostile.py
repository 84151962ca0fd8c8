"""Sites that mean harm, or whose editors do strange things: a visit ends in time, and says what was wrong."""

import asyncio
import gzip
from dataclasses import replace
from datetime import date

import pytest
from scrapy import Request
from scrapy.http import Response

from config.clock import now
from crawler import visit
from crawler.fetch import HostFetch
from crawler.headings import read_heading
from crawler.items import ListedMeeting, Meeting, MeetingList, Record, Site, SourceLeft, Window
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Platform, is_internal
from crawler.sections import Occasion, split_sections
from storage.models import PublicationStatus
from tests.crawler.conftest import add_source, crawl, publications_of, source_of
from tests.crawler.firstagenda_answers import LIST, agenda, line, point, portal
from tests.servers.replay import Saved, replay

DAY = date(2026, 10, 8)
ENDLESS = {
    "doctypes": "<!doctype " * 200_000,
    "bodies": "<body " * 200_000,
    "commas": f"<h3>Beslutning i Byråd {', ' * 100_000} den 08-10-2026</h3><p>Nej.</p>",
    "brackets": f"<h3>Beslutning i Byråd {'( ' * 100_000}x den 08-10-2026</h3><p>Nej.</p>",
    "data": '"data:' * 200_000,
}


@pytest.mark.timeout(60)  # where the cost grows with the square, it is many minutes
@pytest.mark.parametrize("name", ENDLESS)
def test_endless_repetitions_end(name: str) -> None:
    occasion = Occasion("Byrådet", DAY, is_minutes=True)
    html = ENDLESS[name] + "<h3>Resume</h3><p>Sidst.</p>"
    sections = split_sections(html, container="#none", heading="h3", occasion=occasion, base_url="https://example.dk")
    assert sections or name in {"doctypes", "bodies"}


@pytest.mark.timeout(60)
def test_a_heading_of_a_committee_with_an_endless_name_is_read() -> None:
    read_heading("Beslutning i Byråd den 08-10-2026", committee="(" * 300_000, day=DAY, is_minutes=True)


def test_half_a_sign_in_a_text_costs_only_that_sign() -> None:
    occasion = Occasion("Byrådet", DAY, is_minutes=False)
    (section,) = split_sections(
        "<h3>Resume</h3><p>Før \ud83d efter \x00 nul</p>",
        container="#none",
        heading="h3",
        occasion=occasion,
        base_url="https://example.dk",
    )
    assert clean_text(section.text) == "Før \ufffd efter \ufffd nul"
    section.html.encode()


@pytest.mark.parametrize(
    "host",
    ["127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "224.0.0.1", "[ff02::1]", "[64:ff9b::7f00:1]", "[::127.0.0.1]"],
)
def test_inner_addresses_are_known_in_every_spelling(host: str) -> None:
    assert is_internal(host)


@pytest.mark.parametrize("host", ["dagsordener.aarhus.dk", "3.dk", "8.8.8.8", "[2a00:1450:4001::1]", "xn--rsk-0na.dk"])
def test_public_hosts_are_public(host: str) -> None:
    assert not is_internal(host)


def test_a_compressed_bomb_is_said_to_be_one(sqlite_url: str) -> None:
    bomb = Saved(gzip.compress(b" " * 200_000_000), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})
    with replay({"/": Saved("hej", headers={"Set-Cookie": "a=b"}), LIST: bomb}) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 1
    source = source_of(sqlite_url, 1)
    assert "større, end vi tager imod" in (source.last_error or "")


def test_numbers_and_names_beyond_all_measure_cost_one_meeting_at_most(database_url: str) -> None:
    lines = [line("huge", days=3), line("long", days=4), line("good", days=5)]
    long = agenda(point(2, "Natcafé", SagsNummer="".join(f"{n:x}" for n in range(3_000))), days=4)
    long["Udvalg"]["Navn"] = "Udvalget for " + " og ".join(f"område {n}" for n in range(2_000))
    meetings = {
        "huge": agenda(point(1, "Natcafé", Sorting=10**30), days=3),
        "long": long,
        "good": agenda(point(3, "Natcafé"), days=5),
    }
    with replay(portal(*lines, **meetings)) as server:
        add_source(database_url, 1, server.base_url)
        run = crawl(database_url)
        assert run.exit_code == 0, run.log
    assert {row.status for row in publications_of(database_url, 1).values()} == {PublicationStatus.STORED}


def test_signs_that_no_database_holds_do_not_leave_a_visit_open(database_url: str) -> None:
    away = Saved(status=302, headers={"Location": "/hj\x00em\x1b"})
    with replay({"/": Saved("hej", headers={"Set-Cookie": "a=b"}), LIST: away}) as server:
        add_source(database_url, 1, server.base_url)
        assert crawl(database_url).exit_code == 1
    source = source_of(database_url, 1)
    assert source.failure_streak == 1
    assert "/hjem" in (source.last_error or "")


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999", "9999-12-31"])
def test_a_time_that_means_none_hides_no_meeting(sqlite_url: str, never: str) -> None:
    """.NET's DateTime.MinValue lies in the past: taken for a time, it would put the meeting outside every window."""
    listed = line("m1", MeetingBeginUtc=never, Dato=never)
    with replay(portal(listed, m1=agenda(point(1, "Natcafé")))) as server:
        add_source(sqlite_url, 1, server.base_url)
        run = crawl(sqlite_url)
        assert run.exit_code == 0, run.log
    assert {row.status for row in publications_of(sqlite_url, 1).values()} == {PublicationStatus.STORED}


class Endless(Platform):
    """A site with more meetings than anybody can read, each of them slow."""

    name = "endless"

    async def read_list(self) -> MeetingList:
        one = ListedMeeting(platform_id="m", committee_name="Råd", name="Dagsorden", stage="agenda", starts_at=None)
        return MeetingList(meetings=tuple(replace(one, platform_id=f"m{number}") for number in range(10_000)))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:  # noqa: ARG002
        await asyncio.sleep(0.05)
        raise BadAnswer("Kan ikke læses.")


def test_a_site_without_end_is_left_in_time_and_gone_on_with_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "LONGEST_VISIT", 0.3)
    site = Site(code=1, name="Et", platform="endless", base_url="https://example.dk", window=Window(since=now()))
    kept: list[Record] = []

    async def hand(record: Record) -> str:
        kept.append(record)
        return ""

    async def nothing(_request: Request) -> Response:
        raise AssertionError("nothing is asked for here")

    fetch = HostFetch(nothing, site.base_url)
    asyncio.run(visit.Visit(site, Endless(site, fetch), fetch, hand).run())
    left = kept[-1]
    assert isinstance(left, SourceLeft)
    assert left.outcome == "partial"
    assert "venter til næste besøg" in left.reason
    assert len(kept) < 1_000, "most of the 10,000 meetings wait"
