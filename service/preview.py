"""What an association would have been told: its matches among the meetings of the last days."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import now
from matcher.advice import LOOK_BACK, advice_on, advice_on_rate
from matcher.profile import Resolver
from matcher.profile_problems import problem_of
from matcher.rows import learned_by, plain_profile
from matcher.suggestions import Suggestion, suggestions
from matcher.would_find import rates, thesaurus, would_find
from service.people import find_association
from storage.models import AgendaItem, Association, Committee, Grade, Match, Meeting, Municipality, Profile, Revision

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

    ``meetings``: how many meetings of those days we know, of any municipality. ``weeks``: the Monday of each week and
    its hits. ``warning``: that it is too much or nothing, or "". ``suggested``: words that the profile could have too.
    """

    hits: list[Hit]
    days: int
    per_week: float
    meetings: int
    weeks: tuple[tuple[date, int], ...] = ()
    warning: str = ""
    suggested: Sequence[Suggestion] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain types for ``--json``."""
        hits = [asdict(hit) | {"starts_at": hit.starts_at.isoformat()} for hit in self.hits]
        return {
            "days": self.days,
            "per_week": round(self.per_week, 2),
            "weeks": {monday.isoformat(): count for monday, count in self.weeks},
            "warning": self.warning,
            "suggested": [one._asdict() for one in self.suggested],
            "hits": hits,
        }


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
    plain = plain_profile(association.profile, _learned(session, association.profile))
    tried = would_find(session, plain, association.profile.municipality_codes, since)
    return Preview(
        hits,
        days,
        len(hits) * DAYS_IN_A_WEEK / _covered_days(session, since),
        meetings,
        tried.weeks,
        problem_of(plain, resolver := Resolver(thesaurus())) or advice_on(tried),
        suggestions(plain, resolver, tried.companions),
    )


def profile_warnings(session: Session, slugs: Sequence[str]) -> dict[str, str]:
    """What is wrong with profiles that were just imported, by the association's id; those in order are left out.

    They are tried out on an even sample of what was read in the last 90 days, all together, within seconds.
    """
    rows = {row.slug: row.profile for row in session.scalars(select(Association).where(Association.slug.in_(slugs)))}
    profiles = {slug: plain_profile(row, _learned(session, row)) for slug, row in rows.items() if row is not None}
    codes = {str(row.id): row.municipality_codes for row in rows.values() if row is not None}
    found = rates(session, list(profiles.values()), codes, now() - LOOK_BACK)
    resolver = Resolver(thesaurus())
    said = {slug: problem_of(one, resolver) or advice_on_rate(found[one.id]) for slug, one in profiles.items()}
    return {slug: sentence for slug, sentence in said.items() if sentence}


def _learned(session: Session, row: Profile) -> tuple[tuple[str, float], ...]:
    return learned_by(session, thesaurus(), row.id).get(row.id, ())


def _covered_days(session: Session, since: datetime) -> float:
    """Days between the first and the last meeting that we know of in the span; at least a week."""
    inside = select(Meeting.starts_at).where(Meeting.starts_at >= since)
    first = session.scalar(inside.order_by(Meeting.starts_at).limit(1))
    last = session.scalar(inside.order_by(Meeting.starts_at.desc()).limit(1))
    if first is None or last is None:
        return DAYS_IN_A_WEEK
    return max((last - first) / timedelta(days=1), DAYS_IN_A_WEEK)
