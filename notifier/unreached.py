"""Says in an association's mails which of its other people we can no longer reach."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import object_session

from notifier.words import one_line
from storage.models import Recipient, Subscription, SubscriptionStatus

REACHABLE_ONCE = (SubscriptionStatus.CONFIRMED, SubscriptionStatus.PAUSED)


def unreached(recipient: Recipient, subscriptions: Sequence[Subscription]) -> list[str]:
    """A sentence for each person of the same associations whose address refuses mail. No address is told."""
    session = object_session(recipient)
    associations = {one.association_id: one.association for one in subscriptions if one.association is not None}
    if session is None or not associations:
        return []
    rows = session.execute(
        select(Recipient.name, Subscription.association_id)
        .join(Subscription, Subscription.recipient_id == Recipient.id)
        .where(
            Subscription.association_id.in_(associations),
            Subscription.status.in_(REACHABLE_ONCE),
            Recipient.id != recipient.id,
            Recipient.bounced,
        )
        .order_by(Recipient.name)
    )
    return [
        f"Vi kan ikke nå {one_line(name, 80) or 'en af de andre modtagere'} for"
        f" {one_line(associations[association_id].name)}: mailadressen afviser vores mails."
        " Har I en ny adresse, så meld den til."
        for name, association_id in rows
    ]
