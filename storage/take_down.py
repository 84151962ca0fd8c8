"""Takes an item's text away for good, and keeps the row that says that, when and why.

For what a municipality published by mistake. Nothing of it is left in this database: not in older revisions, papers
that no other item holds, the matcher's readings, finds, reports, or the bodies of mails. No later publication fills the
row again, since the item is recognised by a digest of its title.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, selectinload

from config.clock import local
from storage.archive import ask_for_archive
from storage.keys import is_guid, title_key
from storage.models import (
    AgendaItem,
    Analysis,
    AnnouncedCase,
    AnnouncedList,
    Attachment,
    AttachmentFetch,
    Case,
    Document,
    DocumentArrival,
    Match,
    Message,
    MessageEntry,
    MessageKind,
    MessageStatus,
    MissedReport,
    NoticeEntry,
    Publication,
    Reminder,
    Report,
    Revision,
    Section,
    Subscription,
)
from storage.published import PublishedItem
from storage.vanish import GONE

TITLE = "Punktet er taget ned"
SUBJECT = "(Emnet er fjernet: et punkt i mailen er taget ned)"
_MARK = "taken down:"


@dataclass
class TakenDown:
    """What went with the text. ``message_ids``: mails sent before, whose copies elsewhere are to go too."""

    queued: int = 0
    message_ids: list[str] = field(default_factory=list)
    documents: int = 0


def take_down(session: Session, item: AgendaItem, reason: str, moment: datetime) -> TakenDown:
    """Removes the item's text. The caller holds the lock ``notify``: a mail on its way out must not slip through."""
    done = TakenDown()
    revisions = list(session.scalars(select(Revision.id).where(Revision.item_id == item.id)))
    _take_mails(session, item, revisions, done)
    for kind in (Analysis, Match, DocumentArrival, AnnouncedList, Section):
        session.execute(delete(kind).where(kind.revision_id.in_(revisions)))
    session.execute(delete(Report).where(Report.item_id == item.id))
    session.execute(delete(AnnouncedCase).where(AnnouncedCase.item_id == item.id))
    session.execute(update(MissedReport).where(MissedReport.item_id == item.id).values(said=[]))
    done.documents = _take_papers(session, revisions)
    key = item.title_key if item.title_key.startswith(_MARK) else digest_of(item.title_key)
    session.execute(
        update(Revision).where(Revision.id.in_(revisions)).values(title=TITLE, content_hash="", meaning_hash="")
    )
    _take_case(session, item, key)
    item.title, item.title_key = TITLE, key
    item.taken_down_at, item.taken_down_reason = item.taken_down_at or moment, reason
    session.flush()
    session.expire_all()
    return done


def put_back(session: Session, item: AgendaItem, moment: datetime) -> None:
    """Lets the next crawl read the item again; of an old meeting it is asked for as archive."""
    item.taken_down_at, item.taken_down_reason = None, None
    meeting = item.meeting
    session.execute(
        update(Publication)
        .where(Publication.meeting_id == meeting.id, Publication.status.not_in(GONE))
        .values(fingerprint="", next_attempt_at=None)
    )
    day = local(meeting.starts_at).date()
    if meeting.starts_at < moment - timedelta(days=29):
        ask_for_archive(session, [meeting.committee.municipality_code], day, day + timedelta(days=1), moment)


def is_scrubbed(item: AgendaItem) -> bool:
    """True for an item whose text was taken away, also after ``put_back`` until it is read again."""
    return item.title_key.startswith(_MARK)


def is_same(item: AgendaItem, published: PublishedItem) -> bool:
    """Whether a published item is the one whose text was taken away: by its title's digest, its number and case
    number, or an id that no other item can have.
    """
    if digest_of(title_key(published.title)) == item.title_key:
        return True
    same_case = item.case_number and (item.number, item.case_number) == (published.number, published.case_number)
    return bool(same_case or (is_guid(item.platform_id) and item.platform_id == published.platform_id))


