"""A person's own data: all of it handed over, or all of it erased."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.keep_watch import forget_if_empty
from storage.models import Message, MissedReport, Profile, Recipient, Subscription

PROFILE_LISTS = ("topics", "target_groups", "municipality_codes", "exclude", "committees", "own_names")


def export_person(session: Session, recipient: Recipient) -> dict[str, Any]:
    """Everything that is kept about a recipient, in plain JSON types. Other people's names are not in it."""
    reports = session.scalars(
        select(MissedReport).where(MissedReport.recipient_id == recipient.id).order_by(MissedReport.id)
    )
    return {
        "name": recipient.name,
        "email": recipient.email,
        "address_refuses_mail": recipient.bounced,
        "created_at": recipient.created_at.isoformat(),
        "subscriptions": [_subscription(one) for one in recipient.subscriptions],
        "mails": mails_of(session, recipient),
        "missed_reports": [
            {"what": one.what, "answer": one.said, "created_at": one.created_at.isoformat()} for one in reports
        ],
    }


def mails_of(session: Session, recipient: Recipient) -> list[dict[str, Any]]:
    """The mails that a recipient got or will get, oldest first."""
    mails = session.scalars(select(Message).where(Message.recipient_id == recipient.id).order_by(Message.id))
    return [
        {
            "subject": mail.subject,
            "kind": mail.kind.value,
            "status": mail.status.value,
            "created_at": mail.created_at.isoformat(),
            "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        }
        for mail in mails
    ]


def subscription_facts(one: Subscription) -> dict[str, Any]:
    """A subscription's own fields."""
    moments = ("created_at", "confirmed_at", "ended_at", "paused_until", "duty_since")
    return {
        "role": one.role.value,
        "status": one.status.value,
        "frequency": one.frequency.value,
        "weekday": one.weekday,
        "hour": one.hour,
        "compact": one.compact,
    } | {name: value.isoformat() if (value := getattr(one, name)) else None for name in moments}


def profile_facts(profile: Profile | None) -> dict[str, Any] | None:
    """What an association wants to hear of."""
    return {key: getattr(profile, key) for key in PROFILE_LISTS} if profile else None


def _subscription(one: Subscription) -> dict[str, Any]:
    about: dict[str, Any] = {"municipality_code": one.municipality_code}
    if one.association is not None:
        about = {
            "association": one.association.name,
            "description": one.association.description,
            "profile": profile_facts(one.association.profile),
        }
    return about | subscription_facts(one)


def erase_person(session: Session, recipient: Recipient) -> None:
    """Erases a recipient with subscriptions, mails and reports, and associations from the page that are empty now."""
    associations = {one.association_id for one in recipient.subscriptions if one.association_id is not None}
    session.delete(recipient)
    session.flush()
    for number in associations:
        forget_if_empty(session, number)
