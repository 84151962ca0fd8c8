"""What waits to be told, as queries over what is stored: no time window, no cursor that could be lost.

The long queries are built once a process: building one costs more than running it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.sql.elements import ColumnElement

from notifier.ears import all_hearing, ears_of
from notifier.facts import Reader, in_parts, mailable, stories_for
from notifier.story import Ear, Story
from storage.base import Moment
from storage.keep_watch import listening
from storage.models import (
    AgendaItem,
    Association,
    Case,
    Committee,
    FollowedCase,
    Frequency,
    Grade,
    Match,
    MatchOrigin,
    Meeting,
    MessageEntry,
    Profile,
    Recipient,
    Revision,
    Role,
    Subscription,
)

# Told of a case once, a reader hears that it has come before another committee until so long after that meeting: a
# weekly digest may be that late, and older ones are history.
STEP_IS_NEWS = timedelta(days=14)


def recipients_with_news(session: Session, now: datetime) -> list[int]:
    """The recipients whose immediate subscriptions have something waiting, by id."""
    at_once = and_(Subscription.frequency == Frequency.IMMEDIATE, Subscription.role != Role.CONSULTANT)
    news = _news(Subscription.recipient_id).where(at_once, _strong_by_now())
    steps = _later_steps(MessageEntry.recipient_id).where(
        MessageEntry.recipient_id.in_(select(Subscription.recipient_id).where(at_once, listening()))
    )
    followed = _followed(Subscription.recipient_id).where(at_once)
    taken_over = _steps_taken_over(Subscription.recipient_id).where(at_once)
    queries = (news, steps, followed, taken_over, _moved_on(now, Subscription.recipient_id).where(at_once))
    return sorted({int(row) for query in queries for row in session.scalars(query.distinct())})


def recipients_waiting(session: Session, now: datetime) -> set[int]:
    """The recipients for whom anything at all waits: who is not among them needs no look."""
    queries = (
        _news(Subscription.recipient_id),
        _later_steps(MessageEntry.recipient_id),
        _followed(Subscription.recipient_id),
        _steps_taken_over(Subscription.recipient_id),
        _moved_on(now, Subscription.recipient_id),
    )
    return {int(row) for query in queries for row in session.scalars(query.distinct())}


@dataclass(frozen=True)
class News:
    """The subscriptions by which a recipient hears of associations, and what waits for them, strongest first."""

    subscriptions: Sequence[Subscription] = ()
    stories: Sequence[Story] = ()


def watchers_news(session: Session, recipients: Sequence[Recipient], now: datetime) -> dict[int, News]:
    """What waits for people who hear of associations, by recipient id. It costs few queries for all of them."""
    people = {one.id: one for one in recipients}
    subscriptions: dict[int, list[Subscription]] = {number: [] for number in people}
    for one in all_hearing(session, people):
        subscriptions[one.recipient_id].append(one)
    ears: dict[int, list[Ear]] = defaultdict(list)
    for ear in ears_of(session, [one for several in subscriptions.values() for one in several]):
        ears[ear.subscription.recipient_id].append(ear)
    items = _items_waiting(session, people, now)
    stories = stories_for(session, [Reader(one, ears[number], items[number]) for number, one in people.items()])
    return {number: News(subscriptions[number], stories[number]) for number in people}


def _items_waiting(session: Session, recipients: Collection[int], now: datetime) -> dict[int, set[int]]:
    """By recipient id: the items that may have something to tell. ``choose`` looks closely."""
    mine = Subscription.recipient_id.in_(recipients)
    queries = (
        _news(Subscription.recipient_id, Revision.item_id).where(mine, Subscription.role != Role.CONSULTANT),
        _later_steps(MessageEntry.recipient_id, Revision.item_id).where(MessageEntry.recipient_id.in_(recipients)),
        _followed(Subscription.recipient_id, AgendaItem.id).where(mine),
        _steps_taken_over(Subscription.recipient_id, Revision.item_id).where(mine),
        _moved_on(now, Subscription.recipient_id, Revision.item_id).where(mine),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for query in queries:
        for recipient_id, item_id in session.execute(query.distinct()):
            found[recipient_id].add(item_id)
    return found


def consultant_stories(session: Session, subscription: Subscription) -> list[Story]:
    """Everything that waits for a consultant in one municipality, strongest first."""
    recipient, code = subscription.recipient, subscription.municipality_code
    here = (
        select(AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(Committee.municipality_code == code)
    )
    items = {
        *session.scalars(_found_here(subscription)),
        *session.scalars(
            _later_steps(Revision.item_id).where(
                MessageEntry.recipient_id == recipient.id, Revision.item_id.in_(here.scalar_subquery())
            )
        ),
    }
    profiles: dict[int, Profile] = {}
    for part in in_parts(items):
        found = session.scalars(
            select(Profile)
            .join(Match, Match.profile_id == Profile.id)
            .join(Revision, Match.revision_id == Revision.id)
            .outerjoin(Association, Profile.association_id == Association.id)
            .where(Revision.item_id.in_(part), mailable(), Association.closed_at.is_(None))
            .options(joinedload(Profile.association))
        ).unique()
        profiles |= {profile.id: profile for profile in found}
    ears = [Ear(subscription, profiles[one]) for one in sorted(profiles)]
    return stories_for(session, [Reader(recipient, ears, items)])[recipient.id]


def _ahead() -> ColumnElement[bool]:
    # A meeting known by its date alone counts to the end of that day; choose() looks closely.
    return and_(
        Revision.backfill.is_(False),
        or_(Revision.seen_at < Meeting.starts_at, Meeting.time_known.is_(False)),
        or_(Match.origin == MatchOrigin.PUBLISHED, Meeting.starts_at > Profile.changed_at),
    )


def _strong_by_now() -> ColumnElement[bool]:
    """The profile finds the item strongly, in this revision or another: minutes may say what the agenda did not."""
    match, revision = aliased(Match), aliased(Revision)
    return exists(
        select(match.id)
        .join(revision, match.revision_id == revision.id)
        .where(
            match.profile_id == Match.profile_id,
            match.current.is_(True),
            match.grade == Grade.STRONG,
            revision.item_id == Revision.item_id,
        )
        .correlate(Match, Revision)
    )


def _untold(recipient_id: Any) -> ColumnElement[bool]:
    """The recipient was never told of any revision of the item."""
    other = aliased(Revision)
    return ~exists(
        select(MessageEntry.id)
        .join(other, MessageEntry.revision_id == other.id)
        .where(MessageEntry.recipient_id == recipient_id, other.item_id == Revision.item_id)
        .correlate(Subscription, Revision)
    )


@lru_cache(maxsize=8)
def _news(*what: Any) -> Select[Any]:
    """Matches of watchers' profiles in items that lay ahead and that the recipient was never told of."""
    return (
        select(*what)
        .select_from(Match)
        .join(Profile, Match.profile_id == Profile.id)
        .join(Association, Profile.association_id == Association.id)
        .join(Subscription, Subscription.association_id == Association.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(Revision, Match.revision_id == Revision.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .where(
            listening(),
            Recipient.bounced.is_(False),
            Association.closed_at.is_(None),
            AgendaItem.withdrawn_at.is_(None),
            mailable(),
            _ahead(),
            or_(
                Meeting.starts_at > func.coalesce(Subscription.duty_since, Subscription.confirmed_at),
                Meeting.time_known.is_(False),
            ),
            _untold(Subscription.recipient_id),
        )
    )


def _found_here(subscription: Subscription) -> Select[Any]:
    """As ``_news``, for a consultant: whatever any profile found in the municipality."""
    other = aliased(Revision)
    told = (
        select(other.item_id)
        .join(MessageEntry, MessageEntry.revision_id == other.id)
        .where(MessageEntry.recipient_id == subscription.recipient_id)
    )
    return (
        select(Revision.item_id)
        .select_from(Match)
        .join(Profile, Match.profile_id == Profile.id)
        .join(Revision, Match.revision_id == Revision.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(
            Committee.municipality_code == subscription.municipality_code,
            AgendaItem.withdrawn_at.is_(None),
            mailable(),
            _ahead(),
            or_(Meeting.starts_at > subscription.confirmed_at, Meeting.time_known.is_(False)),
            Revision.item_id.not_in(told),
        )
    )


@lru_cache(maxsize=8)
def _later_steps(*what: Any) -> Select[Any]:
    """Items told before that have a newer material revision which was not told yet."""
    newer, taken = aliased(Revision), aliased(MessageEntry)
    return (
        select(*what)
        .select_from(MessageEntry)
        .join(Revision, MessageEntry.revision_id == Revision.id)
        .join(newer, and_(newer.item_id == Revision.item_id, newer.number > Revision.number))
        .outerjoin(taken, and_(taken.revision_id == newer.id, taken.recipient_id == MessageEntry.recipient_id))
        .where(newer.material.is_(True), newer.backfill.is_(False), taken.id.is_(None))
    )


@lru_cache(maxsize=8)
def _steps_taken_over(*what: Any) -> Select[Any]:
    """Items told to somebody else of the association that have a newer material revision which neither was told.

    Wider than it need be: ``choose`` knows who goes on from whom.
    """
    other, newer = aliased(Subscription), aliased(Revision)
    mine, theirs = aliased(MessageEntry), aliased(MessageEntry)
    return (
        select(*what)
        .select_from(Subscription)
        .join(
            other,
            and_(
                other.association_id == Subscription.association_id,
                or_(other.role != Subscription.role, other.id == Subscription.replaces_id),
            ),
        )
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(MessageEntry, MessageEntry.recipient_id == other.recipient_id)
        .join(Revision, MessageEntry.revision_id == Revision.id)
        .join(newer, and_(newer.item_id == Revision.item_id, newer.number > Revision.number))
        .outerjoin(mine, and_(mine.revision_id == newer.id, mine.recipient_id == Subscription.recipient_id))
        .outerjoin(theirs, and_(theirs.revision_id == newer.id, theirs.recipient_id == other.recipient_id))
        .where(
            listening(),
            Recipient.bounced.is_(False),
            newer.material.is_(True),
            newer.backfill.is_(False),
            mine.id.is_(None),
            theirs.id.is_(None),
        )
    )


@lru_cache(maxsize=8)
def _followed(*what: Any) -> Select[Any]:
    """Items of followed cases with a material revision since the following began, not told yet."""
    return (
        select(*what)
        .select_from(FollowedCase)
        .join(Subscription, Subscription.association_id == FollowedCase.association_id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(AgendaItem, AgendaItem.case_id == FollowedCase.case_id)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .outerjoin(
            MessageEntry,
            and_(MessageEntry.revision_id == Revision.id, MessageEntry.recipient_id == Subscription.recipient_id),
        )
        .where(
            listening(),
            Recipient.bounced.is_(False),
            Revision.material.is_(True),
            Revision.backfill.is_(False),
            Revision.seen_at >= FollowedCase.since,
            MessageEntry.id.is_(None),
        )
    )


def _moved_on(now: datetime, *what: Any) -> Select[Any]:
    """Items in another committee of cases that somebody of the association was told of, not told yet.

    Wider than it need be: ``choose`` knows how sure the find was, and whether it was wanted.
    """
    return _steps_elsewhere(*what).params(since=now - STEP_IS_NEWS)


@lru_cache(maxsize=8)
def _steps_elsewhere(*what: Any) -> Select[Any]:
    before, held = aliased(AgendaItem), aliased(Meeting)
    seen, entry, reader = aliased(Revision), aliased(MessageEntry), aliased(Subscription)
    return (
        select(*what)
        .select_from(Meeting)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(Case, and_(Case.id == AgendaItem.case_id, Case.case_number != ""))
        .join(before, and_(before.case_id == Case.id, before.id != AgendaItem.id))
        .join(held, held.id == before.meeting_id)
        .join(seen, seen.item_id == before.id)
        .join(entry, entry.revision_id == seen.id)
        .join(reader, and_(reader.recipient_id == entry.recipient_id, reader.association_id.is_not(None)))
        .join(Subscription, Subscription.association_id == reader.association_id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .where(
            Meeting.starts_at > bindparam("since", type_=Moment()),
            held.starts_at < Meeting.starts_at,
            held.committee_id != Meeting.committee_id,
            listening(),
            Recipient.bounced.is_(False),
            AgendaItem.withdrawn_at.is_(None),
            Revision.number == 1,
            Revision.backfill.is_(False),
            _untold(Subscription.recipient_id),
        )
    )
