"""``python -m crawler.run``: one run over many sources, in a process of its own.

Progress goes to standard output, one JSON object a line (``crawler.progress``); the log goes to standard error.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from time import monotonic, sleep

from scrapy.crawler import AsyncCrawlerProcess
from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from config.catalogue import Municipality as CatalogueEntry
from config.catalogue import load_catalogue
from config.clock import COPENHAGEN, now
from config.errors import ConfigError
from config.settings import PREFIX, load_settings
from crawler import health
from crawler.items import Site, Window
from crawler.parent import GRACE_SECONDS, end_with_parent
from crawler.platforms import all_platforms
from crawler.progress import Event, RunFinished, RunStarted, to_line
from crawler.settings import scrapy_settings
from crawler.spider import CouncilSpider
from storage.engine import reading, transaction
from storage.lock import Busy, only_one
from storage.models import Municipality, Publication, PublicationStatus, Source

DAYS_BACK = 30
ALL_DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3
LOCK = "crawler"


def crawl_command(
    *,
    codes: Sequence[int] = (),
    since: date | None = None,
    until: date | None = None,
    only_due: bool = False,
    with_parent: bool = False,
) -> list[str]:
    """The command line of a run; give it ``crawl_environment`` of the database too.

    ``codes`` are KOMKODs, empty for all; ``until`` is the last day. ``only_due`` leaves out sources whose next visit
    lies ahead. ``with_parent``: the run ends when its standard input closes, which must be a pipe.
    """
    command = [sys.executable, "-m", "crawler.run"]
    for code in codes:
        command += ["--municipality", str(code)]
    command += ["--since", since.isoformat()] if since else []
    command += ["--until", until.isoformat()] if until else []
    command += ["--due"] if only_due else []
    return [*command, "--with-parent"] if with_parent else command


def crawl_environment(url: str) -> dict[str, str]:
    """This process's environment with the database in it: a command line would show its password to everybody."""
    return {**os.environ, f"{PREFIX}DATABASE_URL": url}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs and says how it went: 0 when everything asked for was done, 3 when some of it failed, 1 when nothing
    could be done (also: bad arguments, no database, another run under way).
    """
    options = _options(arguments)
    if options.with_parent:
        end_with_parent()
    try:
        settings = load_settings()
        url = options.url or settings.effective_database_url
        with _our_turn(url):
            with transaction(url) as session:
                health.close_leftovers(session, now())
            catalogue = load_catalogue(settings)
            sites = plan(url, options.municipality, _window(options), only_due=options.due, catalogue=catalogue)
            code = _run(url, sites, settings.user_agent)
    except Busy:
        return _refuse("Another crawl of this database is under way; wait for it to end.")
    except ConfigError as error:
        return _refuse(str(error))
    except SQLAlchemyError as error:
        return _refuse(f"The database cannot be used ({error.__class__.__name__}). Has `dagsordenvagt db upgrade` run?")
    say(RunFinished(exit_code=code))
    return code


@contextmanager
def _our_turn(url: str) -> Iterator[None]:
    """Holds the crawlers' lock; waits for a crawler whose service was killed, since it ends by itself.

    Raises ``Busy`` when another crawl goes on.
    """
    deadline = monotonic() + 2 * GRACE_SECONDS
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(only_one(url, LOCK))
                break
            except Busy:
                if monotonic() > deadline:
                    raise
            sleep(0.2)
        yield


def plan(
    url: str,
    codes: Sequence[int],
    window: Window,
    *,
    only_due: bool = False,
    catalogue: Iterable[CatalogueEntry] = (),
) -> list[Site]:
    """The sources to visit, with what is known of each and what only the ``catalogue`` says.

    Raises ``ConfigError`` for a code that no active source has.
    """
    wanted = select(Source).join(Municipality).where(Source.active).order_by(Municipality.code)
    if codes:
        wanted = wanted.where(Source.municipality_code.in_(codes))
    if only_due:
        wanted = wanted.where(or_(Source.next_poll_at.is_(None), Source.next_poll_at <= now()))
    told = {(entry.code, entry.platform): entry.options for entry in catalogue}
    with reading(url) as session:
        sources = session.scalars(wanted).all()
        missing = set(codes) - set(session.scalars(select(Source.municipality_code).where(Source.active)))
        if missing:
            raise ConfigError(f"No active source has the municipality code {min(missing)}.")
        stored = select(Publication.platform_id, Publication.fingerprint).where(
            Publication.status == PublicationStatus.STORED
        )
        return [
            Site(
                code=source.municipality_code,
                name=source.municipality.name,
                platform=source.platform,
                base_url=source.base_url.rstrip("/"),
                crawl_delay=source.crawl_delay,
                window=window,
                memory=_memory(source.visitor_state),
                options=told.get((source.municipality_code, source.platform), {}),
                known={row[0]: row[1] for row in session.execute(stored.where(Publication.source_id == source.id))},
            )
            for source in sources
        ]


def say(event: Event) -> None:
    """One line on standard output. Nobody listening any more is no reason to stop."""
    try:
        print(to_line(event), flush=True)  # noqa: T201 - the progress protocol
    except OSError:
        # Python would complain again when it closes the broken stream at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _run(url: str, sites: Sequence[Site], user_agent: str) -> int:
    say(RunStarted(sources=len(sites)))
    if not sites:
        return ALL_DONE
    platforms = all_platforms()
    outcomes: dict[int, str] = {}
    process = AsyncCrawlerProcess(scrapy_settings(sites, user_agent))
    # A robots.txt that cannot be fetched is followed by a list that cannot: the visit says so, in one line.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    process.crawl(CouncilSpider, sites=sites, platforms=platforms, database_url=url, say=say, outcomes=outcomes)
    process.start(install_signal_handlers=False)
    return _exit_code(sites, outcomes)


def _exit_code(sites: Sequence[Site], outcomes: dict[int, str]) -> int:
    if all(outcomes.get(site.code) == "ok" for site in sites):
        return ALL_DONE
    return SOME_FAILED if {"ok", "partial"} & set(outcomes.values()) else NOTHING_DONE


def _window(options: argparse.Namespace) -> Window:
    since = options.since or now().date() - timedelta(days=DAYS_BACK)
    until = options.until + timedelta(days=1) if options.until else None
    return Window(since=_midnight(since), until=_midnight(until) if until else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), COPENHAGEN)


def _memory(state: str | None) -> dict[str, str]:
    try:
        kept = json.loads(state or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crawler.run", description="Visits the sources once.")
    parser.add_argument("--url", help="database (default: the settings')")
    parser.add_argument("--municipality", type=int, action="append", default=[], metavar="CODE")
    parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="first day")
    parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="last day")
    parser.add_argument("--due", action="store_true", help="only sources whose next visit is due")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return NOTHING_DONE


if __name__ == "__main__":
    sys.exit(main())
