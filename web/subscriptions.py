"""What a reader can say on the pages besides starting and ending. Doing the same thing twice changes nothing."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.learning import subjects_in
from storage.models import (
    Association,
    Feedback,
    Frequency,
    HandledDeadline,
    Match,
    Profile,
    Recipient,
    Revision,
    Role,
    Subscription,
    Verdict,
)
from web.params import clean


def set_frequency(subscription: Subscription, frequency: Frequency) -> None:
    """How often an association's mails come. A consultant's digest is weekly."""
    if subscription.role is not Role.CONSULTANT:
        subscription.frequency = frequency


def set_digest(subscription: Subscription, weekday: int, hour: int, length: str) -> None:
    """When digests come and how long they are (``kort`` or ``fuld``); -1 or "" leaves a thing as it is."""
    subscription.weekday = weekday if weekday >= 0 else subscription.weekday
    subscription.hour = hour if hour >= 0 else subscription.hour
    subscription.compact = {"kort": True, "fuld": False}.get(length, subscription.compact)


def rename(recipient: Recipient, name: str) -> None:
    """The name that mails greet; control characters and line breaks become blanks, 100 characters at most."""
    recipient.name = clean(name)


def judge(session: Session, association_id: int, item_id: int, verdict: Verdict, now: datetime) -> None:
    """Keeps an association's verdict on an item; a later one replaces an earlier one, and counts again."""
    given = _feedback(session, association_id, item_id)
    if given is None:
        about = _found_for(session, association_id, item_id)
        new = Feedback(association_id=association_id, item_id=item_id, verdict=verdict, about=about, given_at=now)
        # A second click at the same moment may have been first.
        with suppress(IntegrityError), session.begin_nested():
            session.add(new)
        given = _feedback(session, association_id, item_id)
    if given is not None and (given.verdict is not verdict or given.set_aside_at is not None):
        given.verdict, given.given_at, given.set_aside_at = verdict, now, None


def set_aside(session: Session, association_id: int, item_id: int | None, at: datetime | None) -> None:
    """From now on an answer of the association does not count (``at``), or counts again (None).

    ``item_id`` None: all of its answers.
    """
    query = select(Feedback).where(Feedback.association_id == association_id)
    for one in session.scalars(query if item_id is None else query.where(Feedback.item_id == item_id)):
        one.set_aside_at = at and (one.set_aside_at or at)


def _found_for(session: Session, association_id: int, item_id: int) -> list[str]:
    """The subjects of the newest match of the association with the item; none when it only follows the case."""
    reasons = session.scalar(
        select(Match.reasons)
        .join(Profile, Profile.id == Match.profile_id)
        .join(Revision, Revision.id == Match.revision_id)
        .where(Profile.association_id == association_id, Revision.item_id == item_id)
        .order_by(Match.current.desc(), Revision.number.desc())
        .limit(1)
    )
    return subjects_in(reasons or ())


def verdict_of(session: Session, association_id: int, item_id: int) -> Verdict | None:
    """The verdict given so far."""
    given = _feedback(session, association_id, item_id)
    return given.verdict if given else None


def _feedback(session: Session, association_id: int, item_id: int) -> Feedback | None:
    return session.scalar(
        select(Feedback).where(Feedback.association_id == association_id, Feedback.item_id == item_id)
    )


def is_handled(session: Session, associations: Sequence[Association], item_id: int, due_on: date) -> bool:
    """True when all of the associations have said that the deadline is dealt with."""
    known = session.scalars(
        select(HandledDeadline.association_id).where(
            HandledDeadline.association_id.in_([one.id for one in associations]),
            HandledDeadline.item_id == item_id,
            HandledDeadline.due_on == due_on,
        )
    )
    return {one.id for one in associations} <= {*known}


def handle_deadline(session: Session, association_id: int, item_id: int, due_on: date, now: datetime) -> None:
    """No more reminders of that day to anybody of the association."""
    row = HandledDeadline(association_id=association_id, item_id=item_id, due_on=due_on, handled_at=now)
    # Said before, or by somebody else of the association in the same moment.
    with suppress(IntegrityError), session.begin_nested():
        session.add(row)
