"""One visit to one source: the list, then what is new or changed in it, each fault recorded where it belongs."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from config.clock import now
from crawler.awaited import due, late
from crawler.fetch import LONGEST_WAIT, HostFetch
from crawler.freshness import Reading, to_read
from crawler.items import (
    ListedMeeting,
    ListRead,
    MeetingFailed,
    MeetingList,
    MeetingNotReady,
    MeetingRead,
    Outcome,
    Record,
    Site,
    SourceEntered,
    SourceLeft,
)
from crawler.page_text import clean_text
from crawler.platforms.base import Blocked, NotPublished, Platform, ServerError, Trouble

log = logging.getLogger(__name__)

# A host that fails this often in a row is left alone until the next visit.
FAILURES_IN_A_ROW = 3
MEETING_ATTEMPTS = 2
# Seconds. A site that lists without end, or answers a byte a minute, keeps no other municipality waiting for longer.
LONGEST_VISIT = 2 * 3600.0

T = TypeVar("T")
# Hands a record on and waits until it is kept. The answer is empty, or says why the record was refused.
Hand = Callable[[Record], Awaitable[str]]


class HostGivenUp(Exception):
    """The host failed ``FAILURES_IN_A_ROW`` times in a row."""


@dataclass
class Visit:
    """Reads one source through its adapter and hands the records on, in order, one at a time.

    A fault of the list ends the visit; a fault of one meeting is recorded on that meeting and the rest goes on,
    unless the whole host fails (``FAILURES_IN_A_ROW``).
    """

    site: Site
    adapter: Platform
    fetch: HostFetch
    hand: Hand
    _listed: bool = False
    _failed: int = 0
    _in_a_row: int = 0
    _read: int = 0
    _refusal: str = ""
    _said: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Makes the visit. Whatever goes wrong ends in a record, never in an exception."""
        await self.hand(SourceEntered(code=self.site.code))
        outcome: Outcome
        try:
            async with asyncio.timeout(LONGEST_VISIT):
                outcome = await self._read_all()
        except TimeoutError:
            outcome = self._out_of_time()
        except Blocked as trouble:
            outcome, self._said = "blocked", [trouble.reason]
        except Trouble as trouble:
            outcome, self._said = "failed", [trouble.reason]
        except Exception as error:
            log.exception("%s: the adapter %s broke", self.site.name, self.site.platform)
            outcome, self._said = "failed", [_unexpected(error)]
        await self.hand(self._left(outcome))

    def _out_of_time(self) -> Outcome:
        self._said.insert(0, f"Stoppede efter {LONGEST_VISIT / 3600:.0f} timer; resten venter til næste besøg.")
        return "partial" if self._listed else "failed"

    async def _read_all(self) -> Outcome:
        found = await self._insisting(self.adapter.read_list, FAILURES_IN_A_ROW, and_on=ServerError)
        self._said += found.problems
        if not found.meetings:
            self._said.insert(0, "Listen over møder er tom.")
            return "empty"
        inside = [one for one in found.meetings if self.site.window.holds(one.starts_at)]
        overdue = late(found.meetings, self.site, now())
        reading = to_read(
            [*inside, *overdue],
            self.site.known,
            now(),
            minutes_listed=self.adapter.minutes_listed,
            awaited=due(self.site, now()),
        )
        wanted = reading.wanted
        refused = await self.hand(self._list_read(found, inside, reading, overdue))
        if refused:
            self._said.insert(0, refused)
            return "failed"
        self._listed = True
        for place, listed in enumerate(wanted):
            self.fetch.left = len(wanted) - place
            try:
                await self._read_one(listed)
            except HostGivenUp:
                waiting = self.fetch.left - 1
                self._said.append(f"Stoppede efter {FAILURES_IN_A_ROW} fejl i træk; {waiting} møder venter.")
                if self._refusal and not self._read:
                    self._said.insert(0, self._refusal)
                    return "blocked"
                break
        return "partial" if self._said else "ok"

    def _list_read(
        self,
        found: MeetingList,
        inside: Sequence[ListedMeeting],
        reading: Reading,
        overdue: tuple[ListedMeeting, ...] = (),
    ) -> ListRead:
        return ListRead(
            code=self.site.code,
            listed=tuple(inside),
            late=overdue,
            every_id=tuple(one.platform_id for one in found.meetings),
            whole=found.whole,
            wanted=len(reading.wanted),
            again=reading.again,
            flawed=bool(found.problems),
        )

    async def _read_one(self, listed: ListedMeeting) -> None:
        record: Record
        reason = ""
        try:
            meeting = await self._insisting(lambda: self.adapter.read_meeting(listed), MEETING_ATTEMPTS)
            record = MeetingRead(code=self.site.code, meeting=meeting)
            self._read += 1
        except NotPublished:
            log.info("%s: %s has no agenda yet", self.site.name, listed.platform_id)
            await self.hand(MeetingNotReady(code=self.site.code, platform_id=listed.platform_id))
            return
        except Trouble as trouble:
            reason = trouble.reason
        except Exception as error:
            log.exception("%s: reading %s broke", self.site.name, listed.platform_id)
            reason = _unexpected(error)
        if reason:
            reason = clean_text(reason)
            record = MeetingFailed(code=self.site.code, platform_id=listed.platform_id, reason=reason)
        refused = await self.hand(record)
        if reason or refused:
            self._failed += 1
            self._said.append(reason or refused)
        if self._in_a_row >= FAILURES_IN_A_ROW:
            raise HostGivenUp

    async def _insisting(
        self, ask: Callable[[], Awaitable[T]], attempts: int, *, and_on: type[Trouble] | None = None
    ) -> T:
        """Asks again, after a growing wait, when the fault is one of the host's and may pass. A refusal counts as such
        a fault, and is never insisted upon.
        """
        for attempt in range(1, attempts + 1):
            try:
                answer = await ask()
            except Trouble as trouble:
                counts = trouble.host_fault or (and_on is not None and isinstance(trouble, and_on))
                refused = isinstance(trouble, Blocked)
                self._refusal = trouble.reason if refused else ""
                self._in_a_row = self._in_a_row + 1 if counts or refused else 0
                if not counts or attempt == attempts or self._in_a_row >= FAILURES_IN_A_ROW:
                    raise
                if trouble.wait > LONGEST_WAIT:
                    self._in_a_row = FAILURES_IN_A_ROW
                    raise
                await asyncio.sleep(max(trouble.wait, self.site.crawl_delay * 2**attempt))
            else:
                self._in_a_row = 0
                return answer
        raise AssertionError("an attempt either answers or raises")

    def _left(self, outcome: Outcome) -> SourceLeft:
        return SourceLeft(
            code=self.site.code,
            outcome=outcome,
            # It may quote the site, and what no database can hold would leave the visit open for ever.
            reason=clean_text(_in_short(self._said, self._failed)),
            requests=self.fetch.requests,
            memory=json.dumps(self.adapter.memory()),
        )


def _unexpected(error: Exception) -> str:
    return f"Uventet fejl i læsningen ({type(error).__name__}: {error})"[:500]


def _in_short(said: list[str], failed: int) -> str:
    """The first reason, and how many more: enough to know what to look for."""
    if not said:
        return ""
    counted = f"{failed} møder kunne ikke læses. " if failed else ""
    rest = f" (og {len(said) - 1} mere)" if len(said) > 1 else ""
    return f"{counted}{said[0]}{rest}"
