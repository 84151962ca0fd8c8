"""Publications that could not be read: why, and when they are asked for again."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Publication, PublicationStatus, Source

# So many times in a row a paper is asked for at every sweep; after that once a night, and an old one ever more seldom.
EAGER_ATTEMPTS = 2
# A little under a day, so that the next night's sweep is not too early by minutes.
A_NIGHT = timedelta(hours=20)
LONGEST_PAUSE = timedelta(days=7)
# Agendas are out at least four days before the meeting. So long before it a missing one may come at any sweep.
AGENDA_DUE = timedelta(days=14)


def publication_failed(
    session: Session, source: Source, platform_id: str, reason: str, *, seen_at: datetime
) -> Publication | None:
    """Records on a listed publication that it could not be read, and why. Its stored content, if any, stays."""
    row = _row(session, source, platform_id)
    if row is not None:
        row.status, row.error, row.last_seen_at = PublicationStatus.FAILED, reason, seen_at
        row.attempts += 1
        pause = _pause(row, seen_at)
        row.next_attempt_at = seen_at + pause if pause else None
    return row


def publication_not_ready(session: Session, source: Source, platform_id: str, *, seen_at: datetime) -> None:
    """A listed meeting has no agenda yet: asked for at every sweep when one is due, else once a night."""
    row = _row(session, source, platform_id)
    if row is not None:
        far_off = row.starts_at is not None and row.starts_at - seen_at > AGENDA_DUE
        row.next_attempt_at = seen_at + A_NIGHT if far_off else None


def _pause(row: Publication, seen_at: datetime) -> timedelta | None:
    if row.attempts <= EAGER_ATTEMPTS:
        return None
    if row.starts_at is None or row.starts_at >= seen_at:
        return A_NIGHT
    doubled: timedelta = A_NIGHT * 2 ** min(row.attempts - EAGER_ATTEMPTS - 1, 10)
    return min(doubled, LONGEST_PAUSE)


def _row(session: Session, source: Source, platform_id: str) -> Publication | None:
    return session.scalar(
        select(Publication).where(Publication.source_id == source.id, Publication.platform_id == platform_id)
    )
