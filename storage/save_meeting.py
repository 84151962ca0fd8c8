"""Saves one publication of a meeting. Saving the same thing twice changes nothing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from config.clock import local
from storage.keys import committee_key, committee_kind, fold, title_key
from storage.models import (
    AgendaItem,
    Attachment,
    Committee,
    Meeting,
    Publication,
    PublicationStatus,
    Revision,
    Section,
    SectionKind,
    Source,
    Stage,
)
from storage.published import PublishedItem, PublishedMeeting
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
            _revise(session, item, publication, new, ["published"], seen_at, backfill=backfill)
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
    changes = ["published"] if back else [*_changes(newest, new), *(["moved"] if moved else [])]
    _revise(session, item, publication, new, changes, seen_at, backfill=backfill)
    return True


def _changes(old: Revision, new: PublishedItem) -> list[str]:
    """The words of design.md section 4 for what differs."""
    before, after = [fold(a.title) for a in old.attachments], [fold(a.title) for a in new.attachments]
    own_before = [fold(s.text) for s in old.sections if s.own_decision]
    own_after = [fold(s.text) for s in new.sections if s.own_decision]
    text_before = [(fold(s.heading), fold(s.text)) for s in old.sections if not s.own_decision]
    text_after = [(fold(s.heading), fold(s.text)) for s in new.sections if not s.own_decision]
    found = {
        "title": title_key(old.title) != title_key(new.title),
        "text": text_before != text_after,
        "attachment_added": any(after.count(title) > before.count(title) for title in after),
        "attachment_removed": any(before.count(title) > after.count(title) for title in before),
        "decision": own_after != own_before and any(own_after),
    }
    return [word for word, is_so in found.items() if is_so]


def _revise(
    session: Session,
    item: AgendaItem,
    publication: Publication,
    new: PublishedItem,
    changes: list[str],
    seen_at: datetime,
    *,
    backfill: bool,
) -> None:
    meaning = meaning_hash(new)
    revision = Revision(
        number=len(item.revisions) + 1,
        publication_id=publication.id,
        stage=publication.stage,
        seen_at=seen_at,
        changes=changes,
        material=not item.revisions or item.newest.meaning_hash != meaning or bool({"published", "moved"} & {*changes}),
        backfill=backfill,
        content_hash=content_hash(new),
        meaning_hash=meaning,
        title=new.title,
    )
    revision.sections = [
        Section(
            position=position,
            kind=SectionKind(one.kind),
            heading=one.heading,
            text=one.text,
            html=one.html,
            own_decision=one.own_decision,
        )
        for position, one in enumerate(new.sections)
    ]
    revision.attachments = [
        Attachment(position=position, platform_id=one.platform_id, title=one.title, url=one.url, has_pdf=one.has_pdf)
        for position, one in enumerate(new.attachments)
    ]
    item.revisions.append(revision)
    session.add(item)


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
        _copy_as_withdrawn(item, publication, seen_at, backfill=backfill)
        withdrawn.append(item.id)
    return withdrawn


def _copy_as_withdrawn(item: AgendaItem, publication: Publication, seen_at: datetime, *, backfill: bool) -> None:
    last = item.newest
    item.revisions.append(
        Revision(
            number=last.number + 1,
            publication_id=publication.id,
            stage=last.stage,
            seen_at=seen_at,
            changes=["withdrawn"],
            material=True,
            backfill=backfill,
            content_hash=last.content_hash,
            meaning_hash=last.meaning_hash,
            title=last.title,
            sections=[
                Section(
                    position=s.position,
                    kind=s.kind,
                    heading=s.heading,
                    text=s.text,
                    html=s.html,
                    own_decision=s.own_decision,
                )
                for s in last.sections
            ],
            attachments=[
                Attachment(position=a.position, platform_id=a.platform_id, title=a.title, url=a.url, has_pdf=a.has_pdf)
                for a in last.attachments
            ],
        )
    )


def content_hash(item: PublishedItem) -> str:
    """Over everything a reader sees of the item; ids and links are left out, since they move by themselves."""
    return _hash(
        [
            item.title,
            item.case_number,
            item.is_open,
            [[s.kind, s.heading, s.text] for s in item.sections],
            [a.title for a in item.attachments],
        ]
    )


def meaning_hash(item: PublishedItem) -> str:
    """As ``content_hash``, folded and without numbering: equal means that a change was cosmetic."""
    return _hash(
        [
            title_key(item.title),
            [[fold(s.heading).strip(" :"), fold(s.text)] for s in item.sections if s.text.strip()],
            [fold(a.title) for a in item.attachments],
        ]
    )


def _hash(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
