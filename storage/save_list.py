"""Saves a site's list of meetings: what is new, what changed, what left the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Publication, PublicationStatus, Source, Stage
from storage.published import ListedPublication
from storage.vanish import GONE, Gone, left_the_list


class ListRefused(Exception):
    """The list holds fewer than half the meetings of last time: more likely a fault of the site than of the world."""


@dataclass(frozen=True)
class ListSaved:
    """Counts of one saved list; ``gone``: what left it."""

    listed: int
    gone: Gone


def save_list(
    session: Session,
    source: Source,
    *,
    listed: Sequence[ListedPublication],
    every_id: Sequence[str],
    seen_at: datetime,
    whole: bool = True,
    flawed: bool = False,
) -> ListSaved:
    """Records the publications inside the window (``listed``), and marks what left the list (``storage.vanish``).

    ``every_id`` holds the ids of the whole list, also outside the window. Nothing is erased. A list that is not
    ``whole`` (the site shows a window of time only) says nothing of what it leaves out; of a ``flawed`` one some lines
    could not be read. Raises ``ListRefused`` when the list shrank to less than half (platforms.md 1.6).
    """
    if whole and source.meetings_listed and len(every_id) * 2 < source.meetings_listed:
        raise ListRefused(
            f"Listen viser {len(every_id)} møder, sidst viste den {source.meetings_listed}. Den blev ikke brugt. Er "
            "møderne virkelig fjernet, så godtag listen: `dagsordenvagt sources accept` med kommunens navn."
        )
    known = note_listed(session, source, listed, every_id, seen_at)
    gone = left_the_list(session, known, {*every_id}, seen_at, flawed=flawed) if whole else Gone()
    source.meetings_listed = len(every_id)
    return ListSaved(len(listed), gone)


def note_listed(
    session: Session, source: Source, listed: Sequence[ListedPublication], every_id: Sequence[str], seen_at: datetime
) -> list[Publication]:
    """Records the lines alone, and gives all publications of the source."""
    known = {
        row.platform_id: row for row in session.scalars(select(Publication).where(Publication.source_id == source.id))
    }
    for platform_id in every_id:
        row = known.get(platform_id)
        if row is not None and row.status in GONE:
            # Back in the list after having left it: to be read again.
            row.status, row.fingerprint = PublicationStatus.LISTED, ""
    for line in listed:
        known[line.platform_id] = _note(session, source, line, known.get(line.platform_id), seen_at)
    return [*known.values()]


def _note(
    session: Session, source: Source, line: ListedPublication, row: Publication | None, seen_at: datetime
) -> Publication:
    if row is None:
        row = Publication(source_id=source.id, platform_id=line.platform_id, first_seen_at=seen_at, attempts=0)
        row.status = PublicationStatus.LISTED
        session.add(row)
    row.committee_name, row.name, row.stage = line.committee_name, line.name, Stage(line.stage)
    row.starts_at, row.released_at, row.last_seen_at = line.starts_at, line.released_at, seen_at
    if row.status is not PublicationStatus.STORED:
        if row.fingerprint != line.fingerprint:
            # It is another paper now: what failed before says nothing of it, nor does who read the one before.
            row.attempts, row.next_attempt_at, row.reader = 0, None, ""
        row.fingerprint = line.fingerprint
    return row
