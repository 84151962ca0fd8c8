"""Follows a run through the archive: what came, what waits, and how long it is likely to take."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.items import ARCHIVES_AT_ONCE
from crawler.progress import (
    ArchiveReached,
    ListFound,
    MeetingNotStored,
    MeetingStored,
    RunStarted,
    SourceFinished,
    from_line,
)
from service.console import Steps
from service.words import counted

# Meetings of a source after which its own pace says more than its crawl delay.
ENOUGH_TO_MEASURE = 5
# Seconds between two lines about the time left where there is no bar.
SAY_EVERY = 60.0


@dataclass
class Pace:
    """One source's reading. Times in seconds."""

    delay: float
    began: float
    read: int = 0
    waiting: int = 0
    days_left: int | None = None
    days_read: int = 0

    def left(self, at: float) -> float:
        """Seconds that the rest is likely to take: what is known to wait, and the days of which nobody knows yet."""
        gone = at - self.began
        each = gone / self.read if self.read >= ENOUGH_TO_MEASURE else max(self.delay, 0.1)
        unseen = self.days_left * gone / self.days_read if self.days_left and self.days_read else 0.0
        return self.waiting * each + unseen


@dataclass
class ArchiveRun:
    """Counts over all sources of one run; ``waiting``: meetings that are left for another time, as far as known."""

    sources: int = 0
    finished: int = 0
    fetched: int = 0
    failed: int = 0
    requests: int = 0
    waiting: int = 0
    unfinished: list[str] = field(default_factory=list)
    troubled: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the job's row."""
        return asdict(self)

    def in_words(self) -> str:
        """One line for people."""
        done = f"{self.finished} af {counted(self.sources, 'kommune', 'kommuner')} er læst til bunds"
        said = f"{done}, {counted(self.fetched, 'gammelt møde', 'gamle møder')} hentet, "
        said += f"{counted(self.requests, 'forespørgsel', 'forespørgsler')}."
        if self.failed:
            said += f" {counted(self.failed, 'møde', 'møder')} kunne ikke læses."
        return said + (" Resten læses de kommende nætter." if self.unfinished else "")


def show_archive_progress(
    lines: Iterable[str],
    shown: Steps,
    delays: Mapping[int, float],
    clock: Callable[[], float] = time.monotonic,
) -> ArchiveRun:
    """Reads the child's lines to their end. ``delays``: each source's crawl delay in seconds, by municipality code."""
    run, paces, finished = ArchiveRun(), dict[int, Pace](), set[int]()
    said_at = clock()
    for line in lines:
        match from_line(line):
            case RunStarted(sources=sources):
                run.sources = sources
                shown.start(None)
            case ListFound(code=code, municipality=name, wanted=wanted):
                pace = paces.setdefault(code, Pace(delays.get(code, 1.0), clock()))
                pace.waiting = wanted
                many = counted(wanted, "gammelt møde", "gamle møder")
                shown.say(f"  {name}: {many} venter, {_about(pace.left(clock()))}.")
                if shown.has_bars:
                    shown.start(_total(paces), note=_in_all(paces, clock()))
            case MeetingStored(code=code) | MeetingNotStored(code=code):
                pace = paces.setdefault(code, Pace(delays.get(code, 1.0), clock()))
                pace.read, pace.waiting = pace.read + 1, max(0, pace.waiting - 1)
                shown.advance(1, note=_in_all(paces, clock()))
                if clock() - said_at >= SAY_EVERY and not shown.has_bars:
                    said_at = clock()
                    shown.say(f"  {_total(paces) - _waiting(paces)} hentet. Tilbage: {_in_all(paces, clock())}.")
            case ArchiveReached() as reached:
                _reached(reached, paces, finished, delays, clock())
            case SourceFinished() as one:
                _finish(run, one, shown, finished=one.code in finished)
    run.waiting = _waiting(paces)
    return run


def _reached(
    reached: ArchiveReached, paces: dict[int, Pace], finished: set[int], delays: Mapping[int, float], at: float
) -> None:
    pace = paces.setdefault(reached.code, Pace(delays.get(reached.code, 1.0), at))
    if pace.days_left is not None:
        pace.days_read += max(0, pace.days_left - reached.days_left)
    pace.days_left = reached.days_left
    pace.waiting = reached.waiting if reached.waiting is not None else pace.waiting
    if reached.finished:
        finished.add(reached.code)
        pace.days_left, pace.waiting = 0, 0


def _finish(run: ArchiveRun, one: SourceFinished, shown: Steps, *, finished: bool) -> None:
    run.fetched += one.fetched
    run.failed += one.failed
    run.requests += one.requests
    run.finished += finished
    if not finished:
        run.unfinished.append(one.municipality)
    if one.reason:
        run.troubled[one.municipality] = one.reason
        shown.say(f"  {one.municipality}: {one.reason}")
    shown.say(f"  {one.municipality}: {counted(one.fetched, 'møde', 'møder')} hentet{', færdig' if finished else ''}.")


def _waiting(paces: Mapping[int, Pace]) -> int:
    return sum(pace.waiting for pace in paces.values())


def _total(paces: Mapping[int, Pace]) -> int:
    return sum(pace.waiting + pace.read for pace in paces.values())


def _in_all(paces: Mapping[int, Pace], at: float) -> str:
    """The slowest source decides, or all of them when there are more than are read side by side."""
    left = [pace.left(at) for pace in paces.values()]
    return _about(max(*left, sum(left) / ARCHIVES_AT_ONCE))


def _about(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004
        return "under et minut"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"ca. {counted(hours, 'time', 'timer')} og {rest} min." if hours else f"ca. {minutes} min."
