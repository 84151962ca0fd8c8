"""Associations and consultants as the operator handles them: import, export, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.clock import now
from config.profile_file import AssociationEntry, ConsultantEntry, read_profile_file
from storage.models import Association, Feedback, FollowedCase, Recipient, Role, Subscription
from storage.personal_data import mails_of, profile_facts, subscription_facts
from storage.save_association import UnknownMunicipality, save_association, save_consultant
from storage.subscription_life import LIVING, give_back


@dataclass(frozen=True)
class Imported:
    """What an import took in, and one sentence for each entry that it could not. ``slugs``: the associations' ids.

    ``closed``: the ids of those that are closed, and stay so.
    """

    associations: int
    consultants: int
    problems: tuple[str, ...]
    slugs: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def import_profiles(session: Session, path: Path, *, confirmed: bool) -> Imported:
    """Reads a profile file into the database. Raises ``ConfigError`` when the file as a whole is unusable."""
    file = read_profile_file(path)
    problems = list(file.problems)
    associations = _saved(session, file.associations, problems, path, confirmed=confirmed)
    consultants = _saved(session, file.consultants, problems, path, confirmed=confirmed)
    slugs = tuple(one.id for one in file.associations)
    closed = session.scalars(
        select(Association.slug)
        .where(Association.slug.in_(slugs), Association.closed_at.is_not(None))
        .order_by(Association.slug)
    ).all()
    return Imported(associations, consultants, tuple(problems), slugs, tuple(closed))


def _saved(
    session: Session,
    entries: Sequence[AssociationEntry | ConsultantEntry],
    problems: list[str],
    path: Path,
    *,
    confirmed: bool,
) -> int:
    count = 0
    for entry in entries:
        try:
            with session.begin_nested():
                if isinstance(entry, AssociationEntry):
                    save_association(session, entry, confirmed=confirmed, now=now())
                else:
                    save_consultant(session, entry, confirmed=confirmed, now=now())
        except UnknownMunicipality as error:
            name = entry.id if isinstance(entry, AssociationEntry) else entry.email
            problems.append(f"{path.name} ({name}): {error} See `dagsordenvagt sources status` for the names.")
        else:
            count += 1
    return count


def find_association(session: Session, slug: str) -> Association | None:
    """The association with this id of the profile file."""
    return session.scalar(select(Association).where(Association.slug == slug))


def export_association(session: Session, association: Association) -> dict[str, Any]:
    """Everything that is kept about an association and its people, in plain JSON types."""
    subscriptions = session.scalars(select(Subscription).where(Subscription.association_id == association.id)).all()
    return {
        "id": association.slug,
        "name": association.name,
        "description": association.description,
        "created_at": association.created_at.isoformat(),
        "profile": profile_facts(association.profile),
        "people": [_person(session, subscription) for subscription in subscriptions],
        "feedback": [
            {
                "item": row.item_id,
                "verdict": row.verdict.value,
                "about": row.about,
                "given_at": row.given_at.isoformat(),
                "counts": row.set_aside_at is None,
            }
            for row in session.scalars(select(Feedback).where(Feedback.association_id == association.id))
        ],
        "followed_cases": [
            {"case": row.case_id, "note": row.note, "since": row.since.isoformat()}
            for row in session.scalars(select(FollowedCase).where(FollowedCase.association_id == association.id))
        ],
    }


def _person(session: Session, subscription: Subscription) -> dict[str, Any]:
    recipient = subscription.recipient
    return {
        "name": recipient.name,
        "email": recipient.email,
        **subscription_facts(subscription),
        "mails": mails_of(session, recipient),
    }


def close_association(session: Session, association: Association, at: datetime | None) -> int:
    """Closes an association (``at``), or opens it again (None): then what lies ahead is told, not what was held.

    Returns how many people it concerns. Closing what is closed changes nothing.
    """
    people = session.scalars(
        select(Subscription).where(Subscription.association_id == association.id, Subscription.status.in_(LIVING))
    ).all()
    if at is None and association.closed_at is not None:
        for one in people:
            one.confirmed_at = now()
            one.returned_at = now() if one.role is Role.WATCHER else None
    association.closed_at = at and (association.closed_at or at)
    if at is not None:
        for one in people:
            give_back(session, one)
    return len(people)


def delete_association(session: Session, association: Association) -> int:
    """Erases an association, its profile and matches, and every person who belongs to nothing else.

    Returns how many people were erased with it.
    """
    people = session.scalars(
        select(Subscription.recipient_id).where(Subscription.association_id == association.id)
    ).all()
    session.execute(delete(Subscription).where(Subscription.association_id == association.id))
    session.delete(association)
    session.flush()
    orphans = [
        one for one in people if session.scalar(select(Subscription.id).where(Subscription.recipient_id == one)) is None
    ]
    session.execute(delete(Recipient).where(Recipient.id.in_(orphans)))
    return len(orphans)
