"""``python -m crawler.documents``: fetches and reads waiting papers, in a process of its own, within a budget.

Progress goes to standard output, one JSON object a line (``crawler.progress``); the log goes to standard error.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from scrapy.crawler import AsyncCrawlerProcess
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from config.clock import now
from config.errors import ConfigError
from config.settings import load_settings
from crawler.document_limits import Limits
from crawler.document_spider import PaperSpider
from crawler.document_store import PaperStore
from crawler.document_text import ReaderPool, can_read_pictures
from crawler.items import Site, Window
from crawler.parent import end_with_parent
from crawler.progress import PapersStarted, RunFinished
from crawler.run import ALL_DONE, NOTHING_DONE, SOME_FAILED, our_turn, refuse, say
from crawler.settings import scrapy_settings
from storage import papers
from storage.engine import reading, transaction
from storage.lock import Busy
from storage.models import Source

# Places in the queue that are given out in one transaction.
BATCH = 500
# Seconds that one file may take to come; the largest are some fifty megabytes.
TIMEOUT = 180
MOST_READERS = 4


def documents_command(
    *,
    codes: Sequence[int] = (),
    files: int | None = None,
    seconds: float | None = None,
    retry: bool = False,
    with_parent: bool = False,
) -> list[str]:
    """The command line of a run; give it ``crawler.run.crawl_environment`` of the database too.

    ``files`` and ``seconds`` are the budget, the settings' when left out. ``retry``: also what was given up.
    """
    command = [sys.executable, "-m", "crawler.documents"]
    for code in codes:
        command += ["--municipality", str(code)]
    command += ["--files", str(files)] if files is not None else []
    command += ["--seconds", str(seconds)] if seconds is not None else []
    command += ["--retry"] if retry else []
    return [*command, "--with-parent"] if with_parent else command


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs and says how it went: 0 when all that was due and within the budget came, 3 when some of it did not,
    1 when nothing did (also: bad arguments, no database, a crawl under way).
    """
    options = _options(arguments)
    if options.with_parent:
        end_with_parent()
    try:
        settings = load_settings()
        url = options.url or settings.effective_database_url
        files = settings.document_files if options.files is None else options.files
        seconds = settings.document_seconds if options.seconds is None else options.seconds
        # The crawl's own lock: two programs that ask one host side by side would not keep its pace.
        with our_turn(url):
            _fill_queue(url, options.municipality, retry=options.retry)
            with reading(url) as session:
                waiting = papers.whose_turn(session, files, now(), options.municipality)
            code = _run(url, waiting, settings.user_agent, seconds)
    except Busy:
        return refuse("A crawl of this database is under way; wait for it to end.")
    except ConfigError as error:
        return refuse(str(error))
    except SQLAlchemyError as error:
        return refuse(f"The database cannot be used ({error.__class__.__name__}). Has `dagsordenvagt db upgrade` run?")
    say(RunFinished(exit_code=code))
    return code


def _fill_queue(url: str, codes: Sequence[int], *, retry: bool) -> None:
    placed = BATCH
    while placed == BATCH:
        with transaction(url) as session:
            placed = papers.take_places(session, BATCH, now())
    with transaction(url) as session:
        if can_read_pictures():
            papers.ask_for_pictures_again(session, now())
        if retry:
            papers.ask_for_given_up_again(session, now(), codes)


def _run(url: str, waiting: Sequence[papers.Waiting], user_agent: str, seconds: float) -> int:
    say(PapersStarted(papers=len(waiting)))
    if not waiting:
        return ALL_DONE
    sites = _sites(url, {one.code for one in waiting})
    limits = Limits()
    readers = ReaderPool(limits)
    store = PaperStore(url, readers, say)
    process = AsyncCrawlerProcess(
        scrapy_settings(sites.values(), user_agent)
        | {
            "ITEM_PIPELINES": {},
            "DOWNLOAD_MAXSIZE": limits.file_bytes,
            "DOWNLOAD_TIMEOUT": TIMEOUT,
        }
    )
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    threads = max(1, min(MOST_READERS, os.cpu_count() or 1))
    process.crawl(
        PaperSpider, sites=sites, waiting=waiting, store=store, readers=readers, threads=threads, seconds=seconds
    )
    try:
        process.start(install_signal_handlers=False)
    finally:
        readers.close()
    if not store.failed:
        return ALL_DONE
    return SOME_FAILED if store.done else NOTHING_DONE


def _sites(url: str, codes: set[int]) -> dict[int, Site]:
    """What manners ask to know of each source: its address and its pace."""
    everything = Window(since=now())
    with reading(url) as session:
        sources = session.scalars(select(Source).where(Source.municipality_code.in_(codes))).all()
        return {
            source.municipality_code: Site(
                code=source.municipality_code,
                name=source.municipality.name,
                platform=source.platform,
                base_url=source.base_url.rstrip("/"),
                window=everything,
                crawl_delay=source.crawl_delay,
            )
            for source in sources
        }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crawler.documents", description="Fetches and reads papers.")
    parser.add_argument("--url", help="database (default: the settings')")
    parser.add_argument("--municipality", type=int, action="append", default=[], metavar="CODE")
    parser.add_argument("--files", type=int, help="at most so many (default: the settings')")
    parser.add_argument("--seconds", type=float, help="start no new one after (default: the settings')")
    parser.add_argument("--retry", action="store_true", help="also papers that were given up")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
