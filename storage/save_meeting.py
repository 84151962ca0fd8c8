"""Saves one publication of a meeting. Saving the same thing twice changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storage.cases import Cases
from storage.find_meeting import RANK, meeting_of
from storage.keys import title_key
from storage.models import (
    AgendaItem,
    Meeting,
    Publication,
    PublicationStatus,
    Revision,
    Source,
    Stage,
)
from storage.published import PublishedItem, PublishedMeeting
from storage.revise import add_withdrawn_revision, changes_between, content_hash, revise
from storage.take_down import is_scrubbed
from storage.tie import tie
from storage.vanish import GONE


@dataclass
class MeetingSaved:
    """What saving a publication changed, by item id."""

    meeting_id: int
    new: list[int] = field(default_factory=list)
    revised: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many items changed in any way."""
        return len(self.new) + len(self.revised) + len(self.withdrawn)


def save_meeting(
    session: Session,
    source: Source,
    published: PublishedMeeting,
    *,
    seen_at: datetime,
    backfill: bool = False,
) -> MeetingSaved:
    """Stores a publication with its items, tying them to what is known of the meeting.

    The caller's transaction holds it all: a crash in between leaves the publication unread, to be asked for again.
    """
    meeting, moved = meeting_of(session, source, published, seen_at)
    publication = _publication(session, source, published, meeting, seen_at)
    session.flush()
    saved = MeetingSaved(meeting.id)
    stage = Stage(published.stage)
    known = list(
        session.scalars(
            select(AgendaItem)
            .where(AgendaItem.meeting_id == meeting.id)
            .options(
                selectinload(AgendaItem.revisions).selectinload(Revision.attachments),
                selectinload(AgendaItem.revisions).selectinload(Revision.sections),
            )
        )
    )
    pairs = tie(known, published.items)
    cases, added = Cases(session, source.municipality_code, seen_at), []
    cases.look_up(meeting.id, [new for new, old in pairs if old is None])
    for new, old in pairs:
        if old is None:
            item = _add_item(session, cases, meeting, publication, new, seen_at)
            revise(session, item, publication, new, ["published"], seen_at, backfill=backfill)
            added.append(item)
        elif RANK[stage] >= RANK[old.newest.stage] and _update(
            session, old, publication, new, seen_at, moved=moved, backfill=backfill
        ):
            saved.revised.append(old.id)
    # Together: one question to the database for all rows of a kind, not one for each.
    session.flush()
    saved.new = [item.id for item in added]
    still_there = {old.id for _, old in pairs if old is not None} | set(saved.new)
    saved.withdrawn = _withdraw(session, known, still_there, publication, seen_at, backfill=backfill)
    session.flush()
    return saved


def _publication(
    session: Session, source: Source, published: PublishedMeeting, meeting: Meeting, seen_at: datetime
) -> Publication:
    row = session.scalar(
        select(Publication).where(Publication.source_id == source.id, Publication.platform_id == published.platform_id)
    )
    if row is None:
        row = Publication(source_id=source.id, platform_id=published.platform_id, first_seen_at=seen_at, attempts=0)
        row.committee_name = published.committee_name
        session.add(row)
    row.meeting, row.stage, row.fingerprint = meeting, Stage(published.stage), published.fingerprint
    # The committee's name stays as the list has it: by that a later line of the list is known to be of this meeting.
    row.starts_at = published.starts_at
    row.status, row.error, row.fetched_at, row.last_seen_at = PublicationStatus.STORED, None, seen_at, seen_at
    row.attempts, row.next_attempt_at, row.missing_since = 0, None, None
    return row


def _add_item(
    session: Session,
    cases: Cases,
    meeting: Meeting,
    publication: Publication,
    new: PublishedItem,
    seen_at: datetime,
) -> AgendaItem:
    item = AgendaItem(
        meeting_id=meeting.id, first_seen_at=seen_at, supplementary=publication.stage is Stage.SUPPLEMENTARY
    )
    _point_to(item, publication, new)
    item.case = cases.of(new)
    session.add(item)
    return item


def _point_to(item: AgendaItem, publication: Publication, new: PublishedItem) -> None:
    item.publication_id, item.platform_id, item.url = publication.id, new.platform_id, new.url
    item.number, item.sorting, item.is_open = new.number, new.sorting, new.is_open
    item.title, item.title_key, item.case_number = new.title, title_key(new.title), new.case_number


def _update(
    session: Session,
    item: AgendaItem,
    publication: Publication,
    new: PublishedItem,
    seen_at: datetime,
    *,
    moved: bool,
    backfill: bool,
) -> bool:
    """Follows the newest publication; adds a revision when the content changed. True when it did."""
    if item.taken_down_at is not None:
        # The row follows its publication, so that its text is known and kept out of the next one too.
        item.publication_id, item.platform_id = publication.id, new.platform_id
        item.number, item.sorting, item.url, item.withdrawn_at = new.number, new.sorting, new.url, None
        return False
    newest = item.newest
    back = item.withdrawn_at is not None or is_scrubbed(item)
    _point_to(item, publication, new)
    item.withdrawn_at = None
    if not back and not moved and content_hash(new) == newest.content_hash:
        # Same content, newer publication: old links die, so the revision in force points to the newest.
        for kept, fresh in zip(newest.attachments, new.attachments, strict=True):
            if kept.url != fresh.url:
                kept.fetch_id = None  # what lies at the new address may be another file under the same title
            kept.platform_id, kept.url = fresh.platform_id, fresh.url
        return False
    changes = ["published"] if back else [*changes_between(newest, new), *(["moved"] if moved else [])]
    revise(session, item, publication, new, changes, seen_at, backfill=backfill)
    return True


def _withdraw(
    session: Session,
    known: Sequence[AgendaItem],
    still_there: set[int],
    publication: Publication,
    seen_at: datetime,
    *,
    backfill: bool,
) -> list[int]:
    """Marks items that their own paper no longer has.

    Only when the item stood in this very publication before, or in one that has left the site's list: an agenda that
    is listed beside a supplementary one or beside the minutes still speaks for its own items.
    """
    withdrawn = []
    for item in known:
        if item.id in still_there or item.withdrawn_at is not None or item.taken_down_at is not None:
            continue
        home = session.get_one(Publication, item.publication_id)
        if home.id != publication.id and home.status not in GONE:
            continue
        item.withdrawn_at = seen_at
        add_withdrawn_revision(item, publication, seen_at, backfill=backfill)
        withdrawn.append(item.id)
    return withdrawn
