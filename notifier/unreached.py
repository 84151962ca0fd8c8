"""Says in an association's mails which of its other people we can no longer reach."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from notifier.words import one_line
from storage.models import Recipient, Subscription, SubscriptionStatus

_LOST = "people out of reach"
REACHABLE_ONCE = (SubscriptionStatus.CONFIRMED, SubscriptionStatus.PAUSED)


def unreached(recipient: Recipient, subscriptions: Sequence[Subscription]) -> list[str]:
    """A sentence for each person of the same associations whose address refuses mail. No address is told."""
    session = object_session(recipient)
    associations = {one.association_id: one.association for one in subscriptions if one.association is not None}
    if session is None or not associations:
        return []
    if _LOST not in session.info:
        # Few people are out of reach: one look at all of them serves every letter of a transaction.
        session.info[_LOST] = _lost(session)
    lost = session.info[_LOST]
    return [
        f"Vi kan ikke nå {one_line(name, 80) or 'en af de andre modtagere'} for"
        f" {one_line(associations[association_id].name)}: mailadressen afviser vores mails."
        " Har I en ny adresse, så meld den til."
        for association_id in associations
        for name, number in lost.get(association_id, ())
        if number != recipient.id
    ]


def _lost(session: Session) -> dict[int | None, list[tuple[str, int]]]:
    """By association id: name and id of the people whose addresses refuse mail, by name."""
    rows = session.execute(
        select(Subscription.association_id, Recipient.name, Recipient.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .where(Subscription.status.in_(REACHABLE_ONCE), Recipient.bounced)
        .order_by(Recipient.name)
    )
    found: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for association_id, name, number in rows:
        found[association_id].append((name, number))
    return found
