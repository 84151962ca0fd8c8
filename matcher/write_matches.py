"""Matches of one revision, written so that writing them twice changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from config.clock import now
from matcher.rows import match_reasons
from storage.models import Grade, Match, MatchOrigin

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from matcher.find import Party
    from storage.models import MatchOrigin


def write_matches(
    session: Session,
    revision_id: int,
    found: Sequence[Party],
    hashes: dict[int, str],
    origin: MatchOrigin,
    paper_origin: MatchOrigin | None = None,
    found_before: Collection[int] = (),
) -> tuple[int, int]:
    """(matches that are new or back, matches that are gone), among the profiles in ``hashes`` only.

    A match that stands already keeps its origin: what may be mailed stays so, what may not never becomes so
    by our looking again. ``paper_origin`` is the origin of those that a paper's page speaks for, if another. The
    profiles ``found_before`` had found the same text already: it is no news for them.
    """
    rows = {
        row.profile_id: row
        for row in session.scalars(select(Match).where(Match.revision_id == revision_id))
        if row.profile_id in hashes
    }
    moment, new, fresh = now(), 0, []
    for party in found:
        said = {
            "score": round(party.score, 4),
            "grade": Grade(party.grade),
            "reasons": match_reasons(party),
            "quote": party.passage,
        }
        party_origin = paper_origin if paper_origin is not None and party.in_paper else origin
        for profile_id in map(int, party.profile_ids):
            row, of = rows.pop(profile_id, None), said | {"profile_hash": hashes[profile_id]}
            if row is None or not row.current:
                known = profile_id in found_before
                of |= {"origin": MatchOrigin.VOCABULARY if known else party_origin, "current": True}
                of["found_at"] = moment
                new += 1
            if row is None:
                fresh.append(of | {"profile_id": profile_id, "revision_id": revision_id})
            else:
                for name, value in of.items():
                    setattr(row, name, value)
    if fresh:
        session.execute(insert(Match), fresh)
    gone = [row for row in rows.values() if row.current]
    for row in gone:
        row.current = False
    return new, len(gone)
