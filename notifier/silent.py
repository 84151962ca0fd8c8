"""Associations for which nothing was found in a municipality for long: the consultant may want to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from notifier.words import day, one_line
from storage.models import AgendaItem, Association, Committee, Match, Meeting, Profile, Revision

SILENT_AFTER = timedelta(days=60)


@dataclass(frozen=True)
class Silent:
    """One association. ``last``: when something was last found in the municipality, None for never."""

    name: str
    last: datetime | None

    def said(self, now: datetime) -> str:
        """For the consultant's mail."""
        if self.last is None:
            return f"{self.name}: endnu ingen fund"
        return f"{self.name}: senest {day(self.last, now.date())}"


def silent_associations(session: Session, code: int, now: datetime) -> Sequence[Silent]:
    """The associations that ask for the municipality by name and had no find there for 60 days, longest first.

    Who asks for the whole country is not counted as any one municipality's, and a new one gets its 60 days first.
    """
    latest = (
        select(Match.profile_id, func.max(Revision.seen_at).label("seen_at"))
        .join(Revision, Revision.id == Match.revision_id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .where(Committee.municipality_code == code, Match.current)
        .group_by(Match.profile_id)
        .subquery()
    )
    rows = session.execute(
        select(Profile, latest.c.seen_at)
        .join(Association, Association.id == Profile.association_id)
        .outerjoin(latest, latest.c.profile_id == Profile.id)
        .where(Association.closed_at.is_(None), Association.created_at <= now - SILENT_AFTER)
        .options(joinedload(Profile.association))
        .order_by(Profile.id)
    )
    found = [
        Silent(one_line(profile.association.name, 120), last)
        for profile, last in rows
        if profile.association and code in profile.municipality_codes and (not last or last <= now - SILENT_AFTER)
    ]
    return sorted(found, key=lambda one: (one.last is not None, one.last.timestamp() if one.last else 0.0, one.name))
