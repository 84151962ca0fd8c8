"""The coverage receipt: what was read and what was not, so that silence can be believed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from storage.models import (
    AgendaItem,
    Committee,
    Meeting,
    Municipality,
    Publication,
    PublicationStatus,
    Source,
    SourceState,
)
from storage.source_report import SourceReport, source_reports

# A receipt looks back over the week that a digest is about; it only informs, nothing is chosen by it.
LOOKS_BACK = timedelta(days=7)
MEETINGS_NAMED = 5


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
    """Something that could not be read: a whole municipality, a part of it that is missing, or single papers.

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
    """What stood behind a digest. ``read`` leaves out municipalities that ``faults`` names as a whole.

    ``unsupported``: those that nobody reads: without an adapter, or no longer in the catalogue.
    """

    read: tuple[ReadSource, ...]
    faults: tuple[Fault, ...]
    unsupported: tuple[str, ...]
    items_read: int
    meetings: tuple[ComingMeeting, ...]

    @property
    def has_gaps(self) -> bool:
        """True when silence proves little: something failed, or nothing was read at all."""
        return bool(self.faults) or not self.read


def coverage(session: Session, codes: Collection[int], now: datetime) -> Receipt:
    """The receipt for some municipalities; no ``codes`` means all that are watched."""
    reports = sorted(source_reports(session, now, codes), key=lambda one: one.municipality.name)
    sources = [one.source for one in reports]
    ids = [source.id for source in sources]
    unsupported = [one.source for one in reports if one.state is SourceState.UNSUPPORTED]
    watched = [one for one in sources if one not in unsupported]
    since = now - LOOKS_BACK
    # That one municipality publishes only minutes is no fault of a week's for who watches all of them.
    broken = [
        one
        for one in reports
        if one.in_trouble
        or one.state is SourceState.NEVER
        or one.judgement.lasting
        or (one.judgement.gap and len(codes) > 0)
    ]
    healthy = [one.source for one in reports if one.state is SourceState.HEALTHY]
    return Receipt(
        read=tuple(_read_sources(session, healthy, since, now)),
        faults=(*(_fault_of(one) for one in broken), *_paper_faults(session, watched, now)),
        unsupported=tuple(sorted({*(one.municipality.name for one in unsupported), *_unread(session, codes, sources)})),
        items_read=_items_read(session, ids, since),
        meetings=tuple(_coming(session, [one.municipality_code for one in sources], now)),
    )


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


def _unread(session: Session, codes: Collection[int], sources: Sequence[Source]) -> Sequence[str]:
    """The asked-for municipalities that have no source in use."""
    gone = {*codes} - {one.municipality_code for one in sources}
    return session.scalars(select(Municipality.name).where(Municipality.code.in_(gone))).all() if gone else ()


def _fault_of(report: SourceReport) -> Fault:
    """What is wrong with reading a municipality as a whole."""
    judged = report.judgement
    return Fault(report.municipality.name, judged.why, judged.since, report.facts.last_success_at)


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
        .outerjoin(AgendaItem, and_(AgendaItem.meeting_id == Meeting.id, AgendaItem.withdrawn_at.is_(None)))
        .where(Municipality.code.in_(codes), Meeting.starts_at >= now, Meeting.withdrawn_at.is_(None))
        .group_by(Meeting.id, Municipality.name, Committee.name, Meeting.starts_at, Meeting.time_known)
        .order_by(Meeting.starts_at, Committee.name)
        .limit(MEETINGS_NAMED)
    )
    return [ComingMeeting(*row) for row in rows]
