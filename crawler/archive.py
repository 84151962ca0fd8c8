"""A visit that reads old meetings for a wish: the latest first, as far as the night's budget goes, none of it news."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import inf

from config.clock import COPENHAGEN, now
from crawler.awaited import key_of
from crawler.freshness import to_read
from crawler.items import ArchiveRead, ListedMeeting, Outcome, Site, Window, Wish
from crawler.platforms.base import BadAnswer, Platform, ServerError
from crawler.visit import FAILURES_IN_A_ROW, HostGivenUp, Visit

# On a platform that is asked period by period, so many empty ones in a row mean that its archive begins later.
EMPTY_PERIODS = 12


@dataclass(frozen=True)
class Budget:
    """What archive visits may use. ``requests`` for each source; ``ends_at`` on ``time.monotonic``'s clock."""

    requests: float = inf
    ends_at: float = inf


@dataclass
class ArchiveVisit(Visit):
    """Goes back in time through the days of ``site.wish``, in the adapter's own periods.

    Cut by its budget it is no failure: how far it came is kept, and the next visit goes on from there.
    """

    make: Callable[[Site], Platform] = field(kw_only=True)
    budget: Budget = field(kw_only=True, default_factory=Budget)

    def _out_of_time(self) -> Outcome:
        return "ok"

    async def _read_all(self) -> Outcome:
        wish = self.site.wish
        if wish is None:
            raise ValueError("an archive visit needs a wish")
        empty = 0
        for since, until in periods_back(wish, self.adapter.archive_days):
            if empty >= EMPTY_PERIODS:
                break
            if self._spent():
                return self._told()
            try:
                whole = await self._read_period(wish, since, until)
            except BadAnswer as trouble:
                if isinstance(trouble, ServerError) or self.adapter.archive_days is None:
                    raise
                self._said.append(f"{since} til {until}: {trouble.reason}")
                whole, empty = True, empty + 1
            else:
                empty = 0
            if not whole:
                return self._told()
            await self.hand(ArchiveRead(code=self.site.code, wish=wish.id, reached=since, waiting=None))
        await self.hand(ArchiveRead(code=self.site.code, wish=wish.id, reached=wish.since, waiting=0, finished=True))
        return self._told()

    async def _read_period(self, wish: Wish, since: date, until: date) -> bool:
        """Reads what is not stored of one period. True when all of it was asked for."""
        window = Window(since=_midnight(since), until=_midnight(until))
        self.adapter = self.make(replace(self.site, window=window))
        found = await self._insisting(self.adapter.read_list, FAILURES_IN_A_ROW, and_on=ServerError)
        self._said += found.problems
        inside = [one for one in found.meetings if window.holds(one.starts_at) and not self._awaited(one)]
        reading = to_read(inside, self.site.known, now(), minutes_listed=self.adapter.minutes_listed)
        await self.hand(self._list_read(found, inside, reading))
        for place, listed in enumerate(reading.wanted):
            waiting = len(reading.wanted) - place
            if self._spent():
                await self.hand(ArchiveRead(code=self.site.code, wish=wish.id, reached=until, waiting=waiting))
                return False
            try:
                await self._read_one(listed)
            except HostGivenUp:
                self._said.append(f"Stoppede efter {FAILURES_IN_A_ROW} fejl i træk; {waiting - 1} møder venter.")
                await self.hand(ArchiveRead(code=self.site.code, wish=wish.id, reached=until, waiting=waiting - 1))
                return False
        return True

    def _awaited(self, listed: ListedMeeting) -> bool:
        """Minutes that a sweep waits for are news when they come, so they are left to the sweep."""
        return listed.stage == "minutes" and key_of(listed) in self.site.awaited

    def _spent(self) -> bool:
        return self.fetch.requests >= self.budget.requests or time.monotonic() >= self.budget.ends_at

    def _told(self) -> Outcome:
        return "partial" if self._said else "ok"


def periods_back(wish: Wish, days: int | None) -> Iterator[tuple[date, date]]:
    """(first day, day after the last) from where the wish has got to back to its beginning; all at once when the
    platform has no periods (``days`` None).
    """
    until = wish.reached
    while until > wish.since:
        since = wish.since if days is None else max(wish.since, until - timedelta(days=days))
        yield since, until
        until = since


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN)
