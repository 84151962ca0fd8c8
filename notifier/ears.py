"""Who hears what, and in whose place."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from notifier.story import Ear
from storage.keep_watch import listening
from storage.models import Association, Recipient, Role, Subscription


def hearing(session: Session, recipient: Recipient) -> list[Subscription]:
    """The subscriptions by which a recipient hears of associations now: as watcher, or as deputy on duty."""
    return all_hearing(session, [recipient.id])


def all_hearing(session: Session, recipients: Collection[int]) -> list[Subscription]:
    """As ``hearing``, for many recipients, by id."""
    query = (
        select(Subscription)
        .join(Association, Subscription.association_id == Association.id)
        .where(Subscription.recipient_id.in_(recipients), listening(), Association.closed_at.is_(None))
        .options(joinedload(Subscription.association).joinedload(Association.profile))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def ears_of(session: Session, subscriptions: Sequence[Subscription]) -> list[Ear]:
    """The ears of these subscriptions, each with those whose place it takes."""
    people: dict[int | None, list[Subscription]] = {}
    codes = {one.association_id for one in subscriptions}
    for person in session.scalars(select(Subscription).where(Subscription.association_id.in_(codes))):
        people.setdefault(person.association_id, []).append(person)
    return [
        Ear(
            one,
            one.association.profile,
            stands_in_for=frozenset(_across(one, people.get(one.association_id, ()))),
            succeeds=frozenset(_before(one, people.get(one.association_id, ()))),
        )
        for one in subscriptions
        if one.association and one.association.profile
    ]


def _across(one: Subscription, people: Sequence[Subscription]) -> Iterator[int]:
    """For a deputy the watchers, for a watcher the deputies."""
    yield from (other.id for other in people if (other.role is Role.DEPUTY) != (one.role is Role.DEPUTY))


def _before(one: Subscription, people: Sequence[Subscription]) -> Iterator[int]:
    """The watchers before this one, in a row of handing over."""
    by_id = {person.id: person for person in people}
    seen = {one.id}
    before = by_id.get(one.replaces_id or 0)
    while before is not None and before.id not in seen:
        yield before.id
        seen.add(before.id)
        before = by_id.get(before.replaces_id or 0)
