"""Which letter a recipient gets now, decided on what the database holds inside the letter's own transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from notifier.coming_deadlines import coming_deadlines
from notifier.desk import Desk
from notifier.digest import (
    Digest,
    association_letter,
    consultant_letter,
    digest_key,
    period_of,
    told_to_associations,
)
from notifier.due import Due, long_silent
from notifier.letters import DIGEST_AT_MOST, immediate_letter
from notifier.message import Letter
from notifier.notices import Notices, association_notices, consultant_notices
from notifier.outbox import already_queued, unused_key
from notifier.patience import broad_key, told_now
from notifier.profile_letter import profile_letter
from notifier.reminder_letter import reminder_letter
from notifier.reminders import due_reminders
from notifier.silent import silent_associations
from notifier.slots import Slot
from notifier.story import Story
from notifier.subscription_letters import closed_letter, confirm_letter, known_letter
from notifier.told_meanwhile import told_meanwhile
from notifier.waiting import News, consultant_stories, watchers_news
from storage.models import (
    NEVER_ARRIVED,
    AgendaItem,
    Association,
    Committee,
    Frequency,
    Meeting,
    Message,
    MessageEntry,
    MessageKind,
    Recipient,
    Revision,
    Role,
    Subscription,
    SubscriptionStatus,
)
from storage.subscription_life import ASKING, LIVING


def confirmation(desk: Desk, number: int, session: Session) -> Letter | None:
    """The mail that a subscription waits for: to confirm it, to take over a watch, or to learn that it is active."""
    subscription = session.get(Subscription, number)
    if subscription is None or subscription.status not in {SubscriptionStatus.PENDING, *LIVING}:
        return None
    asking = subscription.status is SubscriptionStatus.PENDING or subscription.takes_over
    letter = (confirm_letter if asking else known_letter)(subscription, desk.sender, desk.now)
    subscription.invited_at = desk.now
    return None if already_queued(session, letter.key) else letter


def goodbye(desk: Desk, number: int, session: Session) -> Letter | None:
    """The one mail that says that an association has closed."""
    subscription = session.get(Subscription, number)
    if subscription is None or subscription.association is None or subscription.association.closed_at is None:
        return None
    letter = closed_letter(subscription, subscription.association.closed_at, desk.sender)
    return None if already_queued(session, letter.key) else letter


class _Readers:
    """What waits for the readers of one transaction: loaded for all of them together, and anew for who comes again."""

    def __init__(self, session: Session, recipients: Sequence[Recipient], now: datetime) -> None:
        self._session, self._now = session, now
        self._news = watchers_news(session, recipients, now)

    def news(self, recipient: Recipient) -> News:
        """As it stands after the letters that were made before."""
        return self._news.pop(recipient.id, None) or watchers_news(self._session, [recipient], self._now)[recipient.id]


def catch_up(desk: Desk, numbers: Sequence[int], session: Session) -> Iterator[Letter]:
    """What still lies ahead after a pause, in one mail whatever the frequency; none when there is nothing."""
    back = [one for one in _subscriptions(session, numbers) if one.returned_at and not one.recipient.bounced]
    readers = _Readers(session, [one.recipient for one in back], desk.now)
    for subscription in back:
        slot = Slot(f"{subscription.returned_at:%Y-%m-%dT%H%M}", subscription.returned_at or desk.now)
        due = Due(subscription.id, MessageKind.CATCH_UP, slot, digest_key(MessageKind.CATCH_UP, subscription, slot))
        subscription.returned_at = None
        letter = None if already_queued(session, due.key) else _associations(session, desk, due, subscription, readers)
        if letter is not None and letter.shown:
            yield letter


def at_once(desk: Desk, numbers: Sequence[int], session: Session) -> Iterator[Letter]:
    """Recipients' immediate mails, when something still waits that cannot wait longer."""
    query = select(Recipient).where(Recipient.id.in_(numbers), Recipient.bounced.is_(False)).order_by(Recipient.id)
    recipients = session.scalars(query).all()
    readers = _Readers(session, recipients, desk.now)
    for recipient in recipients:
        news = readers.news(recipient)
        waiting = [story for story in news.stories if story.at_once]
        stories, many = told_now(session, recipient, waiting, desk.patience, desk.now)
        if stories:
            key = broad_key(recipient, desk.now) if many else ""
            letter = immediate_letter(recipient, news.subscriptions, stories, desk.sender, desk.now, broad_key=key)
            yield replace(letter, key=unused_key(session, letter.key))


def profile_trouble(desk: Desk, number: int, session: Session) -> Letter | None:
    """The one mail that says that a profile cannot find anything."""
    subscription = session.get(Subscription, number)
    letter = profile_letter(session, subscription, desk.sender) if subscription is not None else None
    return None if letter is None or already_queued(session, letter.key) else letter


def remind(desk: Desk, number: int, session: Session) -> Letter | None:
    """A recipient's reminders of deadlines. They come by day, but do not wait for the end of a holiday."""
    recipient = session.get(Recipient, number)
    quiet = desk.patience.quiet
    if recipient is None or (quiet is not None and quiet.at_night(desk.now)):
        return None
    dues = due_reminders(session, desk.now).get(number, [])
    return reminder_letter(session, recipient, dues, desk.sender, desk.now) if dues else None


