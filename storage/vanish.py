"""What becomes of papers that are no longer on a site's list: superseded, missing, withdrawn. Nothing is erased."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from storage.keys import committee_key
from storage.models import AgendaItem, Meeting, Publication, PublicationStatus, Stage
from storage.revise import NewRevisions

# A site that is being worked on shows half a list for minutes: two looks count as two sweeps only so far apart.
SWEEPS_APART = timedelta(hours=1)
# When not one of so many meetings ahead is left, the list is more likely to be wrong than the world.
TOO_MANY_AT_ONCE = 3

GONE = (PublicationStatus.SUPERSEDED, PublicationStatus.WITHDRAWN)


@dataclass
class Gone:
    """Counts of what left the list: with a successor, for the first time without one, for good."""

    superseded: int = 0
    missing: int = 0
    withdrawn: int = 0


def left_the_list(
    session: Session, rows: Collection[Publication], listed_ids: Collection[str], seen_at: datetime, *, flawed: bool
) -> Gone:
    """Marks the source's publications (``rows``, all of them) after a whole list was read.

    ``flawed``: lines of the list could not be read, so what is missing may stand in them.
    """
    gone = Gone()
    listed = [row for row in rows if row.platform_id in listed_ids]
    away = [row for row in rows if row.platform_id not in listed_ids and row.status not in GONE]
    for row in listed:
        row.missing_since = None
    doubtful = flawed or _nothing_ahead_left(listed, away, seen_at)
    for row in away:
        if any(_replaces(one, row) for one in listed):
            row.status, row.missing_since = PublicationStatus.SUPERSEDED, None
            gone.superseded += 1
        elif doubtful:
            continue
        elif row.missing_since is None:
            row.missing_since = seen_at
            gone.missing += 1
        elif row.missing_since <= seen_at - SWEEPS_APART:
            _withdraw(session, row, seen_at)
            gone.withdrawn += 1
    return gone


def _nothing_ahead_left(listed: Collection[Publication], away: Collection[Publication], seen_at: datetime) -> bool:
    def ahead(rows: Collection[Publication]) -> int:
        return sum(row.starts_at is not None and row.starts_at > seen_at for row in rows)

    return ahead(away) >= TOO_MANY_AT_ONCE and not ahead(listed)


def _replaces(newer: Publication, row: Publication) -> bool:
    """A later paper of the same meeting day, or its minutes. A supplementary agenda takes no agenda's place."""
    if newer.starts_at is None or row.starts_at is None:
        return False
    same_meeting = (
        local(newer.starts_at).date() == local(row.starts_at).date()
        and newer.meeting_id in {row.meeting_id, None}
        and committee_key(newer.committee_name) == committee_key(row.committee_name)
    )
    if not same_meeting or (newer.stage is Stage.SUPPLEMENTARY) != (row.stage is Stage.SUPPLEMENTARY):
        return same_meeting and newer.stage is Stage.MINUTES
    return newer.first_seen_at > row.first_seen_at or newer.stage is Stage.MINUTES is not row.stage


def _withdraw(session: Session, row: Publication, seen_at: datetime) -> None:
    """The paper is gone for good. Items that lay ahead when it vanished are told so; of a meeting held before that,
    the text stays: sites clear out old papers, and what was decided stays decided.
    """
    row.status = PublicationStatus.WITHDRAWN
    meeting = session.get(Meeting, row.meeting_id) if row.meeting_id else None
    if meeting is None or row.missing_since is None:
        return
    if meeting.starts_at > row.missing_since:
        mine = select(AgendaItem).where(AgendaItem.publication_id == row.id, AgendaItem.withdrawn_at.is_(None))
        revisions = NewRevisions(session, row, seen_at, backfill=False)
        for item in session.scalars(mine.where(AgendaItem.taken_down_at.is_(None)).order_by(AgendaItem.id)):
            item.withdrawn_at = seen_at
            revisions.add_withdrawn(item)
        revisions.write()
    if all(one.status in GONE or one.missing_since is not None for one in meeting.publications):
        meeting.withdrawn_at = seen_at
