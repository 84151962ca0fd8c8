"""Saves one publication of a meeting. Saving the same thing twice changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storage.bulk import insert_for_ids
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
from storage.revise import NewRevisions, changes_between, content_hash
from storage.take_down import is_scrubbed
from storage.tie import tie
from storage.vanish import GONE

# What a reader is told even when only our better reading brought it to light.
NEWS_WHOEVER_FOUND_IT = frozenset({"decision", "attachment_added", "published", "moved"})


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
    reader: str = "",
) -> MeetingSaved:
    """Stores a publication with its items, tying them to what is known of the meeting.

    ``reader`` names the state of the code that read it: texts that differ since another read the same paper are ours.

    The caller's transaction holds it all: a crash in between leaves the publication unread, to be asked for again.
    """
    meeting, moved = meeting_of(session, source, published, seen_at)
    ours = _reads_otherwise(session, source, published, reader)
    publication = _publication(session, source, published, meeting, seen_at)
    if not published.problems:
        publication.reader = reader
    session.flush()
    saved = MeetingSaved(meeting.id)
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
    fresh = [new for new, old in pairs if old is None]
    cases = Cases(session, source.municipality_code, seen_at)
    cases.look_up(fresh, {item.case_id for item in known if item.case_id is not None})
    saved.new = _add_items(session, cases, meeting, publication, fresh, seen_at)
    revisions = NewRevisions(session, publication, seen_at, backfill=backfill)
    for item_id, new in zip(saved.new, fresh, strict=True):
        revisions.add(item_id, None, new, ["published"])
    for new, old in pairs:
        # Of an item whose page could not be read this time, what is known stands.
        if old is not None and not new.unread and _speaks_for(session, publication, old):
            home = old.publication_id
            changes = _update(old, publication, new, moved=moved)
            if changes is not None:
                silent = ours and home == publication.id and not NEWS_WHOEVER_FOUND_IT & {*changes}
                revisions.add(old.id, old.newest, new, changes, silent=silent)
                saved.revised.append(old.id)
    for gone in _withdraw(session, known, {old.id for _, old in pairs if old is not None}, publication, seen_at):
        revisions.add_withdrawn(gone, silent=ours)
        saved.withdrawn.append(gone.id)
    revisions.write()
    return saved


def _reads_otherwise(session: Session, source: Source, published: PublishedMeeting, reader: str) -> bool:
    """Whether the paper is the same as before, for all that the site says, while the code that reads it is another."""
    row = session.scalar(
        select(Publication).where(Publication.source_id == source.id, Publication.platform_id == published.platform_id)
    )
    if row is None or row.fetched_at is None or row.reader == reader or not reader:
        return False
    # What failed keeps its reader until the list shows another paper. What was stored without one is from before
    # papers remembered their reader.
    failed = row.status is PublicationStatus.FAILED and row.reader
    unchanged = row.fingerprint == published.fingerprint and row.stage == Stage(published.stage)
    return bool(unchanged and (row.status is PublicationStatus.STORED or failed))


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
    row.missing_since = None
    if not published.problems:
        row.attempts, row.next_attempt_at = 0, None
    return row


def _speaks_for(session: Session, publication: Publication, item: AgendaItem) -> bool:
    """Whether what this paper says of the item counts: minutes above agendas, and of two papers of one rank that both
    stand on the site's list (an agenda and a supplementary one that repeats its items, say) the one issued last,
    whichever is read last.
    """
    if RANK[publication.stage] < RANK[item.newest.stage]:
        return False
    home = session.get_one(Publication, item.publication_id)
    if home.id == publication.id or home.status in GONE or item.withdrawn_at is not None:
        return True
    return RANK[publication.stage] > RANK[home.stage] or _issued(publication) > _issued(home)


def _issued(publication: Publication) -> tuple[datetime, bool, int]:
    """Orders papers by when they came, as far as the site tells; what came together, the supplement last."""
    came = publication.released_at or publication.first_seen_at
    return came, publication.stage is Stage.SUPPLEMENTARY, publication.id


def _add_items(
    session: Session,
    cases: Cases,
    meeting: Meeting,
    publication: Publication,
    fresh: Sequence[PublishedItem],
    seen_at: datetime,
) -> list[int]:
    """Inserts the items that were not known, each tied to its case; their ids in the same order."""
    tied = [cases.of(new) for new in fresh]
    cases.write()
    rows = [
        _pointing_to(publication, new)
        | {
            "meeting_id": meeting.id,
            "case_id": case.id if case else None,
            "first_seen_at": seen_at,
            "supplementary": publication.stage is Stage.SUPPLEMENTARY,
        }
        for new, case in zip(fresh, tied, strict=True)
    ]
    return insert_for_ids(session, AgendaItem, rows, ["platform_id", "sorting", "number", "title"])


def _pointing_to(publication: Publication, new: PublishedItem) -> dict[str, Any]:
    """What an item's row takes over from the newest publication."""
    return {
        "publication_id": publication.id,
        "platform_id": new.platform_id,
        "url": new.url,
        "number": new.number,
        "sorting": new.sorting,
        "is_open": new.is_open,
        "title": new.title,
        "title_key": title_key(new.title),
        "case_number": new.case_number,
    }


def _update(item: AgendaItem, publication: Publication, new: PublishedItem, *, moved: bool) -> list[str] | None:
    """Follows the newest publication. What changed, when the content did; None when it is the same."""
    if item.taken_down_at is not None:
        # The row follows its publication, so that its text is known and kept out of the next one too.
        item.publication_id, item.platform_id = publication.id, new.platform_id
        item.number, item.sorting, item.url, item.withdrawn_at = new.number, new.sorting, new.url, None
        return None
    newest = item.newest
    back = item.withdrawn_at is not None or is_scrubbed(item)
    for name, value in _pointing_to(publication, new).items():
        setattr(item, name, value)
    item.withdrawn_at = None
    if not back and not moved and content_hash(new) == newest.content_hash:
        # Same content, newer publication: old links die, so the revision in force points to the newest.
        for kept, fresh in zip(newest.attachments, new.attachments, strict=True):
            if kept.url != fresh.url:
                kept.fetch_id = None  # what lies at the new address may be another file under the same title
            kept.platform_id, kept.url = fresh.platform_id, fresh.url
        return None
    return ["published"] if back else [*changes_between(newest, new), *(["moved"] if moved else [])]


def _withdraw(
    session: Session,
    known: Sequence[AgendaItem],
    still_there: set[int],
    publication: Publication,
    seen_at: datetime,
) -> Iterator[AgendaItem]:
    """Marks and gives the items that their own paper no longer has.

    Only when the item stood in this very publication before, or in one that has left the site's list: an agenda that
    is listed beside a supplementary one or beside the minutes still speaks for its own items.
    """
    for item in known:
        if item.id in still_there or item.withdrawn_at is not None or item.taken_down_at is not None:
            continue
        home = session.get_one(Publication, item.publication_id)
        if home.id != publication.id and home.status not in GONE:
            continue
        item.withdrawn_at = seen_at
        yield item
