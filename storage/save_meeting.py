"""Saves one publication of a meeting. Saving the same thing twice changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from config.clock import local
from storage.keys import committee_key, committee_kind, title_key
from storage.models import (
    AgendaItem,
    Committee,
    Meeting,
    Publication,
    PublicationStatus,
    Revision,
    Source,
    Stage,
)
from storage.published import PublishedItem, PublishedMeeting
from storage.revise import add_withdrawn_revision, changes_between, content_hash, revise
from storage.tie import case_of, tie

_RANK = {Stage.AGENDA: 0, Stage.SUPPLEMENTARY: 0, Stage.MINUTES: 1}


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
    meeting, moved = _meeting(session, source, published, seen_at)
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
    for new, old in pairs:
        if old is None:
            item = _add_item(session, source, meeting, publication, new, seen_at)
            revise(session, item, publication, new, ["published"], seen_at, backfill=backfill)
            session.flush()
            saved.new.append(item.id)
        elif _RANK[stage] >= _RANK[old.newest.stage] and _update(
            session, old, publication, new, seen_at, moved=moved, backfill=backfill
        ):
            saved.revised.append(old.id)
    still_there = {old.id for _, old in pairs if old is not None} | set(saved.new)
    saved.withdrawn = _withdraw(session, known, still_there, publication, seen_at, backfill=backfill)
    session.flush()
    return saved


def _meeting(session: Session, source: Source, published: PublishedMeeting, seen_at: datetime) -> tuple[Meeting, bool]:
    """The meeting that was published, and whether it has been moved to another time since it was last read."""
    code, key = source.municipality_code, committee_key(published.committee_name)
    committee = session.scalar(select(Committee).where(Committee.municipality_code == code, Committee.name_key == key))
    if committee is None:
        committee = Committee(municipality_code=code, name_key=key, name=published.committee_name.strip())
        committee.kind = committee_kind(published.committee_name)
        session.add(committee)
        session.flush()
    committee.platform_id = published.committee_platform_id or committee.platform_id or ""
    committee.group_name = published.group_name or committee.group_name or ""
    meeting = session.scalar(
        select(Meeting).where(Meeting.committee_id == committee.id, Meeting.starts_at == published.starts_at)
    )
    moved = False
    if meeting is None and (before := _same_at_another_time(session, source, published, committee)):
        same_day = local(before.starts_at).date() == local(published.starts_at).date()
        # A date that gets its clock time, or a page that has lost it, is no move.
        moved = not same_day or (before.time_known and published.time_known)
        known_start = before.starts_at if same_day and not published.time_known else None
        meeting, before.starts_at = before, known_start or published.starts_at
    if meeting is None:
        meeting = Meeting(committee=committee, starts_at=published.starts_at, first_seen_at=seen_at, stage=Stage.AGENDA)
        session.add(meeting)
    stage = Stage(published.stage)
    if _RANK[stage] >= _RANK[meeting.stage]:
        meeting.stage = stage if stage is Stage.MINUTES else meeting.stage
        meeting.ends_at = published.ends_at or meeting.ends_at
        meeting.time_known = published.time_known or meeting.starts_at != published.starts_at
        meeting.place = published.place.strip() or meeting.place or ""
        if stage is not Stage.SUPPLEMENTARY or not meeting.url:
            meeting.url = published.url
    return meeting, moved


def _same_at_another_time(
    session: Session, source: Source, published: PublishedMeeting, committee: Committee
) -> Meeting | None:
    """The meeting as which this very publication was read before: an id that stays, with another start."""
    return session.scalar(
        select(Meeting)
        .join(Publication, Publication.meeting_id == Meeting.id)
        .where(
            Publication.source_id == source.id,
            Publication.platform_id == published.platform_id,
            Meeting.committee_id == committee.id,
        )
    )


def _publication(
    session: Session, source: Source, published: PublishedMeeting, meeting: Meeting, seen_at: datetime
) -> Publication:
    row = session.scalar(
        select(Publication).where(Publication.source_id == source.id, Publication.platform_id == published.platform_id)
    )
    if row is None:
        row = Publication(source_id=source.id, platform_id=published.platform_id, first_seen_at=seen_at, attempts=0)
        session.add(row)
    row.meeting, row.stage, row.fingerprint = meeting, Stage(published.stage), published.fingerprint
    row.committee_name, row.starts_at = published.committee_name, published.starts_at
    row.status, row.error, row.fetched_at, row.last_seen_at = PublicationStatus.STORED, None, seen_at, seen_at
    return row


def _add_item(
    session: Session,
    source: Source,
    meeting: Meeting,
    publication: Publication,
    new: PublishedItem,
    seen_at: datetime,
) -> AgendaItem:
    item = AgendaItem(
        meeting_id=meeting.id, first_seen_at=seen_at, supplementary=publication.stage is Stage.SUPPLEMENTARY
    )
    _point_to(item, publication, new)
    item.case = case_of(session, source.municipality_code, meeting.id, new, seen_at)
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
    newest = item.newest
    back = item.withdrawn_at is not None
    _point_to(item, publication, new)
    item.withdrawn_at = None
    if not back and not moved and content_hash(new) == newest.content_hash:
        # Same content, newer publication: old links die, so the revision in force points to the newest.
        for kept, fresh in zip(newest.attachments, new.attachments, strict=True):
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
        if item.id in still_there or item.withdrawn_at is not None:
            continue
        home = session.get_one(Publication, item.publication_id)
        if home.id != publication.id and home.status is not PublicationStatus.SUPERSEDED:
            continue
        item.withdrawn_at = seen_at
        add_withdrawn_revision(item, publication, seen_at, backfill=backfill)
        withdrawn.append(item.id)
    return withdrawn
