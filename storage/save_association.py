"""Saves associations, consultants and their subscriptions from the profile file or a form."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.profile_file import AssociationEntry, ConsultantEntry, Contact
from storage.keys import fold
from storage.models import (
    Association,
    Frequency,
    Municipality,
    Profile,
    ProfileKind,
    Recipient,
    Role,
    Subscription,
    SubscriptionStatus,
)


class UnknownMunicipality(Exception):
    """A profile names a municipality that the catalogue does not have; it says which."""


def save_association(session: Session, entry: AssociationEntry, *, confirmed: bool, now: datetime) -> Association:
    """Adds or updates an association with its profile and contacts. Saving the same entry twice changes nothing.

    ``confirmed`` marks the addresses as confirmed by the operator; otherwise new ones wait as pending.
    An address that unsubscribed stays unsubscribed, a closed association closed, and what people chose on the page
    stays until the file changes.
    Raises ``UnknownMunicipality``.
    """
    codes = municipality_codes(session, entry.municipalities)
    association = session.scalar(select(Association).where(Association.slug == entry.id))
    if association is None:
        association = Association(slug=entry.id, created_at=now)
        session.add(association)
    association.name, association.description = entry.name, entry.description
    session.flush()
    _save_profile(session, association, entry, codes, now)
    for contact in entry.contacts:
        _save_contact(session, association, contact, entry.frequency, confirmed=confirmed, now=now)
    session.flush()
    return association


def _save_contact(
    session: Session, association: Association, contact: Contact, frequency: str, *, confirmed: bool, now: datetime
) -> None:
    recipient = save_recipient(session, contact, now)
    subscription = session.scalar(
        select(Subscription).where(
            Subscription.recipient_id == recipient.id, Subscription.association_id == association.id
        )
    )
    if subscription is None:
        subscription = Subscription(recipient=recipient, association_id=association.id, role=Role(contact.role))
        subscription.created_at = subscription.asked_at = now
        subscription.status, subscription.imported = SubscriptionStatus.PENDING, ""
        session.add(subscription)
    # What the person chose on the page since stays, unless the file says something new.
    says = f"{contact.role} {contact.frequency or frequency}"
    if subscription.imported != says:
        subscription.role, subscription.imported = Role(contact.role), says
        subscription.frequency = Frequency(contact.frequency or frequency)
    _confirm(subscription, confirmed=confirmed, now=now)


def save_consultant(session: Session, entry: ConsultantEntry, *, confirmed: bool, now: datetime) -> list[Subscription]:
    """Adds or updates a consultant: one subscription for each municipality. Raises ``UnknownMunicipality``."""
    recipient = save_recipient(session, Contact(name=entry.name, email=entry.email), now)
    saved = []
    for code in municipality_codes(session, entry.municipalities):
        subscription = session.scalar(
            select(Subscription).where(
                Subscription.recipient_id == recipient.id, Subscription.municipality_code == code
            )
        )
        if subscription is None:
            subscription = Subscription(recipient=recipient, municipality_code=code, role=Role.CONSULTANT)
            subscription.created_at = subscription.asked_at = now
            subscription.status, subscription.frequency = SubscriptionStatus.PENDING, Frequency.WEEKLY
            session.add(subscription)
        _confirm(subscription, confirmed=confirmed, now=now)
        saved.append(subscription)
    session.flush()
    return saved


def save_recipient(session: Session, contact: Contact, now: datetime) -> Recipient:
    """The row of a mail address, added when new."""
    key = fold(contact.email)
    recipient = session.scalar(select(Recipient).where(Recipient.email_key == key))
    if recipient is None:
        recipient = Recipient(email=contact.email.strip(), email_key=key, created_at=now)
        session.add(recipient)
    recipient.name = contact.name or recipient.name or ""
    session.flush()
    return recipient


def _confirm(subscription: Subscription, *, confirmed: bool, now: datetime) -> None:
    if confirmed and subscription.status in {SubscriptionStatus.PENDING, SubscriptionStatus.EXPIRED}:
        subscription.status, subscription.confirmed_at = SubscriptionStatus.CONFIRMED, now
        subscription.asked_at = None


def municipality_codes(session: Session, names: Sequence[str]) -> list[int]:
    """The codes of municipalities given by name or code. Raises ``UnknownMunicipality``."""
    rows = session.execute(select(Municipality.code, Municipality.name)).all()
    by_word = {fold(name): code for code, name in rows} | {str(code): code for code, _ in rows}
    codes = []
    for name in names:
        if fold(name) not in by_word:
            raise UnknownMunicipality(f"The catalogue has no municipality '{name}'.")
        codes.append(by_word[fold(name)])
    return sorted(set(codes))


def _save_profile(
    session: Session, association: Association, entry: AssociationEntry, codes: list[int], now: datetime
) -> None:
    digest = profile_hash(entry, codes)
    profile = session.scalar(select(Profile).where(Profile.association_id == association.id))
    if profile is None:
        profile = Profile(association_id=association.id, kind=ProfileKind.ASSOCIATION, content_hash="")
        session.add(profile)
    # What people changed on the page since stays, unless the file says something new.
    if profile.imported_hash != digest:
        profile.imported_hash = digest
        if profile.content_hash != digest:
            fill_profile(profile, entry, codes, digest, now)


def save_civil_society_profile(session: Session, entry: AssociationEntry, now: datetime) -> Profile:
    """Our own profile, by which consultants get a municipality's civil-society items."""
    profile = session.scalar(select(Profile).where(Profile.kind == ProfileKind.CIVIL_SOCIETY))
    if profile is None:
        profile = Profile(kind=ProfileKind.CIVIL_SOCIETY, content_hash="")
        session.add(profile)
    digest = profile_hash(entry, [])
    if profile.content_hash != digest:
        fill_profile(profile, entry, [], digest, now)
    session.flush()
    return profile


def fill_profile(profile: Profile, entry: AssociationEntry, codes: list[int], digest: str, now: datetime) -> None:
    """Writes what an entry says into its profile; the matcher then looks again."""
    profile.topics, profile.target_groups, profile.description = (
        entry.topics,
        entry.target_groups,
        entry.description,
    )
    profile.municipality_codes, profile.exclude, profile.committees = codes, entry.exclude, entry.committees
    profile.own_names, profile.content_hash, profile.changed_at = entry.own_names, digest, now


def profile_hash(entry: AssociationEntry, codes: list[int]) -> str:
    """Moves when anything that decides about matches does; contacts and frequency do not."""
    content = [
        entry.description,
        entry.topics,
        entry.target_groups,
        codes,
        entry.exclude,
        entry.committees,
        entry.own_names,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
