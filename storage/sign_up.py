"""People who write themselves, or each other, up on the page. Nothing here tells whether an address was known."""

import re
import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config.profile_file import AssociationEntry, Contact
from storage.keys import fold
from storage.models import (
    Association,
    Frequency,
    Profile,
    ProfileKind,
    Recipient,
    Role,
    Subscription,
    SubscriptionStatus,
)
from storage.save_association import fill_profile, municipality_codes, profile_hash
from storage.subscription_life import LIVING, ask

# More unanswered questions than this to one address are not a person's doing.
WAITING_AT_MOST = 5
PEOPLE_AT_MOST = 10
LONGEST_SLUG = 60
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", "ü": "u", "ö": "oe", "ä": "ae"})


def sign_up(session: Session, entry: AssociationEntry, now: datetime) -> None:
    """Takes an association in with its watcher (the first contact) and deputies; all have to confirm.

    Somebody who signs the same association up again is asked again, or told that it is active already: there is
    never more than one subscription for an address and an association. ``entry.id`` is not used. Raises
    ``UnknownMunicipality``.
    """
    codes = municipality_codes(session, entry.municipalities)
    watcher, *deputies = entry.contacts
    recipient = _recipient(session, watcher, now)
    known = _same(recipient, entry.name)
    if known is not None and known.association is not None:
        if _is_draft(session, known.association):
            _describe(session, known.association, entry, codes, now)
            known.frequency = Frequency(entry.frequency)
        ask(session, known, now)
        return
    if _waiting(recipient) >= WAITING_AT_MOST:
        return
    association = Association(slug=_slug(entry.name), name=entry.name, created_at=now)
    session.add(association)
    session.flush()
    _describe(session, association, entry, codes, now)
    _add(session, association, recipient, Role.WATCHER, entry.frequency, now)
    for contact in deputies:
        deputy = _recipient(session, contact, now)
        if deputy is not recipient:
            _add(session, association, deputy, Role.DEPUTY, entry.frequency, now)
    session.flush()


def ask_again(session: Session, email: str, now: datetime) -> None:
    """Sends a new confirmation for everything that waits for this address. Nothing happens for an unknown one."""
    recipient = session.scalar(select(Recipient).where(Recipient.email_key == fold(email)))
    for one in recipient.subscriptions if recipient else ():
        if one.status in {SubscriptionStatus.PENDING, SubscriptionStatus.EXPIRED} or one.takes_over:
            ask(session, one, now)


def invite(session: Session, by: Subscription, contact: Contact, role: Role, now: datetime) -> bool:
    """Asks somebody to be a deputy, or to take over from ``by``, who goes on until then.

    False when it is the watcher's own address, or the association has too many people.
    """
    association = by.association
    recipient = _recipient(session, contact, now)
    if association is None or recipient.id == by.recipient_id:
        return False
    one = next((one for one in recipient.subscriptions if one.association_id == association.id), None)
    if one is None:
        people = select(func.count()).where(Subscription.association_id == association.id)
        if (session.scalar(people) or 0) >= PEOPLE_AT_MOST or _waiting(recipient) >= WAITING_AT_MOST:
            return False
        one = _add(session, association, recipient, role, by.frequency.value, now)
        one.asked_at = None
    elif one.status not in LIVING:
        one.role = role
    elif one.role is Role.WATCHER or role is Role.DEPUTY:
        return True  # is on already, which everybody in the association can see
    one.replaces_id = by.id if role is Role.WATCHER else None
    session.flush()
    ask(session, one, now)
    return True


def describe(session: Session, association: Association, entry: AssociationEntry, now: datetime) -> None:
    """Changes what an association wants to hear of, as one of its own people says. Raises ``UnknownMunicipality``."""
    _describe(session, association, entry, municipality_codes(session, entry.municipalities), now)


def _describe(
    session: Session, association: Association, entry: AssociationEntry, codes: list[int], now: datetime
) -> None:
    association.name, association.description = entry.name, entry.description
    profile = association.profile
    if profile is None:
        profile = Profile(association_id=association.id, kind=ProfileKind.ASSOCIATION, content_hash="")
        session.add(profile)
    digest = profile_hash(entry, codes)
    if profile.content_hash != digest:
        fill_profile(profile, entry, codes, digest, now)
    session.flush()


def _recipient(session: Session, contact: Contact, now: datetime) -> Recipient:
    """The row of an address, locked: a button that is pressed twice at once signs up once.

    A name is only taken for a new one: nobody renames a stranger.
    """
    key = fold(contact.email)
    mine = select(Recipient).where(Recipient.email_key == key).with_for_update()
    recipient = session.scalar(mine)
    if recipient is None:
        new = Recipient(email=contact.email.strip(), email_key=key, name=contact.name, created_at=now)
        # Somebody may write the same address in the same moment: then theirs is the row.
        with suppress(IntegrityError), session.begin_nested():
            session.add(new)
        recipient = session.scalars(mine).one()
    return recipient


def _same(recipient: Recipient, name: str) -> Subscription | None:
    return next(
        (
            one
            for one in recipient.subscriptions
            if one.association and not one.association.closed_at and fold(one.association.name) == fold(name)
        ),
        None,
    )


def _is_draft(session: Session, association: Association) -> bool:
    """True while an association from the page has nobody who confirmed: then it may be described anew."""
    if association.profile is None or association.profile.imported_hash:
        return False
    confirmed = select(Subscription.id).where(
        Subscription.association_id == association.id, Subscription.confirmed_at.is_not(None)
    )
    return session.scalar(confirmed.limit(1)) is None


def _waiting(recipient: Recipient) -> int:
    return sum(one.by_form and one.status is SubscriptionStatus.PENDING for one in recipient.subscriptions)


def _add(
    session: Session, association: Association, recipient: Recipient, role: Role, frequency: str, now: datetime
) -> Subscription:
    one = Subscription(
        recipient=recipient,
        association=association,
        role=role,
        frequency=Frequency(frequency),
        status=SubscriptionStatus.PENDING,
        by_form=True,
        created_at=now,
        asked_at=now,
    )
    session.add(one)
    session.flush()
    return one


def _slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(_LETTERS)).strip("-")[:LONGEST_SLUG].strip("-")
    return f"{plain or 'forening'}-{secrets.token_hex(3)}"
