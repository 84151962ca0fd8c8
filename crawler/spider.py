"""One spider for all sources: every visit is a task of its own, so a slow host holds up nobody else's."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response

from config.clock import now
from crawler.archive import ArchiveVisit, Budget
from crawler.awaited import widened
from crawler.beside import Beside
from crawler.fetch import HostFetch
from crawler.items import ARCHIVES_AT_ONCE, Record, Site, SourceLeft
from crawler.platforms.base import Platform
from crawler.progress import Event
from crawler.visit import Visit

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass
class Parcel:
    """A record on its way through the pipelines, with the answer that its visit waits for (empty: kept), and how many
    meetings that visit has ``left``.
    """

    record: Record
    left: int
    answer: "asyncio.Future[str]"

    def settle(self, answer: str = "") -> None:
        """Gives the answer; the first one counts."""
        if not self.answer.done():
            self.answer.set_result(answer)


class CouncilSpider(Spider):
    """Visits ``sites`` side by side, one request at a time to each."""

    name = "councils"

    def __init__(
        self,
        sites: Sequence[Site],
        *,
        platforms: Mapping[str, type[Platform]],
        database_url: str,
        say: Callable[[Event], None],
        outcomes: dict[int, str],
        budget: Budget,
        **kwargs: Any,
    ) -> None:
        """The pipelines read ``database_url`` and ``say``, and put each source's outcome into ``outcomes``. ``budget``
        holds for visits to the archive.
        """
        super().__init__(**kwargs)
        self.sites, self.database_url, self.say, self.outcomes = sites, database_url, say, outcomes
        self._platforms, self._budget = platforms, budget
        self._archives = asyncio.Semaphore(ARCHIVES_AT_ONCE)
        self._beside = Beside()

    async def start(self) -> AsyncIterator[Parcel]:
        """The records of all visits as they come."""
        parcels: asyncio.Queue[Parcel | None] = asyncio.Queue()
        visits = [asyncio.create_task(self._visit(site, parcels)) for site in self.sites]
        # Scrapy's own way of stopping waits for ever when a record is in the pipelines at that moment. Broken off
        # here, the visits end, what they handed over is kept, and the spider closes as after any other run.
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, _break_off, visits)
        everything = asyncio.gather(*visits, return_exceptions=True)
        everything.add_done_callback(lambda _: parcels.put_nowait(None))
        while (parcel := await parcels.get()) is not None:
            yield parcel
        self._beside.close()
        for broken in everything.result():
            if isinstance(broken, Exception):
                log.error("A visit broke", exc_info=broken)

    async def _visit(self, site: Site, parcels: "asyncio.Queue[Parcel | None]") -> None:
        fetch = HostFetch(self._download, site.base_url)

        async def hand(record: Record) -> str:
            parcel = Parcel(record, fetch.left, asyncio.get_running_loop().create_future())
            parcels.put_nowait(parcel)
            return await parcel.answer

        async def apart(work: Callable[..., T], *arguments: Any) -> T:
            return await self._beside.do(work, *arguments, left=fetch.left)

        adapter = self._platforms.get(site.platform)
        if adapter is None:
            reason = f"Der findes ingen læser til systemet »{site.platform}« endnu."
            await hand(SourceLeft(code=site.code, outcome="unsupported", reason=reason))
            return
        if site.wish is None:
            await Visit(site, adapter(widened(site, now()), fetch, apart), fetch, hand).run()
            return
        async with self._archives:
            make = partial(adapter, fetch=fetch, apart=apart)
            await ArchiveVisit(site, make(site), fetch, hand, make=make, budget=self._budget).run()

    async def _download(self, request: Request) -> Response:
        if self.crawler.engine is None:
            raise RuntimeError("the engine has stopped")
        return await self.crawler.engine.download_async(request)


def _break_off(visits: Sequence["asyncio.Task[None]"]) -> None:
    for visit in visits:
        visit.cancel()
