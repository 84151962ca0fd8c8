"""How each source is doing: one ``crawl_run`` a visit, and the source's own marks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crawler.items import Outcome, SourceLeft
from storage.models import CrawlOutcome, CrawlRun, Source
from storage.rhythm import note_rhythm

KILLED = "Besøget blev afbrudt: processen sluttede, før det var færdigt."
STOPPED = "Besøget blev stoppet, før det var færdigt."

# Without trouble a source may be asked again after this; the schedule decides whether it is.
NEXT_AFTER_SUCCESS = timedelta(hours=2)
FIRST_RETRY = timedelta(minutes=30)
LONGEST_RETRY = timedelta(hours=24)

_GOOD = {CrawlOutcome.OK, CrawlOutcome.PARTIAL}


@dataclass
class Tally:
    """Counts of a visit under way."""

    run_id: int
    started_at: datetime
    archive: bool = False
    flawed: bool = False
    listed: int = 0
    ahead: int | None = None
    wanted: int = 0
    fetched: int = 0
    changed: int = 0
    failed: int = 0


def close_leftovers(session: Session, moment: datetime) -> int:
    """Closes the visits that a killed process left open; how many there were.

    Only to be called by a process that knows that no other is crawling.
    """
    left_open = session.scalars(select(CrawlRun).where(CrawlRun.outcome == CrawlOutcome.RUNNING)).all()
    for run in left_open:
        run.outcome, run.error, run.finished_at = CrawlOutcome.FAILED, KILLED, moment
    return len(left_open)


def enter(session: Session, source: Source, moment: datetime, *, archive: bool = False) -> Tally:
    """Opens a visit's row."""
    run = CrawlRun(source_id=source.id, started_at=moment, outcome=CrawlOutcome.RUNNING, archive=archive)
    session.add(run)
    if not archive:
        source.last_attempt_at = moment
    session.flush()
    return Tally(run.id, moment, archive)


def leave(session: Session, source: Source, tally: Tally, left: SourceLeft, moment: datetime) -> None:
    """Closes a visit's row and marks the source by how it went. What the archive holds says nothing of its health."""
    outcome = CrawlOutcome(left.outcome)
    _close(session, tally, outcome, left.reason, moment, left.requests)
    if left.memory is not None:
        source.visitor_state = left.memory
    if tally.archive:
        return
    source.last_error, source.last_outcome = left.reason or None, outcome
    if outcome in _GOOD:
        source.last_success_at, source.failure_streak, source.failing_since = moment, 0, None
        source.flawed_since = (source.flawed_since or tally.started_at) if tally.flawed else None
        source.next_poll_at = moment + NEXT_AFTER_SUCCESS
        note_rhythm(session, source, moment)
    elif outcome is CrawlOutcome.UNSUPPORTED:
        source.next_poll_at = moment + LONGEST_RETRY
    else:
        source.failure_streak += 1
        source.flawed_since = None
        source.failing_since = source.failing_since or tally.started_at
        blocked = outcome is CrawlOutcome.BLOCKED
        source.next_poll_at = moment + (LONGEST_RETRY if blocked else _retry_after(source.failure_streak))


def interrupt(session: Session, tally: Tally, moment: datetime) -> Outcome:
    """Closes the row of a visit that we broke off ourselves: no fault of the source, so its marks stay."""
    outcome: Outcome = "partial" if tally.listed else "failed"
    _close(session, tally, CrawlOutcome(outcome), STOPPED, moment)
    return outcome


def _close(
    session: Session, tally: Tally, outcome: CrawlOutcome, reason: str, moment: datetime, requests: int = 0
) -> None:
    run = session.get_one(CrawlRun, tally.run_id)
    run.finished_at, run.outcome, run.error, run.requests = moment, outcome, reason or None, requests
    run.listed, run.ahead, run.wanted, run.fetched = tally.listed, tally.ahead, tally.wanted, tally.fetched
    run.changed, run.failed = tally.changed, tally.failed


def _retry_after(streak: int) -> timedelta:
    return min(FIRST_RETRY * float(2 ** min(streak - 1, 10)), LONGEST_RETRY)
