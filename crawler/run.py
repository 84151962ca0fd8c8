"""``python -m crawler.run``: one run over many sources, in a process of its own.

Progress goes to standard output, one JSON object a line (``crawler.progress``); the log goes to standard error.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from math import inf
from time import monotonic, sleep

from scrapy.crawler import AsyncCrawlerProcess
from sqlalchemy.exc import SQLAlchemyError

from config.catalogue import load_catalogue
from config.clock import COPENHAGEN, now
from config.errors import ConfigError
from config.settings import PREFIX, load_settings
from crawler import health
from crawler.archive import Budget
from crawler.items import Site, Window
from crawler.parent import GRACE_SECONDS, end_with_parent
from crawler.plan import plan, put_off
from crawler.platforms import all_platforms
from crawler.progress import Event, RunFinished, RunStarted, to_line
from crawler.settings import scrapy_settings
from crawler.spider import CouncilSpider
from storage.engine import transaction
from storage.lock import Busy, only_one

DAYS_BACK = 30
ALL_DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3
LOCK = "crawler"


def crawl_command(
    *,
    codes: Sequence[int] = (),
    since: date | None = None,
    until: date | None = None,
    only_due: bool = False,
    archive: bool = False,
    requests: int | None = None,
    hours: float | None = None,
    with_parent: bool = False,
) -> list[str]:
    """The command line of a run; give it ``crawl_environment`` of the database too.

    ``codes`` are KOMKODs, empty for all; ``until`` is the last day. ``only_due`` leaves out sources that failed and are
    to be left alone for a while. ``archive`` reads the old meetings that were wished for instead, at most ``requests``
    of each source and for about ``hours``. ``with_parent``: the run ends when its standard input closes, which must be
    a pipe.
    """
    command = [sys.executable, "-m", "crawler.run"]
    for code in codes:
        command += ["--municipality", str(code)]
    command += ["--since", since.isoformat()] if since else []
    command += ["--until", until.isoformat()] if until else []
    command += ["--due"] if only_due else []
    command += ["--archive"] if archive else []
    command += ["--requests", str(requests)] if requests else []
    command += ["--hours", str(hours)] if hours else []
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
        with our_turn(url):
            with transaction(url) as session:
                health.close_leftovers(session, now())
            catalogue = load_catalogue(settings)
            sites = plan(
                url,
                options.municipality,
                _window(options),
                only_due=options.due,
                archive=options.archive,
                catalogue=catalogue,
            )
            # A site that is left alone for a while is not asked for its archive either, which surprises nobody.
            waiting = put_off(url, options.municipality) if options.due and not options.archive else []
            code = _run(url, sites, settings.user_agent, waiting, _budget(options))
    except Busy:
        return refuse("Another crawl of this database is under way; wait for it to end.")
    except ConfigError as error:
        return refuse(str(error))
    except SQLAlchemyError as error:
        return refuse(f"The database cannot be used ({error.__class__.__name__}). Has `dagsordenvagt db upgrade` run?")
    say(RunFinished(exit_code=code))
    return code


@contextmanager
def our_turn(url: str) -> Iterator[None]:
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


def say(event: Event) -> None:
    """One line on standard output. Nobody listening any more is no reason to stop."""
    try:
        print(to_line(event), flush=True)  # noqa: T201 - the progress protocol
    except OSError:
        # Python would complain again when it closes the broken stream at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _run(url: str, sites: Sequence[Site], user_agent: str, waiting: Sequence[str], budget: Budget) -> int:
    say(RunStarted(sources=len(sites), put_off=list(waiting)))
    if not sites:
        return NOTHING_DONE if waiting else ALL_DONE
    platforms = all_platforms()
    outcomes: dict[int, str] = {}
    process = AsyncCrawlerProcess(scrapy_settings(sites, user_agent))
    # A robots.txt that cannot be fetched is followed by a list that cannot: the visit says so, in one line.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    process.crawl(
        CouncilSpider,
        sites=sites,
        platforms=platforms,
        database_url=url,
        say=say,
        outcomes=outcomes,
        budget=budget,
    )
    process.start(install_signal_handlers=False)
    code = _exit_code(sites, outcomes)
    return SOME_FAILED if waiting and code == ALL_DONE else code


def _exit_code(sites: Sequence[Site], outcomes: dict[int, str]) -> int:
    if all(outcomes.get(site.code) == "ok" for site in sites):
        return ALL_DONE
    return SOME_FAILED if {"ok", "partial"} & set(outcomes.values()) else NOTHING_DONE


def _window(options: argparse.Namespace) -> Window:
    since = options.since or now().date() - timedelta(days=DAYS_BACK)
    until = options.until + timedelta(days=1) if options.until else None
    return Window(since=_midnight(since), until=_midnight(until) if until else None)


def _budget(options: argparse.Namespace) -> Budget:
    ends_at = monotonic() + options.hours * 3600 if options.hours else inf
    return Budget(requests=options.requests or inf, ends_at=ends_at)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), COPENHAGEN)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crawler.run", description="Visits the sources once.")
    parser.add_argument("--url", help="database (default: the settings')")
    parser.add_argument("--municipality", type=int, action="append", default=[], metavar="CODE")
    parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="first day")
    parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="last day")
    parser.add_argument("--due", action="store_true", help="not those that failed and are to be left alone for a while")
    parser.add_argument("--archive", action="store_true", help="only old meetings that were wished for")
    parser.add_argument("--requests", type=int, metavar="N", help="at most so many to each source's archive")
    parser.add_argument("--hours", type=float, metavar="N", help="begin nothing more of the archive after so long")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def refuse(message: str) -> int:
    """Says on standard error why nothing can be done; the exit code for it."""
    print(message, file=sys.stderr)  # noqa: T201
    return NOTHING_DONE


if __name__ == "__main__":
    sys.exit(main())
