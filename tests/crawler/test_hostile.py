"""Sites that mean harm, or whose editors do strange things: a visit ends in time, and says what was wrong."""

import gzip
import time
from datetime import date

import pytest

from crawler.headings import read_heading
from crawler.page_text import clean_text
from crawler.platforms.base import is_internal
from crawler.sections import Occasion, split_sections
from storage.models import PublicationStatus
from tests.crawler.conftest import add_source, crawl, publications_of, source_of
from tests.crawler.firstagenda_answers import LIST, agenda, line, point, portal
from tests.servers.replay import Saved, replay

DAY = date(2026, 10, 8)
ENDLESS = {
    "doctypes": "<!doctype " * 60_000,
    "bodies": "<body " * 60_000,
    "commas": f"<h3>Beslutning i Byråd {', ' * 30_000} den 08-10-2026</h3><p>Nej.</p>",
    "brackets": f"<h3>Beslutning i Byråd {'( ' * 30_000}x den 08-10-2026</h3><p>Nej.</p>",
    "data": '"data:' * 60_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_repetitions_cost_seconds_at_most(name: str) -> None:
    begun = time.monotonic()
    occasion = Occasion("Byrådet", DAY, is_minutes=True)
    html = ENDLESS[name] + "<h3>Resume</h3><p>Sidst.</p>"
    sections = split_sections(html, container="#none", heading="h3", occasion=occasion, base_url="https://example.dk")
    assert time.monotonic() - begun < 5
    assert sections or name in {"doctypes", "bodies"}


def test_a_heading_of_a_committee_with_an_endless_name_is_read_in_time() -> None:
    begun = time.monotonic()
    read_heading("Beslutning i Byråd den 08-10-2026", committee="(" * 100_000, day=DAY, is_minutes=True)
    assert time.monotonic() - begun < 1


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
    bomb = Saved(gzip.compress(b" " * 60_000_000), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})
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
