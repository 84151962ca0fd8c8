"""One spider for all sources: every visit is a task of its own, so a slow host holds up nobody else's."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.fetch import HostFetch
from crawler.items import Record, Site, SourceLeft
from crawler.platforms import all_platforms
from crawler.progress import Event
from crawler.visit import Visit

log = logging.getLogger(__name__)


@dataclass
class Parcel:
    """A record on its way through the pipelines, with the answer that its visit waits for (empty: kept)."""

    record: Record
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
        database_url: str,
        say: Callable[[Event], None],
        outcomes: dict[int, str],
        **kwargs: Any,
    ) -> None:
        """The pipelines read ``database_url`` and ``say``, and put each source's outcome into ``outcomes``."""
        super().__init__(**kwargs)
        self.sites, self.database_url, self.say, self.outcomes = sites, database_url, say, outcomes
        self._platforms = all_platforms()

    async def start(self) -> AsyncIterator[Parcel]:
        """The records of all visits as they come."""
        parcels: asyncio.Queue[Parcel | None] = asyncio.Queue()
        everything = asyncio.gather(*(self._visit(site, parcels) for site in self.sites))
        everything.add_done_callback(lambda _: parcels.put_nowait(None))
        try:
            while (parcel := await parcels.get()) is not None:
                yield parcel
        finally:
            everything.cancel()
        await everything

    async def _visit(self, site: Site, parcels: "asyncio.Queue[Parcel | None]") -> None:
        async def hand(record: Record) -> str:
            parcel = Parcel(record, asyncio.get_running_loop().create_future())
            parcels.put_nowait(parcel)
            return await parcel.answer

        adapter = self._platforms.get(site.platform)
        if adapter is None:
            reason = f"Der findes ingen læser til systemet »{site.platform}« endnu."
            await hand(SourceLeft(code=site.code, outcome="unsupported", reason=reason))
            return
        fetch = HostFetch(self._download, site.base_url, site.memory)
        await Visit(site, adapter(site, fetch), fetch, hand).run()

    async def _download(self, request: Request) -> Response:
        if self.crawler.engine is None:
            raise RuntimeError("the engine has stopped")
        return await self.crawler.engine.download_async(request)
