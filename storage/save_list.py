"""Saves a site's list of meetings: what is new, what changed, what left the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Publication, PublicationStatus, Source, Stage
from storage.published import ListedPublication


class ListRefused(Exception):
    """The list holds fewer than half the meetings of last time: more likely a fault of the site than of the world."""


@dataclass(frozen=True)
class ListSaved:
    """Counts of one saved list."""

    listed: int
    superseded: int


def save_list(
    session: Session,
    source: Source,
    *,
    listed: Sequence[ListedPublication],
    every_id: Sequence[str],
    seen_at: datetime,
    whole: bool = True,
) -> ListSaved:
    """Records the publications inside the window (``listed``), and marks as superseded what left the list.

    ``every_id`` holds the ids of the whole list, also outside the window. Nothing is erased. A list that is not
    ``whole`` (the site shows a window of time only) says nothing of what it leaves out.
    Raises ``ListRefused`` when the list shrank to less than half (platforms.md 1.6).
    """
    if whole and source.meetings_listed and len(every_id) * 2 < source.meetings_listed:
        raise ListRefused(
            f"The list has {len(every_id)} meetings, last time it had {source.meetings_listed}. It was not used. "
            "If the site really has removed them, run `dagsordenvagt sources accept` for this municipality."
        )
    known = {
        row.platform_id: row for row in session.scalars(select(Publication).where(Publication.source_id == source.id))
    }
    for line in listed:
        _note(session, source, line, known.get(line.platform_id), seen_at)
    listed_ids = set(every_id)
    gone = [row for row in known.values() if whole and row.platform_id not in listed_ids]
    superseded = [row for row in gone if row.status is not PublicationStatus.SUPERSEDED]
    for row in superseded:
        row.status = PublicationStatus.SUPERSEDED
    source.meetings_listed = len(every_id)
    return ListSaved(len(listed), len(superseded))


def _note(
    session: Session, source: Source, line: ListedPublication, row: Publication | None, seen_at: datetime
) -> None:
    if row is None:
        row = Publication(source_id=source.id, platform_id=line.platform_id, first_seen_at=seen_at, attempts=0)
        row.status = PublicationStatus.LISTED
        session.add(row)
    elif row.status is PublicationStatus.SUPERSEDED:
        # Back in the list after having left it: to be read again.
        row.status, row.fingerprint = PublicationStatus.LISTED, ""
    row.committee_name, row.name, row.stage = line.committee_name, line.name, Stage(line.stage)
    row.starts_at, row.released_at, row.last_seen_at = line.starts_at, line.released_at, seen_at
    if row.status is not PublicationStatus.STORED:
        row.fingerprint = line.fingerprint


def publication_failed(
    session: Session, source: Source, platform_id: str, reason: str, *, seen_at: datetime
) -> Publication | None:
    """Records on a listed publication that it could not be read, and why. Its stored content, if any, stays."""
    row = session.scalar(
        select(Publication).where(Publication.source_id == source.id, Publication.platform_id == platform_id)
    )
    if row is not None:
        row.status, row.error, row.last_seen_at = PublicationStatus.FAILED, reason, seen_at
        row.attempts += 1
    return row
