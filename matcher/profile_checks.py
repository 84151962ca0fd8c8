"""Which profiles have to be compared with the archive, and how far that has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.models import MatchOrigin, ProfileCheck

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def start_checks(session: Session, hashes: dict[int, str], versions: Mapping[int, str], *, rematch: bool) -> None:
    """Note down each profile that is new, changed, or was compared by another version of the matcher.

    ``hashes``: the profiles in force; ``versions``: what each is to be compared by. The note of a profile that is gone
    goes too, so that it is compared anew should it come back. A comparison that a person's change asked for stays one,
    whatever else changes meanwhile.
    """
    known = {check.profile_id: check for check in session.scalars(select(ProfileCheck))}
    session.execute(delete(ProfileCheck).where(ProfileCheck.profile_id.not_in(hashes)))
    for profile_id, profile_hash in hashes.items():
        version = versions[profile_id]
        check = known.get(profile_id)
        if check is None:
            check = ProfileCheck(profile_id=profile_id, origin=MatchOrigin.PROFILE)
            session.add(check)
        elif check.profile_hash != profile_hash:
            check.origin = MatchOrigin.PROFILE
        elif check.version != version or rematch:
            check.origin = MatchOrigin.VOCABULARY if check.finished else check.origin
        else:
            continue
        check.profile_hash, check.version, check.through, check.finished = profile_hash, version, 0, False
    session.flush()


def waiting_checks(session: Session) -> Sequence[ProfileCheck]:
    """Unfinished checks that stand at the same place for the same reason, to be done together."""
    rows = session.scalars(
        select(ProfileCheck)
        .where(ProfileCheck.finished.is_(False))
        .order_by(ProfileCheck.origin, ProfileCheck.through, ProfileCheck.profile_id)
    ).all()
    return [row for row in rows if (row.origin, row.through) == (rows[0].origin, rows[0].through)]


def finish_or_go_on(checks: Sequence[ProfileCheck], through: int, *, finished: bool) -> bool:
    """Put down how far the checks have come; True when they are done."""
    for check in checks:
        check.through, check.finished = through, finished
    return finished
