"""The operator's pages: for a person at this machine, or with the password, and for nobody else."""

import socket

import httpx
import pytest
from starlette.requests import Request

from config.settings import Settings
from tests.web.world import ALICE, World
from web.client import client_of, is_this_machine
from web.server import in_background

OPERATOR = ("/mails", "/mails/1", "/mails/1/indhold", "/mails/1/eml", "/foreninger", "/foreninger/besoegsvenner")
ELSEWHERE: tuple[dict[str, str], ...] = (
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"X-Forwarded-Host": "localhost"},
    {"Host": "rebound.example"},
    {"Host": "127.0.0.1.rebound.example:8000"},
    {"Host": ""},
)


def test_somebody_elsewhere_learns_nothing_of_the_operators_pages(site: str, world: World) -> None:
    for headers in ELSEWHERE:
        for path in OPERATOR:
            answer = httpx.get(site + path, headers=headers)
            assert answer.status_code == 404, (path, headers)
            assert "www-authenticate" not in answer.headers
        assert 'href="/mails"' not in httpx.get(site + "/", headers=headers).text


def test_a_person_at_this_machine_sees_them(browse: httpx.Client, world: World) -> None:
    assert 'href="/mails"' in browse.get("/").text
    for path in ("/mails", "/foreninger", "/foreninger/besoegsvenner"):
        answer = browse.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"


def test_another_machine_on_the_network_does_not(world: World) -> None:
    with in_background(world.settings, host="0.0.0.0") as base_url:  # noqa: S104 - this is what is tested
        address = _own_address()
        if address is None:
            pytest.skip("this machine has no address but loopback")
        port = base_url.rsplit(":", 1)[1]
        assert httpx.get(f"http://{address}:{port}/mails").status_code == 404
        assert httpx.get(f"http://{address}:{port}/mails", headers={"Host": "127.0.0.1"}).status_code == 404
        assert httpx.get(f"http://{address}:{port}/").status_code == 200


def _own_address() -> str | None:
    """This machine's address on its network; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return None if address.startswith("127.") else address


def _with(world: World, **changes: object) -> Settings:
    return Settings(**(world.settings.model_dump() | changes))


def test_a_published_service_trusts_nobody_without_the_password(world: World) -> None:
    """A proxy on the same machine that adds no headers looks like a person at the machine."""
    with in_background(_with(world, base_url="https://vagt.example.dk")) as site:
        assert httpx.get(site + "/mails").status_code == 404
        assert "max-age" in httpx.get(site + "/").headers["strict-transport-security"]


def test_the_password_opens_the_pages_from_anywhere(world: World) -> None:
    with in_background(_with(world, operator_password="smør & brød")) as site:
        away = {"X-Forwarded-For": "203.0.113.7"}
        asked = httpx.get(site + "/mails", headers=away)
        assert asked.status_code == 401
        assert asked.headers["www-authenticate"].startswith("Basic")
        assert ALICE not in asked.text
        for wrong in (("drift", "forkert"), ("smør & brød", ""), ("", "")):
            assert httpx.get(site + "/mails", headers=away, auth=wrong).status_code == 401
        right = httpx.get(site + "/mails", headers=away, auth=("drift", "smør & brød"))
        assert right.status_code == 200
        assert ALICE in right.text


def test_guessing_the_password_is_slow(world: World) -> None:
    with in_background(_with(world, operator_password="rigtig")) as site:
        away = {"X-Forwarded-For": "198.51.100.9"}
        answers = [httpx.get(site + "/mails", headers=away, auth=("x", f"gæt {n}")).status_code for n in range(8)]
        assert answers == [401] * 5 + [429] * 3
        late = httpx.get(site + "/mails", headers=away, auth=("x", "rigtig"))
        assert late.status_code == 429, "even the right one must wait"
        assert int(late.headers["retry-after"]) > 0
        other = {"X-Forwarded-For": "198.51.100.10"}
        assert httpx.get(site + "/mails", headers=other, auth=("x", "rigtig")).status_code == 200
        assert httpx.get(site + "/findes-ikke", headers=away, auth=("x", "gæt")).status_code == 404


def test_all_addresses_of_one_network_share_their_tries() -> None:
    def client(host: str, forwarded: str = "") -> str:
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        return client_of(Request({"type": "http", "headers": headers, "client": (host, 4711)}))

    assert client("2a00:1450:4001:80b::1") == client("2a00:1450:4001:80b:ffff::2")
    assert client("2a00:1450:4001:80b::1") != client("2a00:1450:4001:80c::1")
    assert client("::ffff:8.8.8.8") == client("8.8.8.8") == client("10.0.0.1", "1.2.3.4, 8.8.8.8")
    assert client("10.0.0.1", "2a00:1450:4001:80b::9") == client("2a00:1450:4001:80b::1")


def test_without_a_password_set_an_empty_one_opens_nothing(site: str, world: World) -> None:
    for auth in (("", ""), ("drift", "None")):
        answer = httpx.get(site + "/mails", headers={"X-Forwarded-For": "203.0.113.7"}, auth=auth)
        assert answer.status_code == 404


def test_public_pages_show_no_addresses_and_no_technical_errors(public: httpx.Client, world: World) -> None:
    for path in ("/", "/sager", f"/sager/{world.loneliness}", "/moeder", f"/moeder/{world.meeting}", "/kilder"):
        text = public.get(path).text
        assert "@example" not in text, path
        assert "/foreninger/" not in text, path
    assert "HTTP 503" not in public.get("/kilder").text
    assert "HTTP 503" not in public.get("/kilder/998").text


def test_a_host_header_that_is_no_host_is_elsewhere(world: World) -> None:
    for host in ("[", "[::1", "127.0.0.1:99999999", "\x00"):
        scope = {"type": "http", "headers": [(b"host", host.encode())], "client": ("127.0.0.1", 1)}
        assert not is_this_machine(Request(scope), world.settings) or host.startswith("127."), host
        assert client_of(Request(scope)) == "127.0.0.1"