def digest_of(key: str) -> str:
    """A folded title as it is remembered of an item that was taken down."""
    return _MARK + hashlib.sha256(key.encode()).hexdigest()


def _take_mails(session: Session, item: AgendaItem, revisions: Sequence[int], done: TakenDown) -> None:
    """A mail that waits is dropped, and composed anew without the item; of one that went out the body is emptied."""
    told: ColumnElement[bool] = exists().where(
        MessageEntry.message_id == Message.id, MessageEntry.revision_id.in_(revisions)
    )
    noticed = exists().where(
        NoticeEntry.message_id == Message.id,
        or_(
            NoticeEntry.report_id.in_(select(Report.id).where(Report.item_id == item.id)),
            NoticeEntry.announced_case_id.in_(
                select(AnnouncedCase.id)
                .outerjoin(AnnouncedList, AnnouncedCase.list_id == AnnouncedList.id)
                .where(or_(AnnouncedCase.item_id == item.id, AnnouncedList.revision_id.in_(revisions)))
            ),
        ),
    )
    recalled = exists().where(Reminder.message_id == Message.id, Reminder.item_id == item.id)
    quoting = or_(told, noticed, recalled, _lists_its_deadline(item, revisions))
    for message in session.scalars(select(Message).where(quoting).options(selectinload(Message.entries))):
        if message.status is MessageStatus.QUEUED:
            session.delete(message)
            done.queued += 1
            continue
        message.mime, message.subject = None, SUBJECT
        done.message_ids.append(message.message_id)
        for entry in message.entries:
            if entry.revision_id in revisions:
                entry.reasons = [kept | {"said": []} for kept in entry.reasons]
    session.flush()


def _lists_its_deadline(item: AgendaItem, revisions: Sequence[int]) -> ColumnElement[bool]:
    """A consultant's week names items with a deadline ahead, whenever they were told: all of those weeks are taken."""
    return and_(
        Message.kind == MessageKind.CONSULTANT_WEEKLY,
        Message.created_at >= item.first_seen_at,
        exists().where(Analysis.revision_id.in_(revisions), Analysis.last_deadline.is_not(None)),
        exists().where(
            Subscription.recipient_id == Message.recipient_id,
            Subscription.municipality_code == item.meeting.committee.municipality_code,
        ),
    )


def _take_papers(session: Session, revisions: Sequence[int]) -> int:
    """Removes the papers and, where no other item holds them, their text and their place in the queue."""
    mine = Attachment.revision_id.in_(revisions)
    documents = {*session.scalars(select(Attachment.document_id).where(mine, Attachment.document_id.is_not(None)))}
    fetches = {*session.scalars(select(Attachment.fetch_id).where(mine, Attachment.fetch_id.is_not(None)))}
    session.execute(delete(Attachment).where(mine))
    shared_fetches = {*session.scalars(select(Attachment.fetch_id).where(Attachment.fetch_id.in_(fetches)))}
    session.execute(delete(AttachmentFetch).where(AttachmentFetch.id.in_(fetches - shared_fetches)))
    shared = {*session.scalars(select(Attachment.document_id).where(Attachment.document_id.in_(documents)))}
    session.execute(delete(Document).where(Document.id.in_(documents - shared)))
    return len(documents - shared)


def _take_case(session: Session, item: AgendaItem, key: str) -> None:
    """The case is called by the title of another of its items, or by none."""
    if item.case_id is None:
        return
    case = session.get_one(Case, item.case_id)
    other = session.scalar(
        select(AgendaItem)
        .where(AgendaItem.case_id == case.id, AgendaItem.id != item.id, AgendaItem.taken_down_at.is_(None))
        .order_by(AgendaItem.id)
        .limit(1)
    )
    case.title = other.title if other else TITLE
    if other is None and _MARK not in case.key:
        case.key = f"{case.key.partition('|')[0]}|{key}"
