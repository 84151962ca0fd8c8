"""Which associations a set of items concerns, and why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from storage.models import AgendaItem, Association, Grade, Match, Profile, ProfileKind, Revision


@dataclass(frozen=True)
class MatchLine:
    """An association that an item concerns. ``revision`` is the number of the revision it was found in."""

    item_id: int
    slug: str
    association: str
    grade: Grade
    score: float
    reasons: Sequence[dict[str, Any]]
    quote: str
    revision: int
    found_at: datetime

    @property
    def said(self) -> list[str]:
        """The reasons as sentences."""
        return [str(reason.get("said") or reason.get("label") or "") for reason in self.reasons]


def concerns(slug: str | None = None) -> ColumnElement[bool]:
    """A condition on ``agenda_item``: it concerns an association (this one, when ``slug`` is given)."""
    wanted = (
        select(Match.id)
        .join(Revision, Revision.id == Match.revision_id)
        .join(Profile, Profile.id == Match.profile_id)
        .join(Association, Association.id == Profile.association_id)
        .where(Revision.item_id == AgendaItem.id, Match.current, Profile.kind == ProfileKind.ASSOCIATION)
    )
    if slug:
        wanted = wanted.where(Association.slug == slug)
    return exists(wanted)


def matches_of(session: Session, item_ids: Sequence[int]) -> dict[int, list[MatchLine]]:
    """The newest match of each association with each item, strongest first."""
    if not item_ids:
        return {}
    rows = session.execute(
        select(Revision.item_id, Revision.number, Association.slug, Association.name, Match)
        .join(Match, Match.revision_id == Revision.id)
        .join(Profile, Profile.id == Match.profile_id)
        .join(Association, Association.id == Profile.association_id)
        .where(Revision.item_id.in_(item_ids), Match.current, Profile.kind == ProfileKind.ASSOCIATION)
        .order_by(Revision.number)
    )
    newest: dict[tuple[int, str], MatchLine] = {}
    for item_id, number, slug, name, match in rows:
        newest[item_id, slug] = MatchLine(
            item_id, slug, name, match.grade, match.score, match.reasons, match.quote, number, match.found_at
        )
    by_item: dict[int, list[MatchLine]] = defaultdict(list)
    for line in sorted(newest.values(), key=lambda line: (-line.score, line.association)):
        by_item[line.item_id].append(line)
    return dict(by_item)
