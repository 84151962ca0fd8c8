"""A reader's own subscriptions, each with the people of the same association."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from storage.models import Municipality, Recipient, Role, Subscription, SubscriptionStatus
from storage.subscription_life import LIVING


@dataclass(frozen=True)
class OwnLine:
    """One subscription. ``leads``: the reader may change the association; ``people``: the others in it."""

    subscription: Subscription
    leads: bool
    municipalities: Sequence[str]
    people: Sequence[Subscription]

    @property
    def has_deputy(self) -> bool:
        """Whether somebody stands ready while the reader rests."""
        return any(one.status is SubscriptionStatus.CONFIRMED and not one.recipient.bounced for one in self.people)


def own_page(session: Session, recipient: Recipient) -> list[OwnLine]:
    """The reader's subscriptions, oldest first."""
    return [_line(session, one) for one in recipient.subscriptions]


def _line(session: Session, one: Subscription) -> OwnLine:
    leads = one.role is Role.WATCHER and one.status in LIVING
    if one.association_id is None or one.status not in LIVING:
        return OwnLine(one, leads, (), ())
    people = session.scalars(
        select(Subscription)
        .where(
            Subscription.association_id == one.association_id,
            Subscription.id != one.id,
            Subscription.status != SubscriptionStatus.UNSUBSCRIBED,
        )
        .options(joinedload(Subscription.recipient))
        .order_by(Subscription.role.desc(), Subscription.id)
    ).all()
    codes = one.association.profile.municipality_codes if one.association and one.association.profile else []
    names = session.scalars(
        select(Municipality.name).where(Municipality.code.in_(codes)).order_by(Municipality.name)
    ).all()
    return OwnLine(one, leads, names, people)
