"""Follows the crawler's child process: what it says becomes bars, lines and counts."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.progress import (
    ListFound,
    MeetingNotStored,
    MeetingStored,
    RunStarted,
    SourceFinished,
    from_line,
)
from service.console import Steps
from service.words import counted
from storage.models import CrawlOutcome

_GOOD = {CrawlOutcome.OK, CrawlOutcome.PARTIAL}
# Failures of one source beyond this are counted, not listed: `sources status -m NAME` lists them all.
SHOWN_FAILURES = 3


@dataclass
class Crawled:
    """Counts over all sources of one run; ``again``: meetings read although they looked unchanged, since they are
    still open; ``put_off`` names the municipalities that were left alone, ``troubled`` those that did not go well.
    """

    sources: int = 0
    read: int = 0
    fetched: int = 0
    changed: int = 0
    failed: int = 0
    requests: int = 0
    again: int = 0
    put_off: list[str] = field(default_factory=list)
    troubled: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the job's row."""
        return asdict(self)

    def in_words(self) -> str:
        """One line for people."""
        sources = f"{self.read} af {counted(self.sources, 'kommune', 'kommuner')} læst"
        meetings = f"{counted(self.fetched, 'møde', 'møder')} hentet"
        items = counted(self.changed, "punkt er nyt eller ændret", "punkter er nye eller ændrede")
        asked = counted(self.requests, "forespørgsel", "forespørgsler")
        meetings += f" ({self.again} for at se, om noget er rettet)" if self.again else ""
        failed = f" {counted(self.failed, 'møde', 'møder')} kunne ikke læses." if self.failed else ""
        return f"{sources}, {meetings}, {items}, {asked}.{failed}"


def show_progress(lines: Iterable[str], shown: Steps) -> Crawled:
    """Reads the child's lines to their end."""
    crawled = Crawled()
    failures: dict[int, int] = {}
    for line in lines:
        match from_line(line):
            case RunStarted(sources=sources, put_off=put_off):
                crawled.sources, crawled.put_off = sources, put_off
                shown.start(sources)
                if put_off:
                    shown.say(f"  Fejlede for nylig og får lov at være i fred lidt endnu: {', '.join(put_off)}.")
            case ListFound(municipality=name, listed=listed, wanted=wanted, again=again):
                crawled.again += again
                looked = f", deraf {again} for at se, om noget er rettet" if again else ""
                shown.say(f"  {name}: {counted(listed, 'møde', 'møder')} på listen, {wanted} skal hentes{looked}.")
            case MeetingStored(municipality=name, committee=committee):
                shown.advance(0, note=f"{name}: {committee}")
            case MeetingNotStored(code=code, municipality=name, reason=reason):
                failures[code] = failures.get(code, 0) + 1
                if failures[code] <= SHOWN_FAILURES:
                    shown.say(f"  {name}: {reason}")
            case SourceFinished() as finished:
                _finish(crawled, finished, shown)
    return crawled


def _finish(crawled: Crawled, one: SourceFinished, shown: Steps) -> None:
    crawled.fetched += one.fetched
    crawled.changed += one.changed
    crawled.failed += one.failed
    crawled.requests += one.requests
    if one.outcome in _GOOD:
        crawled.read += 1
    if one.reason:
        crawled.troubled[one.municipality] = one.reason
        shown.say(f"  {one.municipality}: {one.reason}")
    elif one.failed:
        said = f"{counted(one.failed, 'møde', 'møder')} kunne ikke læses"
        crawled.troubled[one.municipality] = said
        shown.say(f"  {one.municipality}: {said}; se `dagsordenvagt sources status -m {one.municipality}`.")
    shown.advance(1, note=one.municipality)
