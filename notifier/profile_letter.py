"""Tells an association's people, once, that their profile cannot find anything."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.letters import because, frame
from notifier.message import Letter, Sender
from notifier.render import render
from notifier.words import one_line
from storage.keep_watch import listening
from storage.models import Association, MessageKind, Profile, ProfileCheck, Recipient, Subscription


def owners_of_broken_profiles(session: Session) -> list[int]:
    """The subscriptions whose association's profile has a problem, by id."""
    query = (
        select(Subscription.id)
        .join(Recipient, Subscription.recipient_id == Recipient.id)
        .join(Association, Subscription.association_id == Association.id)
        .join(Profile, Profile.association_id == Association.id)
        .join(ProfileCheck, ProfileCheck.profile_id == Profile.id)
        .where(
            ProfileCheck.problem != "",
            ProfileCheck.profile_hash == Profile.content_hash,
            listening(),
            Recipient.bounced.is_(False),
            Association.closed_at.is_(None),
        )
        .order_by(Subscription.id)
    )
    return list(session.scalars(query))


def profile_letter(session: Session, subscription: Subscription, sender: Sender) -> Letter | None:
    """The letter, or None when the profile is in order by now. A profile that was changed may be told of again."""
    association = subscription.association
    profile = association.profile if association else None
    check = session.get(ProfileCheck, profile.id) if profile else None
    if association is None or profile is None or check is None or not check.problem:
        return None
    words = render(
        "profile",
        **frame(subscription.recipient, (subscription,), sender),
        preheader=check.problem,
        association=one_line(association.name),
        problem=check.problem,
        words=[one_line(word, 60) for word in (*profile.topics, *profile.target_groups, *profile.own_names)],
        page=sender.links.page(f"/foreninger/{association.slug}"),
        because=because((subscription,)),
    )
    key = f"profile:{subscription.id}:{profile.content_hash[:24]}"
    return Letter(MessageKind.NOTICE, key, subscription.recipient, (subscription,), words)
