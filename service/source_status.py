"""How each source is doing, as the operator sees it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import CrawlOutcome, CrawlRun, Municipality, Publication, PublicationStatus, Source

_WORDS = {
    CrawlOutcome.OK: "frisk",
    CrawlOutcome.PARTIAL: "delvis",
    CrawlOutcome.EMPTY: "tom",
    CrawlOutcome.FAILED: "fejler",
    CrawlOutcome.BLOCKED: "blokeret",
    CrawlOutcome.UNSUPPORTED: "ikke dækket",
    CrawlOutcome.RUNNING: "læses nu",
}


@dataclass(frozen=True)
class SourceStatus:
    """One municipality's line. ``meetings`` and ``failed`` count publications inside what we have read."""

    code: int
    name: str
    platform: str
    url: str
    state: str
    last_success_at: datetime | None
    failure_streak: int
    last_error: str | None
    config_problem: str | None
    meetings: int
    failed: int

    def as_json(self) -> dict[str, Any]:
        """Plain types for ``--json``."""
        last = self.last_success_at.isoformat() if self.last_success_at else None
        return asdict(self) | {"last_success_at": last}


def source_statuses(session: Session) -> list[SourceStatus]:
    """Every active source, by name."""
    counts = {
        (source, status): count
        for source, status, count in session.execute(
            select(Publication.source_id, Publication.status, func.count()).group_by(
                Publication.source_id, Publication.status
            )
        )
    }
    newest = select(func.max(CrawlRun.id)).group_by(CrawlRun.source_id)
    outcomes = dict(
        session.execute(select(CrawlRun.source_id, CrawlRun.outcome).where(CrawlRun.id.in_(newest))).tuples().all()
    )
    rows = session.execute(
        select(Source, Municipality).join(Municipality).where(Source.active).order_by(Municipality.name)
    )
    return [
        SourceStatus(
            code=municipality.code,
            name=municipality.name,
            platform=source.platform,
            url=source.base_url,
            state=_WORDS[outcomes[source.id]] if source.id in outcomes else "aldrig læst",
            last_success_at=source.last_success_at,
            failure_streak=source.failure_streak,
            last_error=source.last_error,
            config_problem=source.config_problem,
            meetings=counts.get((source.id, PublicationStatus.STORED), 0),
            failed=counts.get((source.id, PublicationStatus.FAILED), 0),
        )
        for source, municipality in rows
    ]


def failed_publications(session: Session, codes: Collection[int]) -> list[str]:
    """A sentence for each published paper of these municipalities that could not be read."""
    rows = session.execute(
        select(Publication, Municipality.name)
        .join(Source, Source.id == Publication.source_id)
        .join(Municipality, Municipality.code == Source.municipality_code)
        .where(Publication.status == PublicationStatus.FAILED, Source.municipality_code.in_(codes))
        .order_by(Municipality.name, Publication.starts_at)
    )
    return [
        f"{name}, {one.committee_name} {one.starts_at:%d-%m-%Y} ({one.name}): {one.error} Forsøg: {one.attempts}."
        if one.starts_at
        else f"{name}, {one.committee_name} ({one.name}): {one.error} Forsøg: {one.attempts}."
        for one, name in rows
    ]
