"""Sources: how the reading of each municipality has been going."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from storage.models import (
    Committee,
    CrawlOutcome,
    CrawlRun,
    Meeting,
    Municipality,
    Publication,
    PublicationStatus,
    Source,
)

# Without a word from a source for this long, silence is no longer believable.
STALE_AFTER = timedelta(hours=36)
RUNS_SHOWN = 20
FAILED_SHOWN = 100


class Health(enum.StrEnum):
    """How a source is, from worst to best in the order that the page shows."""

    FAILING = "failing"
    CONFIG = "config"
    STALE = "stale"
    PARTIAL = "partial"
    UNREAD = "unread"
    UNSUPPORTED = "unsupported"
    INACTIVE = "inactive"
    OK = "ok"


ORDER = list(Health)


@dataclass(frozen=True)
class SourceLine:
    """One municipality's source. ``failed`` counts the meetings that could not be read."""

    source: Source
    municipality: Municipality
    health: Health
    failed: int
    outcome: CrawlOutcome | None


@dataclass(frozen=True)
class CommitteeLine:
    """A committee with its number of meetings and the latest of them."""

    name: str
    kind: str
    meetings: int
    latest: datetime | None


@dataclass(frozen=True)
class SourcePage:
    """A source with its latest visits, what could not be read, and its committees."""

    line: SourceLine
    runs: Sequence[CrawlRun]
    failed: Sequence[Publication]
    committees: Sequence[CommitteeLine]


def health(source: Source, outcome: CrawlOutcome | None, failed: int, now: datetime) -> Health:
    """What a source's row and its last visit amount to."""
    if not source.active:
        return Health.CONFIG if source.config_problem else Health.INACTIVE
    if outcome is CrawlOutcome.UNSUPPORTED:
        return Health.UNSUPPORTED
    if source.failure_streak or outcome in {CrawlOutcome.FAILED, CrawlOutcome.BLOCKED, CrawlOutcome.EMPTY}:
        return Health.FAILING
    if source.last_success_at is None:
        return Health.UNREAD
    if now - source.last_success_at > STALE_AFTER:
        return Health.STALE
    return Health.PARTIAL if failed else Health.OK


def all_sources(session: Session, now: datetime) -> list[SourceLine]:
    """Every source (Denmark has 98), those in trouble first."""
    outcomes = _last_outcomes(session)
    failed = _failed_counts(session)
    sources = session.scalars(select(Source).options(joinedload(Source.municipality))).all()
    lines = [
        SourceLine(
            source,
            source.municipality,
            health(source, outcomes.get(source.id), failed.get(source.id, 0), now),
            failed.get(source.id, 0),
            outcomes.get(source.id),
        )
        for source in sources
    ]
    return sorted(lines, key=lambda line: (ORDER.index(line.health), line.municipality.name))


def _last_outcomes(session: Session) -> dict[int, CrawlOutcome]:
    """The outcome of each source's last visit that has ended."""
    last = (
        select(CrawlRun.source_id, func.max(CrawlRun.id).label("run_id"))
        .where(CrawlRun.outcome != CrawlOutcome.RUNNING)
        .group_by(CrawlRun.source_id)
        .subquery()
    )
    rows = session.execute(select(CrawlRun.source_id, CrawlRun.outcome).join(last, last.c.run_id == CrawlRun.id))
    return dict(rows.all())


def _failed_counts(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Publication.source_id, func.count())
        .where(Publication.status == PublicationStatus.FAILED)
        .group_by(Publication.source_id)
    )
    return dict(rows.all())


def one_source(session: Session, code: int, now: datetime) -> SourcePage | None:
    """A municipality's source; None when the municipality is not known."""
    source = session.scalar(
        select(Source).where(Source.municipality_code == code).options(joinedload(Source.municipality))
    )
    if source is None:
        return None
    runs = session.scalars(
        select(CrawlRun).where(CrawlRun.source_id == source.id).order_by(CrawlRun.id.desc()).limit(RUNS_SHOWN)
    ).all()
    failed = session.scalars(
        select(Publication)
        .where(Publication.source_id == source.id, Publication.status == PublicationStatus.FAILED)
        .order_by(Publication.starts_at.desc(), Publication.id)
        .limit(FAILED_SHOWN)
    ).all()
    count = _failed_counts(session).get(source.id, 0)
    outcome = next((run.outcome for run in runs if run.outcome is not CrawlOutcome.RUNNING), None)
    line = SourceLine(source, source.municipality, health(source, outcome, count, now), count, outcome)
    return SourcePage(line, runs, failed, _committees(session, code))


def _committees(session: Session, code: int) -> list[CommitteeLine]:
    rows = session.execute(
        select(Committee.name, Committee.kind, func.count(Meeting.id), func.max(Meeting.starts_at))
        .outerjoin(Meeting, Meeting.committee_id == Committee.id)
        .where(Committee.municipality_code == code)
        .group_by(Committee.id, Committee.name, Committee.kind)
        .order_by(Committee.name)
    )
    return [CommitteeLine(*row) for row in rows]
