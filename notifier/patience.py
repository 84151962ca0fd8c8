"""Which immediate mails wait: not at night, not one after the other, not about everything.

Only the service waits (``notify(patient=True)``): it comes back in ten minutes and in the morning. Whoever runs one
round by hand or from a timer of their own gets its mails now, since nobody knows when the next one comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from config.clock import COPENHAGEN, local
from config.settings import Settings
from notifier.quiet import QuietHours, read_quiet_hours
from notifier.story import Story
from storage.base import Moment
from storage.models import JobRun, Match, Message, MessageEntry, MessageKind, Recipient

# What begins, or ends, so soon is told at any hour.
NEAR = timedelta(hours=48)
# A change of something told comes at most once in this time for each item; what happens in between is collected.
COOL_DOWN = timedelta(hours=24)
# More items in a day are no alerts any more: one mail shows the strongest, and says how to narrow the profile.
IMMEDIATE_A_DAY = 30
# A reading that was killed is not under way for ever.
AT_WORK_AT_MOST = timedelta(hours=3)


@dataclass(frozen=True)
class Patience:
    """``quiet``: when mails that can wait do; ``collect``: at most one immediate mail to a person in that time."""

    quiet: QuietHours | None = None
    collect: timedelta = timedelta()


AT_ONCE = Patience()

# Asked for every immediate mail: built once, since building it costs more than the answer.
_TOLD_SINCE = (
    select(MessageEntry.reasons)
    .join(Message, MessageEntry.message_id == Message.id)
    .where(
        Message.recipient_id == bindparam("recipient"),
        Message.kind == MessageKind.IMMEDIATE,
        Message.created_at >= bindparam("since", type_=Moment()),
    )
)


def patience_of(settings: Settings, *, patient: bool) -> Patience:
    """The settings' patience when ``patient``, else none."""
    if not patient:
        return AT_ONCE
    return Patience(read_quiet_hours(settings.quiet_hours), timedelta(minutes=settings.collect_minutes))


def is_near(story: Story, now: datetime) -> bool:
    """True when the meeting, or a deadline of the item, comes within two days."""
    meeting = story.item.meeting
    ends = [one.ends_at for one in story.deadlines]
    # A meeting known by its date alone may begin at any hour of it.
    starts = meeting.starts_at if meeting.time_known else meeting.starts_at + timedelta(days=1)
    return any(now < moment <= now + NEAR for moment in (starts, *ends))


def told_now(
    session: Session, recipient: Recipient, stories: Sequence[Story], patience: Patience, now: datetime
) -> tuple[list[Story], bool]:
    """(the stories of an immediate mail to be made now, whether they are too many for alerts).

    What is left out keeps waiting: it has no mark, so a later run finds it again.
    """
    ready = [story for story in stories if not _cooling(story, now)]
    if patience.quiet is not None and patience.quiet.over(now):
        ready = [story for story in ready if is_near(story, now)]
    if not ready or (patience.collect and _still_collecting(session, recipient, ready, patience.collect, now)):
        return [], False
    if _told_today(session, recipient, now) + len(ready) <= IMMEDIATE_A_DAY:
        return ready, False
    if session.scalar(select(Message.id).where(Message.key == broad_key(recipient, now))) is None:
        return ready, True
    return [story for story in ready if is_near(story, now)], False


def broad_key(recipient: Recipient, now: datetime) -> str:
    """The key of the one mail of a day that had too much to tell."""
    return f"immediate:{recipient.id}:{local(now).date().isoformat()}:many"


def _cooling(story: Story, now: datetime) -> bool:
    if story.changed_at is None or story.changed_at <= now - COOL_DOWN:
        return False
    # That the meeting has been moved helps nobody tomorrow.
    return not ("moved" in story.changes and is_near(story, now))


def _still_collecting(
    session: Session, recipient: Recipient, stories: Sequence[Story], collect: timedelta, now: datetime
) -> bool:
    """True after a mail to the same person, and while more may be found: at most ``collect`` from the first find."""
    last = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.recipient_id == recipient.id, Message.kind == MessageKind.IMMEDIATE
        )
    )
    if last is not None and last > now - collect:
        return True
    first = session.scalar(
        select(func.min(Match.found_at)).where(Match.revision_id.in_([story.revision.id for story in stories]))
    )
    return first is not None and first > now - collect and _reading_is_under_way(session, now)


def _reading_is_under_way(session: Session, now: datetime) -> bool:
    """Whether the last crawl or matching that was begun has not ended."""
    newest = select(func.max(JobRun.id)).where(JobRun.job.in_(("crawl", "match"))).group_by(JobRun.job)
    running = select(JobRun.id).where(
        JobRun.id.in_(newest), JobRun.finished_at.is_(None), JobRun.started_at > now - AT_WORK_AT_MOST
    )
    return session.scalar(running.limit(1)) is not None


def _told_today(session: Session, recipient: Recipient, now: datetime) -> int:
    midnight = datetime.combine(local(now).date(), time(), tzinfo=COPENHAGEN)
    rows = session.scalars(_TOLD_SINCE, {"recipient": recipient.id, "since": midnight})
    return sum(bool(reasons) for reasons in rows)
