"""The front page: a few numbers, what was found last, what comes next, how the sources are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.models import (
    AgendaItem,
    Association,
    Match,
    Meeting,
    Message,
    MessageStatus,
    Profile,
    ProfileKind,
    Revision,
    SourceState,
)
from storage.source_report import SourceReport, last_sweep, one_cause, source_reports
from web.queries.items import ItemLine, as_lines, item_lines
from web.queries.meetings import MeetingLine, next_meetings

MATCHES_SHOWN = 6
MEETINGS_SHOWN = 6
# How many of the newest matches are looked through for items: one item can concern many associations.
MATCHES_READ = 200
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Overview:
    """What the front page shows. ``cause`` is one sentence when nothing is read and the fault is ours."""

    items: int
    meetings_ahead: int
    matched_month: int
    mails_month: int
    associations: int
    latest: Sequence[ItemLine]
    next_meetings: Sequence[MeetingLine]
    sources: Sequence[SourceReport]
    cause: str

    @property
    def read(self) -> int:
        """How many sources are read as they should be."""
        return sum(one.state is SourceState.HEALTHY for one in self.sources)

    @property
    def trouble(self) -> int:
        """How many are not, although they should."""
        return sum(one.in_trouble for one in self.sources)


def overview(session: Session, now: datetime) -> Overview:
    """Reads the front page's content."""
    sources = source_reports(session, now)
    return Overview(
        items=_number(session, select(func.count(AgendaItem.id))),
        meetings_ahead=_number(session, select(func.count(Meeting.id)).where(Meeting.starts_at >= now)),
        matched_month=_number(session, _matched_since(now - MONTH)),
        mails_month=_number(session, _mails_since(now - MONTH)),
        associations=_number(session, select(func.count(Association.id)).where(Association.closed_at.is_(None))),
        latest=latest_matches(session),
        next_meetings=next_meetings(session, now, MEETINGS_SHOWN),
        sources=sources,
        cause=one_cause(sources, last_sweep(session), now),
    )


def _number(session: Session, statement: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(statement) or 0


def _mails_since(since: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(Message.id)).where(Message.status == MessageStatus.SENT, Message.sent_at >= since)


def _for_associations(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Match)
        .join(Revision, Revision.id == Match.revision_id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Profile, Profile.id == Match.profile_id)
        .where(AgendaItem.withdrawn_at.is_(None), Match.current, Profile.kind == ProfileKind.ASSOCIATION)
    )


def _matched_since(since: datetime) -> Select[*tuple[Any, ...]]:
    return _for_associations(select(func.count(func.distinct(Revision.item_id)))).where(Match.found_at >= since)


def latest_matches(session: Session) -> list[ItemLine]:
    """The items found last, each once."""
    newest = _for_associations(select(Revision.item_id)).order_by(Match.id.desc()).limit(MATCHES_READ)
    ids = list(dict.fromkeys(session.scalars(newest)))[:MATCHES_SHOWN]
    rows = {row.item_id: row for row in session.execute(item_lines().where(AgendaItem.id.in_(ids)))}
    return as_lines(session, [rows[item_id] for item_id in ids])
