"""A reader's own subscriptions, each with the people of the same association and what its answers have taught."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from matcher.advice import advice_on_matches
from matcher.learning import Answer, Leaning, leanings
from matcher.profile import Resolver
from matcher.would_find import thesaurus
from storage.models import (
    AgendaItem,
    Feedback,
    Municipality,
    Recipient,
    Role,
    Subscription,
    SubscriptionStatus,
    Verdict,
)
from storage.subscription_life import LIVING


@dataclass(frozen=True)
class Learned:
    """An association's answers, newest first, with the items' titles, and what those that count have changed."""

    answers: Sequence[tuple[Feedback, str]] = ()
    leanings: Sequence[Leaning] = ()

    @property
    def any_counts(self) -> bool:
        """Whether there is anything to undo."""
        return any(answer.set_aside_at is None for answer, _ in self.answers)


@dataclass(frozen=True)
class OwnLine:
    """One subscription. ``leads``: the reader may change the association; ``people``: the others in it.

    ``warning``: that the profile finds too much or nothing, in a sentence, or empty.
    """

    subscription: Subscription
    leads: bool
    municipalities: Sequence[str]
    people: Sequence[Subscription]
    learned: Learned = Learned()
    warning: str = ""

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
    if not leads:
        return OwnLine(one, leads, names, people)
    profile = one.association.profile if one.association else None
    warning = advice_on_matches(session, profile) if profile else ""
    return OwnLine(one, leads, names, people, _learned(session, one.association_id), warning)


def _learned(session: Session, association_id: int) -> Learned:
    rows = session.execute(
        select(Feedback, AgendaItem.title)
        .join(AgendaItem, AgendaItem.id == Feedback.item_id)
        .where(Feedback.association_id == association_id)
        .order_by(Feedback.given_at.desc(), Feedback.id.desc())
    )
    answers = [(answer, title) for answer, title in rows]
    counting = [
        Answer(one.verdict is Verdict.RELEVANT, tuple(one.about)) for one, _ in answers if one.set_aside_at is None
    ]
    return Learned(answers, leanings(counting, Resolver(thesaurus())) if any(one.about for one in counting) else ())
