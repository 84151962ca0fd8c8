"""The probe tells which system a site speaks and proposes its catalogue entry."""

import asyncio
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.catalogue import BUILT_IN, Municipality, read_catalogue
from config.errors import ConfigError
from crawler.fetch import HostFetch
from crawler.platforms import all_platforms
from crawler.platforms.firstagenda import VERSION
from crawler.probe import ProbeResult, look, probe
from tests.crawler.firstagenda_answers import line, portal
from tests.crawler.test_saved_sites import SITES
from tests.servers.download import download
from tests.servers.replay import Saved, replay, saved_json, saved_site

SAVED = [folder for folder in SITES if folder.parent.name != "template"]


def looked_at(base_url: str) -> ProbeResult:
    return asyncio.run(look(base_url, HostFetch(download, base_url)))


@pytest.mark.parametrize("folder", SAVED, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_saved_site_is_recognised_and_its_entry_can_be_used(folder: Path) -> None:
    settings, answers = saved_site(folder)
    with replay(answers) as server:
        found = looked_at(server.base_url)
    assert (found.platform, found.reason) == (settings["platform"], "")
    assert found.evidence
    assert dict(found.options).keys() == settings.get("options", {}).keys()
    if settings["platform"] == "aabendagsorden":
        assert found.options == settings.get("options", {})
    [entry] = tomllib.loads(found.catalogue_entry())["municipality"]
    assert (entry["platform"], entry["url"]) == (settings["platform"], server.base_url)


def test_every_platform_of_the_catalogue_has_an_adapter_whose_host_patterns_know_its_hosts() -> None:
    platforms = all_platforms()
    for entry in read_catalogue(BUILT_IN):
        likely = [name for name, platform in platforms.items() if _likely(entry.url, platform.hosts)]
        assert entry.platform in likely, entry


def _likely(url: str, patterns: tuple[str, ...]) -> bool:
    return any(re.search(pattern, urlsplit(url).hostname or "") for pattern in patterns)


def test_an_unknown_site_is_said_to_be_unknown_with_what_came_and_where_its_links_lead() -> None:
    front = Saved(
        "<h1>Velkommen</h1><a href='https://dagsordener.nyby.dk/vis?id=1'>Dagsordener</a>"
        "<a href='https://nyby.meetingsplus.dk/overview'>Gamle møder</a><a href='https://example.org'>Andet</a>"
    )
    with replay({"/": front}) as server:
        found = looked_at(server.base_url)
        asked = len(server.requests)
    assert (found.platform, found.blocked, found.catalogue_entry()) == (None, False, "")
    assert set(found.tried) == set(all_platforms())
    assert found.leads == ("https://dagsordener.nyby.dk", "https://nyby.meetingsplus.dk")
    assert asked <= 15


@pytest.mark.parametrize("body", ["<h1>Alt er fundet</h1>", "{}", '{"Udvalg": null, "data": [], "meetings": null}', ""])
def test_a_site_that_answers_everything_alike_is_nothing_known(body: str) -> None:
    class Everything(dict[str, list[Saved]]):
        def get(self, _key: str, _default: object = None) -> list[Saved]:  # type: ignore[override]
            return [Saved(body)]

    with replay({}) as server:
        server.answers = Everything()
        assert looked_at(server.base_url).platform is None


def test_a_challenge_is_reported_and_the_site_is_left_alone() -> None:
    with replay({"/": Saved("<title>Just a moment...</title>", status=403)}) as server:
        found = looked_at(server.base_url)
        assert server.requests == ["/"]
    assert (found.platform, found.blocked) == (None, True)
    assert "robotkontrol" in found.reason


def test_the_entry_keeps_what_the_catalogue_knows_of_the_municipality() -> None:
    entry = Municipality(
        code=851,
        name="Aalborg",
        region="Nordjylland",
        platform="aalborg",
        url="https://gammel.example.dk",
        options={"committee_ids": [15, 31]},
    )
    found = ProbeResult(url="https://apps.aalborgkommune.dk", platform="aalborg", options={"committee_ids": [15]})
    [proposed] = tomllib.loads(found.catalogue_entry(entry))["municipality"]
    assert (proposed["code"], proposed["name"], proposed["options"]) == (851, "Aalborg", {"committee_ids": [15, 31]})
    assert Municipality.model_validate(proposed).url == "https://apps.aalborgkommune.dk"
    moved = ProbeResult(url="https://dagsordener.aalborg.dk", platform="firstagenda")
    assert "options" not in moved.catalogue_entry(entry)


def test_the_probe_works_in_a_process_of_its_own_and_obeys_robots_txt() -> None:
    list_ = saved_json({"Udvalg": {"Udvalg 2026-2029": []}})
    site = {"/": Saved("<p>powered by FirstAgenda Publication</p>"), "/api/agenda/udvalgsliste": list_}
    with replay(site) as server:
        found = probe(f"{server.base_url}/en/sti?x=1")
        assert (found.platform, found.url) == ("firstagenda", server.base_url)
    with replay(site | {"/robots.txt": Saved("User-agent: *\nDisallow: /")}) as server:
        refused = probe(server.base_url)
        assert set(server.requests) == {"/robots.txt"}
    assert (refused.platform, refused.blocked) == (None, True)
    assert "robots.txt" in refused.reason


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Saved("1"), "version 1 af API'et"),
        (Saved('"2"'), "version »2« af API'et, som læseren ikke kender"),
        (Saved(status=404), "uden oplyst version"),
    ],
)
def test_a_checked_firstagenda_site_tells_which_version_of_the_api_it_speaks(answer: Saved, said: str) -> None:
    with replay(portal(line("m1")) | {VERSION: answer}) as server:
        found = looked_at(server.base_url)
    assert found.platform == "firstagenda"
    assert said in found.evidence


def test_nobody_at_the_address_is_said_and_no_address_is_refused() -> None:
    gone = probe("http://127.0.0.1:9")
    assert gone.platform is None
    assert gone.reason
    for bad in ("ftp://x.dk", "https://", "https://bruger:kode@x.dk", "http://[bad"):
        with pytest.raises(ConfigError):
            probe(bad)
