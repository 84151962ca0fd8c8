"""What the pages do with hostile content and hostile readers."""

import logging
import socket
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from config.settings import Settings
from storage.engine import engine_for, transaction
from storage.models import AgendaItem
from tests.web.reading import words
from tests.web.world import World
from web.server import in_background

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGES = ("/", "/sager", "/moeder", "/kilder", "/foreninger", "/mails", "/findes-ikke", "/static/style.css")


def test_scripts_in_titles_and_texts_are_only_text(browse: httpx.Client, world: World) -> None:
    html = browse.get(f"/sager/{world.hostile}").text
    page = BeautifulSoup(html, "lxml")
    assert not page.find_all(["script", "style", "iframe"])
    assert [image["src"] for image in page.find_all("img")] == ["/static/mark.svg"], "no outside images"
    assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert "javascript:" not in html
    assert "Orientering <script>alert('hul')</script>" in page.find("h1").get_text()  # type: ignore[union-attr]
    assert "Overskrift <script>" in words(html)


def test_every_answer_carries_the_security_headers(browse: httpx.Client, world: World) -> None:
    for path in (*PAGES, f"/mails/{world.mail}/indhold"):
        headers = browse.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe-inline" not in policy or "sandbox" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_pages_ask_for_nothing_from_elsewhere(browse: httpx.Client, world: World) -> None:
    for path in PAGES[:-1]:
        page = BeautifulSoup(browse.get(path).text, "lxml")
        fetched = [tag.get("src") or tag.get("href") for tag in page.find_all(["img", "link", "script", "iframe"])]
        assert all(str(address).startswith("/") for address in fetched), path
        assert not page.find_all(style=True), "the policy would refuse inline styles"


def test_no_page_is_offered_to_search_engines_through_a_mails_link(public: httpx.Client, world: World) -> None:
    assert "Disallow: /indstillinger/" in public.get("/robots.txt").text
    assert public.get("/svar/x").headers["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "31.12.9999"])
def test_the_ends_of_the_calendar_are_no_error(browse: httpx.Client, world: World, day: str) -> None:
    assert browse.get("/sager", params={"fra": day}).status_code == 200
    assert browse.get("/sager", params={"til": day}).status_code == 200


def test_a_huge_form_is_refused(browse: httpx.Client, world: World) -> None:
    answer = browse.post("/afmeld/x", data={"handling": "x" * 100_000})
    assert answer.status_code == 413
    assert "Det er for meget" in words(answer.text)

    # Without a Content-Length the server has to count for itself.
    chunks = (b"x" * 2000 for _ in range(20))
    assert browse.post("/afmeld/x", content=chunks, headers=FORM).status_code == 413


def test_a_form_without_its_fields_is_refused_kindly(browse: httpx.Client, world: World) -> None:
    for path, data in {"/afmeld/x": {}, "/indstillinger/x": {"handling": "gem", "tilmelding": "nej"}}.items():
        answer = browse.post(path, data=data)
        assert answer.status_code == 400
        assert "Det forstod vi ikke" in words(answer.text)
    assert browse.put("/sager").status_code == 405


def test_too_many_forms_in_a_row_have_to_wait(site: str, world: World) -> None:
    busy = {"X-Forwarded-For": "198.51.100.1"}
    codes = [httpx.post(f"{site}/bekraeft/x", headers=busy).status_code for _ in range(22)]
    assert codes[:20] == [404] * 20
    assert 429 in codes[20:]
    refused = httpx.post(f"{site}/bekraeft/x", headers=busy | {"X-Forwarded-For": "1.2.3.4, 198.51.100.1"})
    assert refused.status_code == 429, "what a client claims of itself does not help it"
    assert int(refused.headers["retry-after"]) >= 1
    assert httpx.post(f"{site}/bekraeft/x", headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 404


def test_a_database_that_is_away_is_said_so(tmp_path: Path) -> None:
    """Nothing listens on the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql+psycopg://nobody@127.0.0.1:{port}/none?connect_timeout=2"
    settings = Settings(database_url=url, data_dir=tmp_path, secret_key="x")
    with in_background(settings) as site:
        answer = httpx.get(site + "/")
        assert answer.status_code == 503
        assert "Siden er optaget" in words(answer.text)
        health = httpx.get(site + "/healthz")
        assert (health.status_code, health.json()["database"]) == (503, "unreachable")
    engine_for(url).dispose()


def test_an_empty_database_is_not_healthy(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/empty.sqlite3", data_dir=tmp_path, secret_key="x")
    with in_background(settings) as site:
        assert httpx.get(site + "/healthz").json()["schema"] == "outdated"
        assert httpx.get(site + "/sager").status_code in {500, 503}
    engine_for(settings.effective_database_url).dispose()


def test_a_page_that_fails_says_so_with_headers_and_keeps_tokens_out_of_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("notifier.links.Links.open_preferences", broken)
    with caplog.at_level(logging.DEBUG), in_background(world.settings) as site:
        answer = httpx.get(f"{site}/indstillinger/HEMMELIG")
    assert answer.status_code == 500
    assert "Noget gik galt hos os" in words(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    shown = capsys.readouterr()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert "HEMMELIG" not in shown.out + shown.err + "".join(ours)


def test_a_title_of_two_thousand_characters_is_shown_whole_on_its_page_only(browse: httpx.Client, world: World) -> None:
    title = "Lang titel " * 182
    with transaction(world.url) as session:
        session.get_one(AgendaItem, world.budget).title = title
    assert title.strip() in words(browse.get(f"/sager/{world.budget}").text)
    assert title.strip() not in words(browse.get("/sager").text)
