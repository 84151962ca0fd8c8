"""The coverage receipt: what was read and what was not, so that silence can be believed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from storage.models import (
    AgendaItem,
    Committee,
    CrawlOutcome,
    CrawlRun,
    Meeting,
    Municipality,
    Publication,
    PublicationStatus,
    Source,
)

# A receipt looks back over the week that a digest is about; it only informs, nothing is chosen by it.
LOOKS_BACK = timedelta(days=7)
MEETINGS_NAMED = 5
# A source that has not been read for this long is named even when no visit failed: the crawler may be down.
STALE_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class ReadSource:
    """A municipality whose reading is in order.

    ``committees``: those with papers read in the week, or with a meeting ahead whose papers we have.
    """

    name: str
    last_read: datetime
    papers: int
    committees: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """Something that could not be read: a whole municipality, or single papers of it.

    ``since`` and ``last_read`` are None when unknown, or when they would add nothing.
    """

    name: str
    what: str
    since: datetime | None
    last_read: datetime | None = None


@dataclass(frozen=True)
class ComingMeeting:
    """A meeting that lies ahead; ``items``: how many items of it we have read."""

    municipality: str
    committee: str
    starts_at: datetime
    time_known: bool
    items: int


@dataclass(frozen=True)
class Receipt:
    """What stood behind a digest. ``read`` leaves out municipalities that ``faults`` names as a whole."""

    read: tuple[ReadSource, ...]
    faults: tuple[Fault, ...]
    unsupported: tuple[str, ...]
    items_read: int
    meetings: tuple[ComingMeeting, ...]


def coverage(session: Session, codes: Collection[int], now: datetime) -> Receipt:
    """The receipt for some municipalities; no ``codes`` means all that are watched."""
    query = select(Source).join(Municipality).where(Source.active.is_(True)).options(joinedload(Source.municipality))
    if codes:
        query = query.where(Source.municipality_code.in_(codes))
    sources = session.scalars(query.order_by(Municipality.name)).all()
    ids = [source.id for source in sources]
    outcomes = _last_outcomes(session, ids)
    unsupported = [one for one in sources if outcomes.get(one.id) is CrawlOutcome.UNSUPPORTED]
    watched = [one for one in sources if one not in unsupported]
    since = now - LOOKS_BACK
    broken = {one.id: fault for one in watched if (fault := _fault_of(session, one, now)) is not None}
    healthy = [one for one in watched if one.id not in broken]
    return Receipt(
        read=tuple(_read_sources(session, healthy, since, now)),
        faults=(*broken.values(), *_paper_faults(session, watched, now)),
        unsupported=tuple(one.municipality.name for one in unsupported),
        items_read=_items_read(session, ids, since),
        meetings=tuple(_coming(session, [one.municipality_code for one in sources], now)),
    )


def _last_outcomes(session: Session, ids: Sequence[int]) -> dict[int, CrawlOutcome]:
    newest = (
        select(func.max(CrawlRun.id))
        .where(CrawlRun.source_id.in_(ids), CrawlRun.outcome != CrawlOutcome.RUNNING)
        .group_by(CrawlRun.source_id)
    )
    rows = session.execute(select(CrawlRun.source_id, CrawlRun.outcome).where(CrawlRun.id.in_(newest)))
    return {row.source_id: row.outcome for row in rows}


def _read_sources(session: Session, sources: Sequence[Source], since: datetime, now: datetime) -> list[ReadSource]:
    papers: dict[int, int] = {}
    committees: dict[int, set[str]] = {}
    fetched = session.execute(
        select(Publication.source_id, Publication.committee_name, func.count())
        .where(Publication.source_id.in_([one.id for one in sources]), Publication.fetched_at >= since)
        .group_by(Publication.source_id, Publication.committee_name)
    )
    for source_id, committee, count in fetched:
        papers[source_id] = papers.get(source_id, 0) + count
        committees.setdefault(source_id, set()).add(committee)
    ahead = session.execute(
        select(Publication.source_id, Publication.committee_name)
        .where(
            Publication.source_id.in_([one.id for one in sources]),
            Publication.starts_at >= now,
            Publication.status == PublicationStatus.STORED,
        )
        .distinct()
    )
    for source_id, committee in ahead:
        committees.setdefault(source_id, set()).add(committee)
    return [
        ReadSource(
            one.municipality.name,
            one.last_success_at,
            papers.get(one.id, 0),
            tuple(sorted(name for name in committees.get(one.id, ()) if name)),
        )
        for one in sources
        if one.last_success_at is not None
    ]


def _fault_of(session: Session, source: Source, now: datetime) -> Fault | None:
    """What is wrong with reading a municipality as a whole, or None."""
    name, last = source.municipality.name, source.last_success_at
    if source.config_problem:
        return Fault(name, "Opsætningen af kommunens side er forkert", None, last)
    if source.failure_streak:
        return Fault(name, _plain(source.last_error), _failing_since(session, source), last)
    if last is None:
        return Fault(name, "Siden er ikke læst endnu", None)
    if now - last > STALE_AFTER:
        return Fault(name, "Siden er ikke læst i flere dage", None, last)
    return None


def _failing_since(session: Session, source: Source) -> datetime | None:
    failed = select(func.min(CrawlRun.started_at)).where(
        CrawlRun.source_id == source.id,
        CrawlRun.outcome.in_((CrawlOutcome.FAILED, CrawlOutcome.BLOCKED, CrawlOutcome.EMPTY)),
    )
    if source.last_success_at is not None:
        failed = failed.where(CrawlRun.started_at > source.last_success_at)
    return session.scalar(failed) or source.last_success_at or source.last_attempt_at


def _paper_faults(session: Session, sources: Sequence[Source], now: datetime) -> list[Fault]:
    """Papers of meetings that lie ahead, or were held in the week, and could not be read."""
    names = {one.id: one.municipality.name for one in sources}
    rows = session.execute(
        select(Publication.source_id, Publication.committee_name, func.count(), func.min(Publication.first_seen_at))
        .where(
            Publication.source_id.in_(names),
            Publication.status == PublicationStatus.FAILED,
            Publication.starts_at >= now - LOOKS_BACK,
        )
        .group_by(Publication.source_id, Publication.committee_name)
        .order_by(Publication.source_id, Publication.committee_name)
    )
    return [
        Fault(names[source_id], f"{committee or 'Et udvalg'}: {count} dagsorden{_many(count)} kunne ikke læses.", since)
        for source_id, committee, count, since in rows
    ]


def _many(count: int) -> str:
    return "" if count == 1 else "er"


def _plain(error: str | None) -> str:
    return (error or "Siden kunne ikke læses.").splitlines()[0]


def _items_read(session: Session, ids: Sequence[int], since: datetime) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(AgendaItem)
            .join(Publication, AgendaItem.publication_id == Publication.id)
            .where(Publication.source_id.in_(ids), Publication.fetched_at >= since)
        )
        or 0
    )


def _coming(session: Session, codes: Sequence[int], now: datetime) -> list[ComingMeeting]:
    rows = session.execute(
        select(Municipality.name, Committee.name, Meeting.starts_at, Meeting.time_known, func.count(AgendaItem.id))
        .join(Committee, Meeting.committee_id == Committee.id)
        .join(Municipality, Committee.municipality_code == Municipality.code)
        .outerjoin(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(Municipality.code.in_(codes), Meeting.starts_at >= now)
        .group_by(Meeting.id, Municipality.name, Committee.name, Meeting.starts_at, Meeting.time_known)
        .order_by(Meeting.starts_at, Committee.name)
        .limit(MEETINGS_NAMED)
    )
    return [ComingMeeting(*row) for row in rows]
