"""Hands queued mails over, and records each outcome the moment it is known."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import OperationalError

from config import clock
from notifier import marks
from notifier.dispatch import BURST, Dispatch
from notifier.marks import Parcel
from notifier.pace import Line, Pace
from notifier.report import Note, Report
from notifier.transport import Envelope, Fault, Transport, TransportError, on_the_wire
from storage.models import AttemptOutcome

# So many failures in a row, with nothing accepted in between, are the server's or ours: the others do not knock.
GIVE_UP_AFTER = 3
# Seconds. While the pace lets nothing go, a wish to stop is heard this often.
LOOK_UP = 0.5
# So many mails are read ahead, and kept for so many seconds: an unsubscription in between must still count.
TAKEN_AT_ONCE, TAKEN_FOR = 20, 1.0
RECORD_AGAIN_AFTER = (0.5, 2, 10)

logger = logging.getLogger(__name__)


@dataclass
class _Round:
    """One pass over what is due. ``suspects`` were refused by a rule: until a mail is accepted it may be our fault."""

    url: str
    dispatch: Dispatch
    line: Line
    now: Callable[[], datetime]
    stop: Callable[[], bool]
    progress: Callable[[Note], None] | None
    pace: Pace
    report: Report = field(default_factory=Report)
    workers: int = 0
    unreachable: int = 0
    too_fast: int = 0
    too_fast_at: Counter[str] = field(default_factory=Counter)
    suspects: list[tuple[Parcel, TransportError]] = field(default_factory=list)
    halted: str = ""
    broken: bool = False
    proved: asyncio.Event = field(default_factory=asyncio.Event)
    accepted: list[Parcel] = field(default_factory=list)
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)
    taken: dict[int, Parcel | marks.Unwanted] = field(default_factory=dict)
    taken_at: float = 0.0

    @property
    def over(self) -> bool:
        """Whether no further mail is to be begun."""
        return bool(self.halted) or self.broken or self.stop()


def send(
    url: str,
    dispatch: Dispatch,
    *,
    now: Callable[[], datetime] = clock.now,
    progress: Callable[[Note], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    at_night: bool = False,
) -> Report:
    """Sends every queued mail whose time has come (``at_night``: second tries wait). The caller holds the lock
    ``notify``.

    A mail counts as sent from the server's 250 on, recorded at once; a crash between the two repeats it with the
    same Message-ID (one mail for each open connection at most). One mail's failure never stops the others.
    ``progress`` hears of each mail that went out; ``stop`` is asked before each, and what is left stays queued.
    """
    due = marks.due(url, now(), at_night=at_night)
    if not due:
        return Report()
    line = Line(due, host_per_second=dispatch.host_per_minute / 60, host_burst=BURST)
    work = _Round(url, dispatch, line, now, stop, progress, Pace(dispatch.per_second, BURST))
    asyncio.run(_send_all(work, dispatch.connections_for(len(due))))
    return work.report


async def _send_all(work: _Round, connections: int) -> None:
    # The others start when the first has had a mail accepted: a server that is down is asked by one only.
    workers = [_work(work, first=True), *(_work(work) for _ in range(connections - 1))]
    # One that breaks (the database is gone) lets the others finish the mail they are at.
    for broken in await asyncio.gather(*workers, return_exceptions=True):
        if isinstance(broken, BaseException):
            raise broken
    suspects, work.suspects = work.suspects, []
    if work.halted:
        left = [parcel.number for parcel, _ in suspects] + work.line.left()
        work.report.later.extend(marks.put_off(work.url, left, work.halted, work.now()))
        work.report.problems.append(f"{work.report.later[-1].why} Alle ventende mails prøves igen senere.")
        return
    for parcel, error in suspects:
        _refused(work, parcel, error)
    if not work.stop() and len(work.line):
        reason = "Modtagerens mailserver bad os om at vente."
        work.report.later.extend(marks.put_off(work.url, work.line.left(), reason, work.now()))


async def _work(work: _Round, *, first: bool = False) -> None:
    """One connection, from its first mail to its last."""
    if not first:
        await work.proved.wait()
    work.workers += 1
    try:
        async with work.dispatch.connect() as transport:
            while not work.over:
                turn = _next(work, asyncio.get_running_loop().time())
                if turn is None:
                    return
                if isinstance(turn, float):
                    await asyncio.sleep(min(turn, LOOK_UP))
                elif not await _send_one(work, transport, *turn) and work.workers > 1:
                    return  # the server wants fewer connections: the others go on
    except BaseException:
        work.broken = True
        raise
    finally:
        work.workers -= 1
        if first or not work.workers:
            work.proved.set()


def _next(work: _Round, at: float) -> tuple[int, str] | float | None:
    wait = work.pace.ready_at() - at
    if wait > 0:
        return wait
    turn = work.line.pop(at)
    if isinstance(turn, tuple):
        work.pace.take(at)
    return turn


async def _send_one(work: _Round, transport: Transport, number: int, host: str) -> bool:
    """False when there was no server to hand it to."""
    parcel = _wanted(work, number)
    if parcel is None:
        return True
    sender = work.dispatch.return_path(number)
    try:
        mime = work.dispatch.sign(parcel.mime)
        await transport.send(Envelope(sender, on_the_wire(parcel.email), parcel.message_id, mime))
    except TransportError as error:
        return _failed(work, parcel, host, error)
    except Exception as error:
        logger.exception("message %s: the transport broke", number)
        _refused(work, parcel, TransportError(f"Uventet fejl: {type(error).__name__}.", Fault.TEMPORARY))
        return True
    await _record(work, parcel)
    work.unreachable = work.too_fast = 0
    work.proved.set()
    work.report.sent.append(parcel.note)
    suspects, work.suspects = work.suspects, []
    for other, refusal in suspects:
        _refused(work, other, refusal)
    if work.progress is not None:
        work.progress(parcel.note)
    return True


async def _record(work: _Round, parcel: Parcel) -> None:
    """Returns when the mail is marked: until then its connection begins no other, so a crash repeats one for each.

    Mails that several connections got through in the meantime are marked in one transaction.
    """
    work.accepted.append(parcel)
    async with work.recording:
        if parcel in work.accepted:
            # The others that have their answer already come along.
            await asyncio.sleep(0)
            accepted, work.accepted = work.accepted, []
            try:
                await _mark_sent(work, accepted)
            except BaseException:
                work.broken = True  # before anybody else goes on
                raise


async def _mark_sent(work: _Round, parcels: list[Parcel]) -> None:
    """The mails are out: a database that is away for a moment is worth waiting for; the alternative is a repeat."""
    for pause in RECORD_AGAIN_AFTER:
        try:
            marks.sent(work.url, parcels, work.now())
        except OperationalError:
            logger.warning("%s mails were accepted, but could not be marked yet", len(parcels))
            await asyncio.sleep(pause)
        else:
            return
    marks.sent(work.url, parcels, work.now())


def _wanted(work: _Round, number: int) -> Parcel | None:
    """The mail, when it is still wanted and may go. One that is not is given up, or held back."""
    taken = _taken(work, number)
    if isinstance(taken, marks.Unwanted):
        if not taken.paused:
            work.report.dropped.append(marks.drop(work.url, taken.note, taken.reason, work.now()))
        return None
    if taken is None or work.dispatch.may_write_to(taken.email):
        return taken
    reason = "Holdt tilbage: modtageren står ikke på listen over tilladte (DAGSORDENVAGT_MAIL_ALLOWLIST)."
    held = marks.drop(work.url, taken.note, reason, work.now(), AttemptOutcome.HELD)
    work.report.held.append(held)
    return None


def _taken(work: _Round, number: int) -> Parcel | marks.Unwanted | None:
    """One mail, with the next ones along: a look into the database costs as much for twenty as for one."""
    if number not in work.taken or time.monotonic() > work.taken_at + TAKEN_FOR:
        work.taken_at = time.monotonic()
        work.taken = marks.take(work.url, [number, *work.line.next(TAKEN_AT_ONCE)])
    return work.taken.pop(number, None)


def _failed(work: _Round, parcel: Parcel, host: str, error: TransportError) -> bool:
    """Draws the conclusion for this mail and for the round. False when there was no server."""
    match error.fault:
        case Fault.UNREACHABLE:
            work.line.give_back(parcel.number, host)
            if work.workers == 1:
                work.unreachable += 1
            if work.unreachable >= GIVE_UP_AFTER:
                work.halted = error.reason
            return False
        case Fault.OURS if not error.at_recipient:
            work.line.give_back(parcel.number, host)
            work.halted = error.reason
        case Fault.OURS | Fault.POLICY:
            work.suspects.append((parcel, error))
            if len(work.suspects) >= GIVE_UP_AFTER:
                work.halted = error.reason
        case Fault.RATE:
            _refused(work, parcel, error)
            _slow_down(work, host, error)
        case _:
            _refused(work, parcel, error)
    return True


def _slow_down(work: _Round, host: str, error: TransportError) -> None:
    work.too_fast += 1
    work.too_fast_at[host] += 1
    if work.too_fast_at[host] >= GIVE_UP_AFTER:
        work.line.close(host)
    # Several hosts in a row: it is our own mail server that has had enough.
    if work.too_fast >= 2 * GIVE_UP_AFTER:
        work.halted = error.reason


def _refused(work: _Round, parcel: Parcel, error: TransportError) -> None:
    note = marks.refused(work.url, parcel, error, work.now())
    (work.report.dead if note.dead else work.report.later).append(note)
