"""Papers that were put up anew under the same title: another text under an unchanged name is a change of its item."""

import hashlib
import re
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storage.models import Attachment, Document, DocumentArrival, DocumentStatus, Publication, Revision
from storage.revise import NewRevisions

CHANGED = "attachment_changed"
# The same text made into a file again differs in a date of printing or a page number, not in words.
FEWEST_WORDS = 5
# Papers that are exchanged together are fetched one by one: they are one change.
TOGETHER = timedelta(hours=6)
_WORD = re.compile(r"[^\W\d_]{2,}")


def hand_on(session: Session, paper: Attachment, document_id: int, moment: datetime) -> None:
    """Gives a paper its document, and its item's newest revision something to be looked at.

    A revision whose paper had another text keeps it; the item gets a new revision, which holds the new one.
    """
    if paper.document_id == document_id:
        return
    revision = session.get_one(Revision, paper.revision_id)
    if _says_something_else(session, paper.document_id, document_id):
        if revision.id != revision.item.newest.id or revision.item.withdrawn_at is not None:
            return
        if revision.changes != [CHANGED] or revision.seen_at < moment - TOGETHER:
            revision = _revised(session, revision, paper.position, document_id, moment)
    if revision.id == paper.revision_id:
        paper.document_id = document_id
    session.add(DocumentArrival(revision_id=revision.id))


def _says_something_else(session: Session, before: int | None, after: int) -> bool:
    old, new = (session.get(Document, one) if one else None for one in (before, after))
    if old is None or new is None or {old.status, new.status} != {DocumentStatus.READ}:
        return False
    ours, theirs = (Counter(_WORD.findall((one.text or "").casefold())) for one in (old, new))
    return ((ours - theirs) + (theirs - ours)).total() >= FEWEST_WORDS


def _revised(session: Session, last: Revision, position: int, document_id: int, moment: datetime) -> Revision:
    session.flush()  # the paper may have got its place in the queue a moment ago
    publication = session.get_one(Publication, last.publication_id)
    item, held = last.item, {one.position: (one.fetch_id, one.document_id) for one in last.attachments}
    meaning = hashlib.sha256(f"{last.meaning_hash} {position} {document_id}".encode()).hexdigest()
    revisions = NewRevisions(session, publication, moment, backfill=last.backfill)
    revisions.add_same(item, CHANGED, meaning_hash=meaning)
    revisions.write()
    newest = item.newest
    for paper in newest.attachments:
        fetch_id, known = held[paper.position]
        paper.fetch_id, paper.document_id = fetch_id, document_id if paper.position == position else known
    return newest
