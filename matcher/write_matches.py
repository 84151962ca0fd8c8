"""Matches of one revision, written so that writing them twice changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from config.clock import now
from matcher.rows import match_reasons
from storage.models import Grade, Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from matcher.find import Found
    from storage.models import MatchOrigin


def write_matches(
    session: Session, revision_id: int, found: Sequence[Found], hashes: dict[int, str], origin: MatchOrigin
) -> tuple[int, int]:
    """(matches that are new or back, matches that are gone), among the profiles in ``hashes`` only.

    A match that stands already keeps its origin: what may be mailed stays so, what may not never becomes so
    by our looking again.
    """
    rows = {
        row.profile_id: row
        for row in session.scalars(select(Match).where(Match.revision_id == revision_id))
        if row.profile_id in hashes
    }
    new = 0
    for one in found:
        profile_id = int(one.profile_id)
        row = rows.pop(profile_id, None)
        if row is None:
            row = Match(profile_id=profile_id, revision_id=revision_id, current=False)
            session.add(row)
        if not row.current:
            row.origin, row.current, row.found_at = origin, True, now()
            new += 1
        row.score, row.grade = round(one.score, 4), Grade(one.grade)
        row.reasons, row.quote, row.profile_hash = match_reasons(one), one.passage, hashes[profile_id]
    gone = [row for row in rows.values() if row.current]
    for row in gone:
        row.current = False
    return new, len(gone)
