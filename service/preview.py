"""What an association would have been told: its matches among the meetings of the last days."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import now
from service.people import find_association
from storage.models import AgendaItem, Committee, Grade, Match, Meeting, Municipality, Revision

DAYS_IN_A_WEEK = 7


@dataclass(frozen=True)
class Hit:
    """One item that concerned the association, with the reasons in words."""

    municipality: str
    committee: str
    starts_at: datetime
    title: str
    url: str
    score: float
    strong: bool
    reasons: list[str]


@dataclass(frozen=True)
class Preview:
    """The hits, newest meeting first. ``per_week`` is over the days that the archive really covers.

    ``meetings``: how many meetings of those days we know, of any municipality.
    """

    hits: list[Hit]
    days: int
    per_week: float
    meetings: int

    def as_json(self) -> dict[str, Any]:
        """Plain types for ``--json``."""
        hits = [asdict(hit) | {"starts_at": hit.starts_at.isoformat()} for hit in self.hits]
        return {"days": self.days, "per_week": round(self.per_week, 2), "hits": hits}


def preview_association(session: Session, slug: str, days: int) -> Preview | None:
    """The preview, or None for an unknown association. The matcher must have met the profile before."""
    association = find_association(session, slug)
    if association is None or association.profile is None:
        return None
    since = now() - timedelta(days=days)
    newest = select(func.max(Revision.id)).group_by(Revision.item_id)
    rows = session.execute(
        select(Match, AgendaItem, Meeting, Committee, Municipality)
        .join(Revision, Revision.id == Match.revision_id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .join(Municipality, Municipality.code == Committee.municipality_code)
        .where(Match.profile_id == association.profile.id, Match.current, Match.revision_id.in_(newest))
        .where(Meeting.starts_at >= since)
        .order_by(Meeting.starts_at.desc(), Match.score.desc())
    ).all()
    hits = [
        Hit(
            municipality=municipality.name,
            committee=committee.name,
            starts_at=meeting.starts_at,
            title=item.title,
            url=item.url,
            score=round(match.score, 3),
            strong=match.grade is Grade.STRONG,
            reasons=[reason["said"] for reason in match.reasons],
        )
        for match, item, meeting, committee, municipality in rows
    ]
    meetings = session.scalar(select(func.count()).select_from(Meeting).where(Meeting.starts_at >= since)) or 0
    return Preview(hits, days, len(hits) * DAYS_IN_A_WEEK / _covered_days(session, since), meetings)


def _covered_days(session: Session, since: datetime) -> float:
    """Days between the first and the last meeting that we know of in the span; at least a week."""
    inside = select(Meeting.starts_at).where(Meeting.starts_at >= since)
    first = session.scalar(inside.order_by(Meeting.starts_at).limit(1))
    last = session.scalar(inside.order_by(Meeting.starts_at.desc()).limit(1))
    if first is None or last is None:
        return DAYS_IN_A_WEEK
    return max((last - first) / timedelta(days=1), DAYS_IN_A_WEEK)
