"""Associations with their subscribers, for the operator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from storage.keys import fold
from storage.models import (
    AgendaItem,
    Association,
    Feedback,
    Match,
    Meeting,
    Municipality,
    Profile,
    Revision,
    Role,
    Subscription,
    SubscriptionStatus,
    Verdict,
)
from web.paging import Page, read_page
from web.queries.items import ItemLine, as_lines, item_lines

CONSULTANTS_SHOWN = 200


@dataclass(frozen=True)
class AssociationLine:
    """One association in the list. ``found`` counts its current matches."""

    id: int
    slug: str
    name: str
    description: str
    closed: bool
    found: int = 0
    readers: int = 0
    pending: int = 0


@dataclass(frozen=True)
class AssociationPage:
    """An association with its profile, its people and a page of the items that concern it."""

    association: Association
    municipalities: Sequence[str]
    subscriptions: Sequence[Subscription]
    items: Page[ItemLine]
    verdicts: dict[int, Verdict]


def find_associations(session: Session, text: str, number: int) -> Page[AssociationLine]:
    """A page of the associations by name; ``text`` stands in the name or the id."""
    statement = select(
        Association.id, Association.slug, Association.name, Association.description, Association.closed_at
    ).order_by(func.lower(Association.name), Association.id)
    if text:
        forms = {text, fold(text), text.capitalize()}
        statement = statement.where(
            or_(
                Association.slug.icontains(text, autoescape=True),
                *(Association.name.icontains(form, autoescape=True) for form in forms),
            )
        )
    page = read_page(session, statement, number)
    lines = [AssociationLine(row.id, row.slug, row.name, row.description, bool(row.closed_at)) for row in page.rows]
    return Page(_with_counts(session, lines), page.number, page.more, page.total)


def _with_counts(session: Session, lines: Sequence[AssociationLine]) -> list[AssociationLine]:
    ids = [line.id for line in lines]
    found: dict[int | None, int] = dict(
        session.execute(
            select(Profile.association_id, func.count(func.distinct(Revision.item_id)))
            .join(Match, Match.profile_id == Profile.id)
            .join(Revision, Revision.id == Match.revision_id)
            .where(Profile.association_id.in_(ids), Match.current)
            .group_by(Profile.association_id)
        ).all()
    )
    people: dict[tuple[int | None, SubscriptionStatus], int] = {
        (association_id, status): number
        for association_id, status, number in session.execute(
            select(Subscription.association_id, Subscription.status, func.count())
            .where(Subscription.association_id.in_(ids))
            .group_by(Subscription.association_id, Subscription.status)
        )
    }
    return [
        replace(
            line,
            found=found.get(line.id, 0),
            readers=people.get((line.id, SubscriptionStatus.CONFIRMED), 0),
            pending=people.get((line.id, SubscriptionStatus.PENDING), 0),
        )
        for line in lines
    ]


def consultants(session: Session) -> Sequence[Subscription]:
    """The consultants' subscriptions, by municipality."""
    return session.scalars(
        select(Subscription)
        .join(Municipality, Municipality.code == Subscription.municipality_code)
        .where(Subscription.role == Role.CONSULTANT)
        .options(joinedload(Subscription.recipient), joinedload(Subscription.municipality))
        .order_by(Municipality.name, Subscription.id)
        .limit(CONSULTANTS_SHOWN)
    ).all()


def one_association(session: Session, slug: str, number: int) -> AssociationPage | None:
    """An association by its id in the profile file; None when there is none."""
    association = session.scalar(
        select(Association).where(Association.slug == slug).options(joinedload(Association.profile))
    )
    if association is None:
        return None
    people = session.scalars(
        select(Subscription)
        .where(Subscription.association_id == association.id)
        .options(joinedload(Subscription.recipient))
        .order_by(Subscription.id)
    ).all()
    items = _items(session, association, number)
    verdicts = session.execute(
        select(Feedback.item_id, Feedback.verdict).where(
            Feedback.association_id == association.id, Feedback.item_id.in_([line.id for line in items.rows])
        )
    )
    return AssociationPage(
        association,
        _names(session, association.profile),
        people,
        items,
        dict(verdicts.all()),
    )


def _names(session: Session, profile: Profile | None) -> Sequence[str]:
    codes = profile.municipality_codes if profile else []
    return session.scalars(
        select(Municipality.name).where(Municipality.code.in_(codes)).order_by(Municipality.name)
    ).all()


def _items(session: Session, association: Association, number: int) -> Page[Any]:
    mine = (
        select(Revision.item_id)
        .join(Match, Match.revision_id == Revision.id)
        .join(Profile, Profile.id == Match.profile_id)
        .where(Profile.association_id == association.id, Match.current)
    )
    statement = item_lines().where(AgendaItem.id.in_(mine)).order_by(Meeting.starts_at.desc(), AgendaItem.id)
    page = read_page(session, statement, number)
    lines = [
        replace(line, matches=[match for match in line.matches if match.slug == association.slug])
        for line in as_lines(session, page.rows)
    ]
    return Page(lines, page.number, page.more, page.total)
