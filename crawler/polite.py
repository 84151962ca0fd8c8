"""Manners, as parts that Scrapy puts in its places: pace by source, few requests in the air, no inner addresses."""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from protego import Protego
from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.platforms.base import is_internal
from crawler.turns import Turns

# A Crawl-delay in robots.txt is kept up to this many seconds: more would make a visit take a day.
LONGEST_ROBOTS_DELAY = 30.0


class ByOrigin(Downloader):
    """One queue for each host and port, also for robots.txt: a replayed site is a port of this machine."""

    def get_slot_key(self, request: Request) -> str:
        """The host with its port, as ``DOWNLOAD_SLOTS`` in ``crawler.settings`` names it."""
        return slot_of(request.url)


def slot_of(url: str) -> str:
    """The name of the queue in which a request to ``url`` waits."""
    return str(urlparse_cached(Request(url)).netloc)


class FewAtOnce(HTTP11DownloadHandler):
    """Keeps to the setting ``REQUESTS_IN_THE_AIR``, the request with the highest priority first. Time in this queue is
    neither delay nor the site's slowness.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns = Turns(crawler.settings.getint("REQUESTS_IN_THE_AIR"))

    async def download_request(self, request: Request) -> Response:
        """Downloads when it is this request's turn."""
        async with self._turns.turn(request.priority):
            return await super().download_request(request)


class Throttle(AutoThrottle):
    """AutoThrottle that never goes below a source's own crawl delay or the Crawl-delay of its robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        slots = crawler.settings.getdict("DOWNLOAD_SLOTS")
        self._floor: dict[str, float] = {key: slot["delay"] for key, slot in slots.items()}
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: ProtegoRobotParser, request: Request) -> None:
        rules: Protego = robotparser.rp
        asked = rules.crawl_delay(self.crawler.settings["USER_AGENT"])
        if asked:
            key = slot_of(request.url)
            self._floor[key] = max(self._floor.get(key, 0.0), min(float(asked), LONGEST_ROBOTS_DELAY))

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if key is not None and slot is not None:
            slot.delay = max(slot.delay, self._floor.get(key, 0.0))


class PublicOnly(CachingThreadedResolver):
    """Refuses names that resolve to inner addresses, unless the name itself says so (localhost in a catalogue) or is
    the proxy that the operator has set (``https_proxy``).
    """

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of ``name``. Fails with ``DNSLookupError`` for a public name with an inner address."""
        answer: Deferred[str] = super().getHostByName(name, timeout)
        return answer if is_internal(name) or name in _proxies() else answer.addCallback(refuse_internal, name)


def _proxies() -> set[str]:
    return {urlsplit(proxy).hostname or "" for proxy in getproxies().values()}


def refuse_internal(address: str, name: str) -> str:
    """``address``, if it is public. Raises ``DNSLookupError`` for one that only means something on this network."""
    if is_internal(address):
        raise DNSLookupError(f"{name} points to the inner address {address}")
    return address