def digest(desk: Desk, dues: Sequence[Due], session: Session) -> Iterator[Letter]:
    """The digests that are still due and worth sending."""
    found = {one.id: one for one in _subscriptions(session, [due.subscription_id for due in dues])}
    listening = {
        number: one
        for number, one in found.items()
        if one.status is SubscriptionStatus.CONFIRMED and not one.recipient.bounced
    }
    people = {one.recipient_id: one.recipient for one in listening.values() if one.role is not Role.CONSULTANT}
    readers = _Readers(session, list(people.values()), desk.now)
    for due in dues:
        subscription = listening.get(due.subscription_id)
        if subscription is None or already_queued(session, due.key):
            continue
        if due.kind is MessageKind.CONSULTANT_WEEKLY:
            yield _consultants(session, desk, due, subscription)
        elif letter := _associations(session, desk, due, subscription, readers):
            yield letter


def _subscriptions(session: Session, numbers: Sequence[int]) -> Sequence[Subscription]:
    query = (
        select(Subscription)
        .where(Subscription.id.in_(numbers))
        .options(
            joinedload(Subscription.recipient),
            joinedload(Subscription.association).joinedload(Association.profile),
        )
        .order_by(Subscription.id)
    )
    return session.scalars(query).all()


def _associations(
    session: Session, desk: Desk, due: Due, subscription: Subscription, readers: _Readers
) -> Letter | None:
    waiting = readers.news(subscription.recipient).stories
    # What an immediate mail will tell is not for a digest: it was held back, or came in since they were queued.
    later = due.kind is not MessageKind.CATCH_UP
    stories = [story for story in waiting if story.concerns(subscription) and not (later and story.at_once)]
    if due.kind is MessageKind.WEEKLY and subscription.frequency is Frequency.DAILY and stories:
        return None  # they stand in the daily digest
    if _for_the_next(due, subscription, stories):
        return None
    notices = association_notices(session, subscription, desk.now) if due.kind is MessageKind.WEEKLY else Notices()
    waits = due.kind is not MessageKind.WEEKLY or subscription.frequency is not Frequency.WEEKLY
    if (
        waits
        and not stories
        and not notices
        and not (due.kind is MessageKind.WEEKLY and _silent(session, subscription, desk.now))
    ):
        return None
    profile = subscription.association.profile if subscription.association else None
    content = _content(
        session, desk, due, subscription, stories, profile.municipality_codes if profile else [], notices
    )
    return association_letter(content, desk.sender, desk.now)


def _for_the_next(due: Due, subscription: Subscription, stories: Sequence[Story]) -> bool:
    """True when all of it came after the hour of a digest that is made only when something waits: digests keep their
    hour, and a slot that went by empty is not filled later."""
    always = due.forced or due.kind is MessageKind.CATCH_UP
    always = always or (due.kind is MessageKind.WEEKLY and subscription.frequency is Frequency.WEEKLY)
    return not always and bool(stories) and all(story.revision.seen_at > due.slot.due_at for story in stories)


def _consultants(session: Session, desk: Desk, due: Due, subscription: Subscription) -> Letter:
    stories = consultant_stories(session, subscription)
    told = told_to_associations(session, stories, desk.now)
    notices = consultant_notices(session, subscription, desk.now)
    code = subscription.municipality_code or 0
    content = _content(session, desk, due, subscription, stories, [code], notices)
    lines, more = coming_deadlines(session, code, desk.sender.links, desk.now)
    silent = silent_associations(session, code, desk.now)
    shown = [story.item.id for story in stories[:DIGEST_AT_MOST]]
    also, more_told = told_meanwhile(session, subscription, shown, desk.sender.links, desk.now)
    content = replace(content, deadlines=lines, more_deadlines=more, silent=silent, told=also, more_told=more_told)
    return consultant_letter(content, told, desk.sender, desk.now)


def _content(
    session: Session,
    desk: Desk,
    due: Due,
    subscription: Subscription,
    stories: list[Story],
    codes: Sequence[int],
    notices: Notices,
) -> Digest:
    return Digest(
        due.kind,
        due.key,
        period_of(due.kind, due.slot),
        subscription,
        stories,
        desk.receipt(session, codes),
        _elsewhere(session, due, subscription),
        notices,
    )


def _silent(session: Session, subscription: Subscription, now: datetime) -> bool:
    last = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.recipient_id == subscription.recipient_id, Message.kind.not_in((*ASKING, MessageKind.OPERATOR))
        )
    )
    return long_silent(subscription, last, now)


def _elsewhere(session: Session, due: Due, subscription: Subscription) -> int:
    """How many items of this digest's kind the reader was told of in other mails of the period. Only counted."""
    length = timedelta(days=1 if due.kind is MessageKind.DAILY else 7)
    rows = session.execute(
        select(Revision.item_id, MessageEntry.reasons, Committee.municipality_code)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(
            Message.recipient_id == subscription.recipient_id,
            Message.created_at >= due.slot.due_at - length,
            Message.status.not_in(NEVER_ARRIVED),
        )
    )
    return len({item_id for item_id, reasons, code in rows if _belongs(subscription, reasons, code)})


def _belongs(subscription: Subscription, reasons: list[dict[str, object]], code: int) -> bool:
    if subscription.role is Role.CONSULTANT:
        return bool(reasons) and code == subscription.municipality_code
    return any(kept.get("association_id") == subscription.association_id for kept in reasons)
