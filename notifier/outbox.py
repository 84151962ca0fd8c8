"""The outbox: a mail and its marks are written together, or not at all."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notifier.eml import file_name
from notifier.message import Letter, Sender, compose, message_id
from notifier.story import Story
from notifier.undelivered import told_anew
from storage.engine import reading, transaction
from storage.models import (
    NEVER_ARRIVED,
    AttemptOutcome,
    Message,
    MessageAttempt,
    MessageEntry,
    MessageStatus,
    NoticeEntry,
    Reminder,
    UnmadeMail,
)

BODIES_KEPT = timedelta(days=30)
AT_A_TIME = 500


def already_queued(session: Session, key: str) -> bool:
    """True when a mail with this key was ever made."""
    return session.scalar(select(Message.id).where(Message.key == key)) is not None


def unused_key(session: Session, key: str) -> str:
    """``key``, or ``key:2`` and so on when mails with it were made before: they were lost, and it is told anew."""
    number = 1
    while already_queued(session, key if number == 1 else f"{key}:{number}"):
        number += 1
    return key if number == 1 else f"{key}:{number}"


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
    session.add_all(_other_marks(letter, row))
    session.flush()
    return row


def ask_again(session: Session, mail: Message, now: datetime) -> str:
    """Queues a mail that never arrived once more; "" or why it cannot be."""
    if mail.status not in NEVER_ARRIVED:
        return "Mailen venter allerede." if mail.status is MessageStatus.QUEUED else "Mailen er sendt."
    if mail.mime is None:
        return "Mailens indhold er slettet, som det bliver efter 30 dage."
    if told_anew(mail):
        return "Det, der stadig er nyt i mailen, kommer med i en ny."
    if mail.recipient.bounced:
        return "Adressen tager ikke imod mail: ret den, eller brug `dagsordenvagt bounces clear`."
    mail.status, mail.attempts, mail.next_attempt_at, mail.last_error = MessageStatus.QUEUED, 0, now, None
    session.add(MessageAttempt(message_id=mail.id, at=now, outcome=AttemptOutcome.ASKED_AGAIN))
    return ""


def empty_bodies(url: str, now: datetime) -> int:
    """Empties the content of mails older than 30 days and forgets old unmade ones; returns how many were emptied.

    A queued mail keeps its content: it still has to be sent.
    """
    old = (Message.created_at < now - BODIES_KEPT, Message.mime.is_not(None), Message.status != MessageStatus.QUEUED)
    emptied = 0
    with transaction(url) as session:
        session.execute(delete(UnmadeMail).where(UnmadeMail.last_at < now - BODIES_KEPT))
    while True:
        # In portions, so that no other writer waits long.
        with transaction(url) as session:
            part = list(session.scalars(select(Message.id).where(*old).limit(AT_A_TIME)))
            session.execute(update(Message).where(Message.id.in_(part)).values(mime=None))
        emptied += len(part)
        if len(part) < AT_A_TIME:
            return emptied


def forget_files(url: str, folder: Path) -> int:
    """Removes the ``.eml`` files of mails whose content is kept no longer, or that were erased; returns how many.

    For an installation without a mail server: what is written there is a mail's content too.
    """
    # Listed before the database is asked: a file that is written in between stands in neither.
    found = list(folder.glob("*.eml"))
    if not found:
        return 0
    with reading(url) as session:
        kept = {file_name(one) for one in session.scalars(select(Message.message_id).where(Message.mime.is_not(None)))}
    gone = [path for path in found if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


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


def _other_marks(letter: Letter, row: Message) -> Iterator[NoticeEntry | Reminder]:
    """The marks of what a mail tells besides agenda items: coming cases, reports, deadlines that come near."""
    for case_id in letter.notices.case_ids:
        yield NoticeEntry(message_id=row.id, recipient_id=row.recipient_id, announced_case_id=case_id)
    for report_id in letter.notices.report_ids:
        yield NoticeEntry(message_id=row.id, recipient_id=row.recipient_id, report_id=report_id)
    for one in letter.recalls:
        yield Reminder(
            message_id=row.id,
            recipient_id=row.recipient_id,
            item_id=one.item_id,
            kind=one.kind,
            due_on=one.due_on,
            days_before=one.days_before,
        )
