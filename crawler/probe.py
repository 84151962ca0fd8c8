"""Which publishing system does a site speak? Suppliers change, and a source that fell silent may have moved.

``probe`` asks a site as politely as a visit does, in a process of its own (``python -m crawler.probe URL``): the front
page, then what each adapter knows to look for, the likeliest by host name first, until one fits.
"""

import argparse
import json
import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from config.catalogue import Municipality
from config.clock import now
from config.errors import ConfigError
from config.settings import load_settings
from crawler.fetch import HostFetch
from crawler.items import Site, Window
from crawler.platforms import all_platforms
from crawler.platforms.base import Blocked, Fetch, Platform, Recognised, Trouble, Unreachable
from crawler.settings import scrapy_settings
from crawler.web_page import attribute, read_page

# Seconds for the whole probe: a dozen requests, each after its delay.
TIMEOUT = 300.0
DELAY = 1.0
MOST_LEADS = 5
# A host that refuses or fails this often in a row is left alone.
REFUSALS_IN_A_ROW = 3
_SIMPLE_KEY = re.compile(r"^[A-Za-z0-9_-]+$")


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """What a site turned out to be. ``platform`` is an adapter's name, or None when none fits.

    ``evidence`` is what was seen; ``options`` is what the catalogue should say for the site; ``reason`` says in Danish
    why nothing was found. ``tried`` gives for each adapter that did not fit what came instead. ``leads`` are addresses
    on the front page whose host names look like a publishing system's: probe those.
    """

    url: str
    platform: str | None = None
    evidence: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    blocked: bool = False
    tried: Mapping[str, str] = field(default_factory=dict)
    leads: tuple[str, ...] = ()

    def catalogue_entry(self, entry: Municipality | None = None) -> str:
        """The lines for the catalogue, TOML; of the municipality of ``entry``, else with its names left to fill in.

        Empty when no adapter fits.
        """
        if self.platform is None:
            return ""
        told: dict[str, object] = {
            "code": entry.code if entry else 0,
            "name": entry.name if entry else "",
            "region": entry.region if entry else "",
            "platform": self.platform,
            "url": self.url,
            "website": entry.website if entry else "",
            "status": "confirmed",
        }
        # What the operator wrote for the same system knows more than one look at the site.
        kept = entry.options if entry and entry.platform == self.platform and entry.options else self.options
        told |= {"options": kept} if kept else {}
        return "[[municipality]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in told.items())


def probe(url: str, *, timeout: float = TIMEOUT) -> ProbeResult:
    """Looks at the site at ``url`` (its origin counts, a path is left out). Takes up to ``timeout`` seconds.

    Raises ``ConfigError`` for what is no http(s) address. Everything else that goes wrong is in the result.
    """
    origin = _origin(url)
    command = [sys.executable, "-m", "crawler.probe", origin]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return ProbeResult(url=origin, reason=f"Siden blev ikke færdig med at svare inden for {timeout:.0f} sekunder.")
    try:
        told = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["intet"])[-1]
        return ProbeResult(url=origin, reason=f"Undersøgelsen gik i stå: {last[:300]}")
    return ProbeResult(**told | {"leads": tuple(told["leads"])})


async def look(url: str, fetch: Fetch) -> ProbeResult:
    """As ``probe``, asking through ``fetch``."""
    platforms = all_platforms()
    try:
        leads = await _leads(url, fetch, platforms)
    except (Blocked, Unreachable) as trouble:
        return ProbeResult(url=url, reason=trouble.reason, blocked=isinstance(trouble, Blocked))
    except Trouble:
        # Nothing at "/": some systems live under a path alone.
        leads = ()
    tried: dict[str, str] = {}
    refusals = 0
    for name in sorted(platforms, key=lambda name: (not _likely(url, platforms[name]), name)):
        found = await _ask(platforms[name], fetch)
        if isinstance(found, Recognised):
            return ProbeResult(
                url=url, platform=name, evidence=found.evidence, options=found.options, tried=tried, leads=leads
            )
        tried[name] = "Svaret ligner ikke dette system." if found is None else found.reason
        refusals = refusals + 1 if found and (found.host_fault or isinstance(found, Blocked)) else 0
        if refusals == REFUSALS_IN_A_ROW:
            return ProbeResult(url=url, reason=f"Siden afviser os: {tried[name]}", tried=tried, leads=leads)
    return ProbeResult(url=url, reason="Siden ligner intet kendt system.", tried=tried, leads=leads)


async def _ask(platform: type[Platform], fetch: Fetch) -> Recognised | Trouble | None:
    try:
        return await platform.recognise(fetch)
    except Trouble as trouble:
        return trouble


async def _leads(url: str, fetch: Fetch, platforms: Mapping[str, type[Platform]]) -> tuple[str, ...]:
    """Other hosts that the front page links to and whose names look like a publishing system's."""
    page = read_page(await fetch.get("/", redirects=3))
    found: dict[str, None] = {}
    for link in page.select("a[href]"):
        try:
            target = urlsplit(urljoin(f"{url}/", attribute(link, "href")))
        except ValueError:
            continue
        origin = f"{target.scheme}://{target.netloc}"
        is_web = target.scheme in {"http", "https"} and target.hostname
        if is_web and origin != url and any(_likely(origin, platform) for platform in platforms.values()):
            found[origin] = None
    return tuple(found)[:MOST_LEADS]


def _likely(url: str, platform: type[Platform]) -> bool:
    host = urlsplit(url).hostname or ""
    return any(re.search(pattern, host) for pattern in platform.hosts)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(f"'{url}' is no web address.", hint="Give it as https://dagsordener.example.dk.")
    return f"{parts.scheme}://{parts.netloc}"


def _toml(value: object) -> str:
    """A value as TOML; JSON writes strings, numbers and lists the same way."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(str(key))} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inside} }}"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if _SIMPLE_KEY.match(key) else json.dumps(key, ensure_ascii=False)


class _ProbeSpider(Spider):
    """Looks at one site and puts the result into ``found``."""

    name = "probe"

    def __init__(self, url: str, found: list[ProbeResult], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url, self._found = url, found

    async def start(self) -> AsyncIterator[Request]:
        self._found.append(await look(self._url, HostFetch(self._download, self._url)))
        # Scrapy takes this for a stream of requests; there is nothing left to ask.
        for request in list[Request]():
            yield request

    async def _download(self, request: Request) -> Response:
        return await self.crawler.engine.download_async(request)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the result as JSON; 0 when an adapter fits, 1 when none does."""
    parser = argparse.ArgumentParser(prog="python -m crawler.probe", description="Which system does a site speak?")
    parser.add_argument("url")
    url = _origin(parser.parse_args(arguments).url)
    site = Site(code=0, name=url, platform="", base_url=url, window=Window(since=now()), crawl_delay=DELAY)
    settings = scrapy_settings([site], load_settings().user_agent) | {"ITEM_PIPELINES": {}}
    # A robots.txt that cannot be fetched is followed by a page that cannot: the result says so.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    found: list[ProbeResult] = []
    process = AsyncCrawlerProcess(settings)
    process.crawl(_ProbeSpider, url=url, found=found)
    process.start()
    if not found:
        return 1
    print(json.dumps(asdict(found[0]), ensure_ascii=False))  # noqa: T201 - the answer to whoever started us
    return 0 if found[0].platform else 1


if __name__ == "__main__":
    sys.exit(main())
