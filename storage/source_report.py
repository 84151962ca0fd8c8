"""Every source with its state, out of the database: what the command line, the pages and the mails show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from storage.models import (
    CrawlOutcome,
    CrawlRun,
    Municipality,
    Publication,
    PublicationStatus,
    Source,
    SourceProbe,
    SourceState,
    Stage,
)
from storage.source_health import NEARLY_ALWAYS, VISITS_TO_TELL, Facts, Judgement, judge

WORST_FIRST = tuple(SourceState)
# (one source, several) as in "1 tom, 3 tomme".
STATE_WORDS = {
    SourceState.FAILING: ("fejler", "fejler"),
    SourceState.EMPTY: ("tom", "tomme"),
    SourceState.BLOCKED: ("blokeret", "blokerede"),
    SourceState.LATE: ("forsinket", "forsinkede"),
    SourceState.NEVER: ("aldrig læst", "aldrig læst"),
    SourceState.UNSUPPORTED: ("ikke dækket", "ikke dækket"),
    SourceState.HEALTHY: ("frisk", "friske"),
    SourceState.INACTIVE: ("ude af kataloget", "ude af kataloget"),
}
# States in which something that should be read is not.
TROUBLE = frozenset({SourceState.FAILING, SourceState.EMPTY, SourceState.BLOCKED, SourceState.LATE})
RECENT = timedelta(days=30)
AHEAD_LOOKS_BACK = timedelta(days=60)
# A sweep a night at least, and two hours for one that takes long.
NO_SWEEP_AFTER = timedelta(hours=26)
# Fewer sources than this may well all be down by themselves.
FEWEST_FOR_ONE_CAUSE = 3

_GOOD = (CrawlOutcome.OK, CrawlOutcome.PARTIAL)


@dataclass(frozen=True)
class SourceReport:
    """One source. ``stored`` and ``failed`` count all its papers that could, and could not, be read."""

    source: Source
    municipality: Municipality
    facts: Facts
    judgement: Judgement
    stored: int
    failed: int
    probe: SourceProbe | None

    @property
    def state(self) -> SourceState:
        """The judgement's state."""
        return self.judgement.state

    @property
    def in_trouble(self) -> bool:
        """True when something that should be read is not."""
        return self.state in TROUBLE


def source_reports(
    session: Session, now: datetime, codes: Collection[int] = (), *, inactive: bool = False
) -> list[SourceReport]:
    """Every active source (or those of some municipalities), the worst first, then by name.

    ``inactive`` adds those that have left the catalogue.
    """
    query = select(Source).join(Municipality).options(joinedload(Source.municipality))
    query = query if inactive else query.where(Source.active)
    query = query.where(Source.municipality_code.in_(codes)) if codes else query
    sources = session.scalars(query).all()
    papers, recent = _papers(session), _papers(session, now - RECENT)
    kinds = _kinds(session)
    ahead, probes = _ahead(session, now), {one.source_id: one for one in session.scalars(select(SourceProbe))}
    reports = []
    for source in sources:
        stored, failed = papers.get(source.id, (0, 0))
        facts = _facts(source, recent.get(source.id, (0, 0)), ahead.get(source.id, {}) | kinds.get(source.id, {}))
        judged = judge(facts, now)
        reports.append(SourceReport(source, source.municipality, facts, judged, stored, failed, probes.get(source.id)))
    return sorted(reports, key=_place)


def _place(report: SourceReport) -> tuple[int, bool, str]:
    return (WORST_FIRST.index(report.state), not report.judgement.remark, report.municipality.name)


def _facts(source: Source, papers: tuple[int, int], more: dict[str, Any]) -> Facts:
    return Facts(
        name=source.municipality.name,
        active=source.active,
        config_problem=source.config_problem,
        outcome=source.last_outcome,
        last_success_at=source.last_success_at,
        last_error=source.last_error,
        failure_streak=source.failure_streak,
        failing_since=source.failing_since,
        flawed_since=source.flawed_since,
        meetings_listed=source.meetings_listed,
        list_is_whole=source.list_is_whole,
        newest_at=source.newest_at,
        usual_gap_days=source.usual_gap_days,
        stored=papers[0],
        failed=papers[1],
        **more,
    )


