"""Passing an item on to associations by hand: their one mail for that revision, with a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from notifier.amounts import read_amounts
from notifier.deadlines import read_deadlines
from notifier.ears import ears_of
from notifier.forward_letter import forward_letter
from notifier.message import Sender
from notifier.outbox import put
from notifier.story import Ear, Story, Why
from storage.engine import transaction
from storage.keep_watch import keep_watch, listening
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    Committee,
    Grade,
    Meeting,
    MessageEntry,
    Recipient,
    Revision,
    Subscription,
)

State = Literal["queued", "told", "nobody", "closed", "withdrawn"]


@dataclass(frozen=True)
class Forwarded:
    """What came of one association. ``queued``: how many mails were made."""

    association: str
    state: State
    queued: int = 0


def forward(
    url: str, sender: Sender, item_id: int, slugs: Sequence[str], *, note: str, by: str, now: datetime
) -> list[Forwarded]:
    """Queues the item for everybody who listens in the associations ``slugs``, who must all exist.

    Nobody is told of a revision twice: who had it in another mail gets nothing. A mail is queued with its marks in one
    transaction for each association. Raises ``LookupError`` for an unknown item or association, before any is made.
    """
    with transaction(url) as session:
        keep_watch(session, now)
        _known(session, item_id, slugs)
    done = []
    for slug in dict.fromkeys(slugs):
        with transaction(url) as session:
            done.append(_one(session, sender, item_id, slug, note=note, by=by, now=now))
    return done


def _known(session: Session, item_id: int, slugs: Sequence[str]) -> None:
    if session.get(AgendaItem, item_id) is None:
        raise LookupError(f"Der er intet punkt med nummer {item_id}.")
    known = set(session.scalars(select(Association.slug).where(Association.slug.in_(slugs))))
    for slug in slugs:
        if slug not in known:
            raise LookupError(f"Ingen forening har id'et '{slug}'.")


def _one(session: Session, sender: Sender, item_id: int, slug: str, *, note: str, by: str, now: datetime) -> Forwarded:
    association = session.scalars(select(Association).where(Association.slug == slug)).one()
    item = _item(session, item_id)
    if association.closed_at is not None:
        return Forwarded(association.name, "closed")
    if item.withdrawn_at is not None:
        return Forwarded(association.name, "withdrawn")
    listeners = _listeners(session, association)
    if not listeners:
        return Forwarded(association.name, "nobody")
    revision = _newest(item)
    queued = 0
    for ear in ears_of(session, listeners):
        if _was_told(session, ear, revision):
            continue
        story = _story(session, item, revision, ear, by=by)
        put(session, forward_letter(ear.subscription, story, sender, note=note, by=by, now=now), sender, now)
        queued += 1
    return Forwarded(association.name, "queued" if queued else "told", queued)


def _listeners(session: Session, association: Association) -> list[Subscription]:
    query = (
        select(Subscription)
        .join(Recipient, Recipient.id == Subscription.recipient_id)
        .where(Subscription.association_id == association.id, listening(), Recipient.bounced.is_(False))
        .options(joinedload(Subscription.recipient), joinedload(Subscription.association))
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def _item(session: Session, item_id: int) -> AgendaItem:
    query = (
        select(AgendaItem)
        .where(AgendaItem.id == item_id)
        .options(joinedload(AgendaItem.meeting).joinedload(Meeting.committee).joinedload(Committee.municipality))
    )
    return session.scalars(query).one()


def _newest(item: AgendaItem) -> Revision:
    material = [revision for revision in item.revisions if revision.material]
    return material[-1] if material else item.newest


def _was_told(session: Session, ear: Ear, revision: Revision) -> bool:
    """True when the reader had this very revision, or somebody did in whose place the reader hears."""
    entries = session.execute(
        select(MessageEntry.recipient_id, MessageEntry.reasons).where(MessageEntry.revision_id == revision.id)
    ).all()
    return any(
        recipient_id == ear.subscription.recipient_id
        or any(kept.get("subscription_id") in ear.stands_in_for for kept in reasons)
        for recipient_id, reasons in entries
    )


def _story(session: Session, item: AgendaItem, revision: Revision, ear: Ear, *, by: str) -> Story:
    told = set(
        session.scalars(
            select(MessageEntry.revision_id).where(
                MessageEntry.recipient_id == ear.subscription.recipient_id,
                MessageEntry.revision_id.in_([one.id for one in item.revisions]),
            )
        )
    )
    # The note stands above the item; what is kept as the reason is said again with every later step.
    said = f"Sendt videre af {by}."
    older = [one.id for one in item.revisions if one.material and one.id != revision.id and one.id not in told]
    signals = _signals(session, revision)
    return Story(
        item,
        revision,
        (Why(ear, Grade.STRONG, 1.0, (said,)),),
        covers=tuple(older),
        deadlines=read_deadlines(signals),
        amounts=read_amounts(signals),
    )


def _signals(session: Session, revision: Revision) -> Mapping[str, Any]:
    """What was read in a revision; until it has been read, what was in the one before."""
    query = (
        select(Analysis.signals)
        .join(Revision, Analysis.revision_id == Revision.id)
        .where(Revision.item_id == revision.item_id, Revision.number <= revision.number)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(query) or {}
