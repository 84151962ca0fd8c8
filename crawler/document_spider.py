"""Fetches papers from many sources side by side, from each one after the other."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.document_fetch import PaperFetch
from crawler.document_store import PaperStore
from crawler.document_text import ReaderClosed, ReaderPool
from crawler.fetch import LONGEST_WAIT
from crawler.items import Site
from crawler.page_text import clean_text
from crawler.trouble import Blocked, Trouble
from storage.papers import Waiting

log = logging.getLogger(__name__)

# A source that fails this often in a row is left alone until the next run.
FAILURES_IN_A_ROW = 3
_NOTHING: tuple[Any, ...] = ()
# Files that are being fetched or read at one time: each may be as large as the largest file that is read.
PAPERS_AT_ONCE = 6


class PaperSpider(Spider):
    """Asks for ``waiting`` papers; the source's own order is kept. Starts no new one after ``seconds``."""

    name = "papers"

    def __init__(
        self,
        sites: Mapping[int, Site],
        waiting: Sequence[Waiting],
        *,
        store: PaperStore,
        readers: ReaderPool,
        threads: int,
        seconds: float,
        **kwargs: Any,
    ) -> None:
        """``sites`` by municipality code. ``threads`` files are read at a time."""
        super().__init__(**kwargs)
        self._sites, self._waiting, self._store, self._readers = sites, waiting, store, readers
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="papers")
        self._at_once = asyncio.Semaphore(PAPERS_AT_ONCE)
        self._deadline = time.monotonic() + seconds

    async def start(self) -> AsyncIterator[Any]:
        """Does the work; nothing goes through Scrapy's own pipelines."""
        visits = [asyncio.create_task(self._visit(site)) for site in self._sites.values()]
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, self._break_off, visits)
        for broken in await asyncio.gather(*visits, return_exceptions=True):
            if isinstance(broken, Exception):
                log.error("A visit broke", exc_info=broken)
                self._store.failed += 1
        await asyncio.to_thread(self._threads.shutdown)
        for nothing in _NOTHING:
            yield nothing

    def _break_off(self, visits: "Sequence[asyncio.Task[None]]") -> None:
        """Papers that are being read wait for the next run; what is being stored is stored."""
        self._readers.close()
        for visit in visits:
            visit.cancel()

    async def _visit(self, site: Site) -> None:
        fetch = PaperFetch(self._download, site.base_url)
        in_a_row = 0
        for one in self._waiting:
            if one.code != site.code:
                continue
            if time.monotonic() > self._deadline or in_a_row >= FAILURES_IN_A_ROW:
                return
            async with self._at_once:
                trouble = await self._one(fetch, one)
            in_a_row = in_a_row + 1 if trouble and (trouble.host_fault or isinstance(trouble, Blocked)) else 0
            if trouble and trouble.wait > LONGEST_WAIT:
                return
            if trouble and trouble.wait:
                await asyncio.sleep(trouble.wait)

    async def _one(self, fetch: PaperFetch, one: Waiting) -> Trouble | None:
        in_thread = asyncio.get_running_loop().run_in_executor
        try:
            if await in_thread(self._threads, self._store.wanted, one):
                data = await fetch.paper(one.url)
                await in_thread(self._threads, self._store.keep, one, data)
        except ReaderClosed:
            return None
        except Trouble as trouble:
            await in_thread(self._threads, self._store.missed, one, clean_text(trouble.reason))
            return trouble
        except Exception as error:
            # One paper that breaks us costs itself only.
            log.exception("%s: a paper could not be kept", one.municipality)
            said = clean_text(f"Uventet fejl ({type(error).__name__}: {error})")[:300]
            await in_thread(self._threads, self._store.missed, one, said)
        return None

    async def _download(self, request: Request) -> Response:
        if self.crawler.engine is None:
            raise RuntimeError("the engine has stopped")
        return await self.crawler.engine.download_async(request)
