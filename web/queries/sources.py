"""Sources: how the reading of each municipality has been going."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Committee, CrawlRun, Meeting, Publication, PublicationStatus
from storage.source_report import SourceReport, last_sweep, one_cause, source_reports, summary

RUNS_SHOWN = 20
FAILED_SHOWN = 100


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

    line: SourceReport
    runs: Sequence[CrawlRun]
    failed: Sequence[Publication]
    committees: Sequence[CommitteeLine]


@dataclass(frozen=True)
class SourcesPage:
    """Every source, the worst first. ``cause`` is one sentence when the fault is ours, else empty."""

    lines: Sequence[SourceReport]
    summary: str
    cause: str
    swept_at: datetime | None


def all_sources(session: Session, now: datetime) -> SourcesPage:
    """Every source, Denmark has 98; also those that have left the catalogue."""
    lines = source_reports(session, now, inactive=True)
    swept_at = last_sweep(session)
    return SourcesPage(lines, summary(lines), one_cause(lines, swept_at, now), swept_at)


def one_source(session: Session, code: int, now: datetime) -> SourcePage | None:
    """A municipality's source; None when the municipality is not known."""
    line = next(iter(source_reports(session, now, [code], inactive=True)), None)
    if line is None:
        return None
    source = line.source
    runs = session.scalars(
        select(CrawlRun).where(CrawlRun.source_id == source.id).order_by(CrawlRun.id.desc()).limit(RUNS_SHOWN)
    ).all()
    failed = session.scalars(
        select(Publication)
        .where(Publication.source_id == source.id, Publication.status == PublicationStatus.FAILED)
        .order_by(Publication.starts_at.desc(), Publication.id)
        .limit(FAILED_SHOWN)
    ).all()
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