def _papers(session: Session, since: datetime | None = None) -> dict[int, tuple[int, int]]:
    """(stored, failed) publications by source; of meetings since a moment, or all."""
    failed = case((Publication.status == PublicationStatus.FAILED, 1), else_=0)
    query = (
        select(Publication.source_id, func.count(), func.sum(failed))
        .where(Publication.status.in_((PublicationStatus.STORED, PublicationStatus.FAILED)))
        .group_by(Publication.source_id)
    )
    query = query if since is None else query.where(Publication.starts_at >= since)
    return {source_id: (count - bad, bad) for source_id, count, bad in session.execute(query)}


def _kinds(session: Session) -> dict[int, dict[str, int]]:
    """How many agendas and minutes each source has shown, as ``Facts`` has it."""
    minutes = case((Publication.stage == Stage.MINUTES, 1), else_=0)
    rows = session.execute(
        select(Publication.source_id, func.count(), func.sum(minutes)).group_by(Publication.source_id)
    )
    return {source_id: {"agendas": count - held, "minutes": held} for source_id, count, held in rows}


def _ahead(session: Session, now: datetime) -> dict[int, dict[str, Any]]:
    """What each source's visits of the last weeks saw ahead, as ``Facts`` has it."""
    seen = case((CrawlRun.ahead > 0, 1), else_=0)
    visits = (
        select(
            CrawlRun.source_id,
            func.max(CrawlRun.id).label("newest"),
            func.sum(seen).label("with_some"),
            func.max(case((CrawlRun.ahead > 0, CrawlRun.id))).label("last_with_some"),
        )
        .where(CrawlRun.outcome.in_(_GOOD), CrawlRun.ahead.is_not(None), CrawlRun.started_at >= now - AHEAD_LOOKS_BACK)
        .group_by(CrawlRun.source_id)
        .subquery()
    )
    since = (
        select(visits.c.source_id, func.count().label("until_then"), func.max(CrawlRun.started_at).label("then"))
        .join(CrawlRun, CrawlRun.source_id == visits.c.source_id)
        .where(
            CrawlRun.outcome.in_(_GOOD),
            CrawlRun.ahead.is_not(None),
            CrawlRun.started_at >= now - AHEAD_LOOKS_BACK,
            CrawlRun.id <= visits.c.last_with_some,
        )
        .group_by(visits.c.source_id)
        .subquery()
    )
    rows = session.execute(
        select(
            visits.c.source_id, CrawlRun.listed, CrawlRun.ahead, visits.c.with_some, since.c.until_then, since.c.then
        )
        .join(CrawlRun, CrawlRun.id == visits.c.newest)
        .outerjoin(since, since.c.source_id == visits.c.source_id)
    )
    return {
        source_id: {
            "listed": listed,
            "ahead": ahead,
            "always_ahead": bool(until_then and until_then >= VISITS_TO_TELL and some >= NEARLY_ALWAYS * until_then),
            "ahead_until": then,
        }
        for source_id, listed, ahead, some, until_then, then in rows
    }


def summary(reports: Sequence[SourceReport]) -> str:
    """``93 friske, 2 tomme, 1 fejler``: how many are how, the healthy first, then the worst."""
    order = (SourceState.HEALTHY, *(one for one in WORST_FIRST if one is not SourceState.HEALTHY))
    counts = {state: sum(report.state is state for report in reports) for state in order}
    return ", ".join(f"{count} {STATE_WORDS[state][count != 1]}" for state, count in counts.items() if count)


def last_sweep(session: Session) -> datetime | None:
    """When the last visit to any source began."""
    return session.scalar(select(func.max(CrawlRun.started_at)).where(CrawlRun.archive.is_(False)))


def one_cause(reports: Sequence[SourceReport], swept_at: datetime | None, now: datetime) -> str:
    """One Danish sentence when the fault is ours rather than so many sites'; empty when it is not."""
    if swept_at is not None and now - swept_at > NO_SWEEP_AFTER:
        hours = int((now - swept_at).total_seconds() // 3600)
        return f"Der er ikke læst nogen sider i {hours} timer: tjenesten har ikke kørt. Start `dagsordenvagt run`."
    watched = [one for one in reports if one.state not in {SourceState.UNSUPPORTED, SourceState.INACTIVE}]
    down = [one for one in watched if one.state is SourceState.FAILING and one.facts.failure_streak]
    if len(watched) >= FEWEST_FOR_ONE_CAUSE and len(down) == len(watched):
        return (
            f"Ingen af de {len(watched)} kommuners sider kunne læses ved de seneste besøg. Fejlen er nok vores egen: "
            "se, om maskinen har forbindelse til internettet."
        )
    return ""
