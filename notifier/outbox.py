"""The outbox: a mail and its marks are written together, or not at all."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.message import Letter, Sender, compose, message_id
from notifier.story import Story
from storage.models import Message, MessageEntry, MessageStatus


def already_queued(session: Session, key: str) -> bool:
    """True when a mail with this key was ever made."""
    return session.scalar(select(Message.id).where(Message.key == key)) is not None


def put(session: Session, letter: Letter, sender: Sender, now: datetime) -> Message:
    """Adds the mail with the marks that its stories are taken.

    Raises ``sqlalchemy.exc.IntegrityError`` when another process was first with the mail or one of its stories: the
    caller's transaction must then be given up, and nothing is lost, since the other one tells it.
    """
    row = Message(
        recipient_id=letter.recipient.id,
        kind=letter.kind,
        key=letter.key,
        message_id=message_id(letter.key, letter.recipient, sender.host),
        subject=letter.words.subject,
        mime=compose(letter, sender, now).as_bytes(),
        subscription_ids=sorted(one.id for one in letter.subscriptions),
        status=MessageStatus.QUEUED,
        attempts=0,
        next_attempt_at=now,
        created_at=now,
    )
    row.entries = [
        entry
        for stories, shown in ((letter.shown, True), (letter.counted, False))
        for story in stories
        for entry in _marks(letter, story, shown=shown)
    ]
    session.add(row)
    session.flush()
    return row


def _marks(letter: Letter, story: Story, *, shown: bool) -> list[MessageEntry]:
    told = MessageEntry(
        recipient_id=letter.recipient.id,
        revision_id=story.revision.id,
        reasons=[why.as_kept(shown=shown) for why in story.whys],
    )
    covered = [
        MessageEntry(recipient_id=letter.recipient.id, revision_id=revision_id, reasons=[])
        for revision_id in story.covers
    ]
    return [told, *covered]
