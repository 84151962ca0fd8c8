"""What the sites notice of us: pace, name, robots.txt, and that we stay at home."""

import asyncio
from itertools import pairwise

import pytest
from twisted.internet.error import DNSLookupError

from config.settings import settings
from crawler.fetch import HostFetch
from crawler.platforms.base import BadAnswer, is_internal
from crawler.polite import refuse_internal
from tests.crawler.conftest import add_source, crawl, source_of
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, line, point, portal
from tests.servers.download import download
from tests.servers.replay import Replay, Saved, replay, saved_json


def site_of(meetings: int, robots: str = "User-agent: *\nDisallow: /admin/\n") -> dict[str, object]:
    lines = [line(f"m{number}", days=number) for number in range(1, meetings + 1)]
    answers = {f"m{number}": agenda(point(1, f"Natcafé {number}"), days=number) for number in range(1, meetings + 1)}
    return portal(*lines, **answers) | {"/robots.txt": Saved(robots)}


def gaps(server: Replay) -> list[float]:
    return [later - earlier for earlier, later in pairwise(server.moments)]


def test_each_host_is_asked_at_its_own_pace_and_side_by_side(sqlite_url: str) -> None:
    with replay(site_of(3)) as slow, replay(site_of(3)) as fast:
        add_source(sqlite_url, 1, slow.base_url, crawl_delay=0.5)
        add_source(sqlite_url, 2, fast.base_url, crawl_delay=0.0)
        assert crawl(sqlite_url).exit_code == 0
        assert min(gaps(slow)) > 0.45
        assert fast.moments[-1] < slow.moments[-1]
        assert fast.agents == slow.agents == {settings().user_agent}


def test_a_crawl_delay_in_robots_txt_is_kept(sqlite_url: str) -> None:
    with replay(site_of(2, "User-agent: *\nCrawl-delay: 1\n")) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 0
        assert min(gaps(server)[1:]) > 0.9


def test_a_path_that_robots_txt_forbids_is_not_asked_for(sqlite_url: str) -> None:
    with replay(site_of(2, f"User-agent: *\nDisallow: {MEETING}\n")) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 3
        assert LIST in server.requests
        assert not [path for path in server.requests if path.startswith(MEETING)]
    assert "robots.txt" in (source_of(sqlite_url, 1).last_error or "")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/x", "https://elsewhere.example/x", "file:///etc/passwd", "//169.254.169.254/x"]
)
def test_a_redirect_to_another_place_is_not_followed(target: str) -> None:
    with replay({"/": Saved(status=302, headers={"Location": target})}) as server:
        with pytest.raises(BadAnswer, match="anden adresse end sin egen"):
            asyncio.run(HostFetch(download, server.base_url).get("/", redirects=3))
        assert server.requests == ["/"]


def test_a_redirect_within_the_host_is_followed_and_its_cookies_kept() -> None:
    answers = {
        "/": Saved(status=302, headers={"Location": "/ind", "Set-Cookie": "first=1; path=/"}),
        "/ind": Saved("velkommen", headers={"Set-Cookie": "second=a%20b; path=/; HttpOnly"}),
        "/ud": Saved("farvel", headers={"Set-Cookie": "first=; Max-Age=0"}),
    }

    async def go(fetch: HostFetch) -> None:
        assert (await fetch.get("/", redirects=3)).status == 200
        assert fetch.cookies == {"first": "1", "second": "a%20b"}
        await fetch.get("/ud")
        assert fetch.cookies == {"second": "a%20b"}

    with replay(answers) as server:
        fetch = HostFetch(download, server.base_url)
        asyncio.run(go(fetch))
        assert fetch.requests == 3


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "db", "x.internal"]
)
def test_inner_addresses_are_known(host: str) -> None:
    assert is_internal(host)
    assert not is_internal("dagsordener.aarhus.dk")


def test_a_public_name_with_an_inner_address_is_refused() -> None:
    assert refuse_internal("193.163.1.1", "dagsordener.x.dk") == "193.163.1.1"
    with pytest.raises(DNSLookupError, match="inner address"):
        refuse_internal("10.0.0.5", "dagsordener.x.dk")


def test_an_unknown_host_is_told_in_words(sqlite_url: str) -> None:
    add_source(sqlite_url, 1, "http://dagsordener.findes-ikke.invalid")
    assert crawl(sqlite_url).exit_code == 1
    assert source_of(sqlite_url, 1).last_error == "Værtsnavnet findes ikke i DNS eller peger på en intern adresse"


def test_an_answer_larger_than_we_take_is_a_failed_meeting(sqlite_url: str) -> None:
    big = Saved(b"[" + b" " * (26 * 1024 * 1024) + b"]")
    answers = portal(line("big", days=2), line("good", days=3), big=big, good=agenda(point(1, "Natcafé"), days=3))
    with replay(answers) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 3
    assert "større, end vi tager imod" in (source_of(sqlite_url, 1).last_error or "")


def test_nothing_to_do_costs_robots_txt_and_the_list(sqlite_url: str) -> None:
    answers = site_of(3)
    with replay(answers) as server:
        add_source(sqlite_url, 1, server.base_url)
        crawl(sqlite_url)
        server.requests.clear()
        assert crawl(sqlite_url).exit_code == 0
        assert server.requests == ["/robots.txt", LIST]
        server.answers[LIST] = [saved_json({"Udvalg": {}})]
        assert crawl(sqlite_url).exit_code == 1
