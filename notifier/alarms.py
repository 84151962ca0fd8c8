"""Which sources turned ill or well, and what of it the operator still has to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import SourceAlarm, SourceState
from storage.source_report import SourceReport, last_sweep, one_cause, source_reports

# A site that fails now and then is no news: it is told when the second visit in a row fails, or after a day.
VISITS, PATIENCE = 2, timedelta(hours=24)
# A site that comes and goes is told of no more often than this.
COOL_DOWN = timedelta(hours=24)


@dataclass(frozen=True)
class Ill:
    """A source in trouble that the operator has not been told of."""

    alarm: SourceAlarm
    report: SourceReport


@dataclass(frozen=True)
class Well:
    """A source that is read again, after the operator was told that it was not."""

    alarm: SourceAlarm
    report: SourceReport


@dataclass(frozen=True)
class Turns:
    """What happened since the operator was last told. ``cause``: one sentence when the fault is ours, else empty.

    ``moved``: sources told of before, for which the nightly check has now found a likely new address.
    """

    ill: Sequence[Ill]
    well: Sequence[Well]
    moved: Sequence[SourceReport]
    cause: str
    reports: Sequence[SourceReport]

    def __bool__(self) -> bool:
        return bool(self.ill or self.well or self.moved)

    def told(self, now: datetime) -> None:
        """Marks all of it as told; to be called in the transaction that queues the mail."""
        for one in self.ill:
            one.alarm.told_at = now
        for other in self.well:
            other.alarm.recovery_told_at = now
        for report in (*self.moved, *(one.report for one in self.ill)):
            if report.probe is not None:
                report.probe.told_at = now


def take_turns(session: Session, now: datetime) -> Turns:
    """Opens and closes alarms after the sources' states, and gives those that are to be told now."""
    reports = source_reports(session, now)
    by_source = {one.source.id: one for one in reports}
    open_alarms = _open(session)
    for report in reports:
        alarm = open_alarms.get(report.source.id)
        if _ails(report) and alarm is None:
            since = report.judgement.since or now
            alarm = SourceAlarm(source_id=report.source.id, state=report.state, since=since)
            session.add(alarm)
            open_alarms[report.source.id] = alarm
        elif _ails(report) and alarm is not None:
            alarm.state = report.state
        elif report.state is SourceState.HEALTHY and alarm is not None:
            alarm.recovered_at = now
    for source_id in open_alarms.keys() - by_source.keys():
        # It has left the catalogue: nobody waits for it to be read again.
        open_alarms[source_id].recovered_at = open_alarms[source_id].recovery_told_at = now
    session.flush()
    last_told = _last_told(session)
    ill = [
        Ill(alarm, by_source[source_id])
        for source_id, alarm in open_alarms.items()
        if alarm.recovered_at is None
        and alarm.told_at is None
        and _is_due(by_source[source_id], alarm, last_told.get(source_id), now)
    ]
    place = {one.source.id: place for place, one in enumerate(reports)}
    ill.sort(key=lambda one: place[one.report.source.id])
    new = {one.report.source.id for one in ill}
    moved = [one for one in reports if one.source.id not in new and _has_moved(one)]
    return Turns(ill, _recovered(session, by_source), moved, one_cause(reports, last_sweep(session), now), reports)


def _ails(report: SourceReport) -> bool:
    """Something that should be read is not: all of the source, or for long a part of it."""
    return report.in_trouble or report.judgement.lasting


def _has_moved(report: SourceReport) -> bool:
    probe = report.probe
    return report.in_trouble and probe is not None and bool(probe.proposal) and probe.told_at is None


def _open(session: Session) -> dict[int, SourceAlarm]:
    return {
        one.source_id: one for one in session.scalars(select(SourceAlarm).where(SourceAlarm.recovered_at.is_(None)))
    }


def _last_told(session: Session) -> dict[int, datetime]:
    rows = session.execute(select(SourceAlarm.source_id, func.max(SourceAlarm.told_at)).group_by(SourceAlarm.source_id))
    return {source_id: told for source_id, told in rows if told is not None}


def _is_due(report: SourceReport, alarm: SourceAlarm, last_told: datetime | None, now: datetime) -> bool:
    if last_told is not None and now - last_told < COOL_DOWN:
        return False
    streak = report.facts.failure_streak
    if report.state is not SourceState.FAILING or not 0 < streak < VISITS:
        return _ails(report)
    last_good = report.facts.last_success_at or alarm.since
    return now - last_good >= PATIENCE


def _recovered(session: Session, by_source: Mapping[int, SourceReport]) -> list[Well]:
    rows = session.scalars(
        select(SourceAlarm)
        .where(
            SourceAlarm.told_at.is_not(None),
            SourceAlarm.recovered_at.is_not(None),
            SourceAlarm.recovery_told_at.is_(None),
        )
        .order_by(SourceAlarm.id)
    )
    return [Well(one, by_source[one.source_id]) for one in rows if one.source_id in by_source]
