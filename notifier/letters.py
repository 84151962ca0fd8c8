"""Builds the letters: the confirmation, and the mail that goes out at once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from config.clock import local
from config.glossary import GlossaryEntry, read_glossary
from notifier.calendar import meetings_as_ics
from notifier.links import confirm_until
from notifier.message import Letter, Sender
from notifier.render import render
from notifier.story import Story
from notifier.view import ItemView, item_view
from notifier.words import counted, day, listed, one_line
from storage.models import MessageKind, Recipient, Role, Subscription

IMMEDIATE_AT_MOST = 25
GLOSSARY_AT_MOST = 6

ASSOCIATION_LABELS = {"why_label": "Derfor får I det at vide", "act_label": "Hvad kan I gøre nu?"}


def confirm_letter(subscription: Subscription, sender: Sender, now: datetime) -> Letter:
    """The one mail that a pending subscription gets."""
    recipient = subscription.recipient
    words = render(
        "confirm",
        **frame(recipient, (subscription,), sender),
        preheader="Et klik, så er du med. Før det sender vi dig ikke andet.",
        asked=f"Nogen, forhåbentlig dig selv, har bedt om, at du får mail fra Dagsordenvagt {_about(subscription)}.",
        gets=_gets(subscription),
        confirm_url=sender.links.confirm(subscription),
        until=day(confirm_until(now), local(now).date()),
        because="Du får kun denne ene mail, fordi din adresse er skrevet op hos Dagsordenvagt.",
    )
    # An erased subscription's id may be handed out again: the moment of signing up makes the key its own.
    stamp = int(subscription.created_at.timestamp())
    return Letter(MessageKind.CONFIRM, f"confirm:{subscription.id}:{stamp}", recipient, (subscription,), words)


def immediate_letter(
    recipient: Recipient, subscriptions: Sequence[Subscription], stories: Sequence[Story], sender: Sender, now: datetime
) -> Letter:
    """One mail with everything that cannot wait, over all of the recipient's associations. ``stories`` is not empty."""
    concerned = tuple(one for one in subscriptions if any(story.concerns(one) for story in stories))
    shown, rest = tuple(stories[:IMMEDIATE_AT_MOST]), tuple(stories[IMMEDIATE_AT_MOST:])
    items = [item_view(story, recipient, sender.links, now) for story in shown]
    calendar = meetings_as_ics(shown, sender.links, sender.host, now)
    words = render(
        "immediate",
        **frame(recipient, concerned, sender),
        **ASSOCIATION_LABELS,
        **first_item(items, len(stories)),
        items=items,
        heading=_heading(stories),
        intro=_intro(stories, concerned),
        rest=len(rest),
        rest_url=rest_url(concerned, sender),
        glossary=glossary_for(items),
        has_calendar=calendar is not None,
        because=because(concerned),
    )
    ids = ",".join(str(story.revision.id) for story in sorted(stories, key=lambda story: story.revision.id))
    key = f"immediate:{recipient.id}:{hashlib.sha256(ids.encode()).hexdigest()[:24]}"
    return Letter(MessageKind.IMMEDIATE, key, recipient, concerned, words, shown, rest, calendar)


def frame(recipient: Recipient, subscriptions: Sequence[Subscription], sender: Sender) -> dict[str, Any]:
    """What every mail needs."""
    name = one_line(recipient.name, 80)
    return {
        "greeting": f"Hej {name}" if name else "Hej",
        "preferences_url": sender.links.preferences(recipient),
        "unsubscribe_url": sender.links.unsubscribe(recipient, subscriptions),
    }


def first_item(items: Sequence[ItemView], total: int) -> dict[str, Any]:
    """The best hit, for subject and preview line. All keys are there also when there is no item."""
    if not items:
        return {
            "first": None,
            "others": 0,
            "news_short": "",
            "preheader": "Se, hvad vi har læst, og hvad vi ikke kunne læse.",
        }
    first = items[0]
    says = (
        first.news
        or first.passage
        or first.about
        or (first.whys[0].said[0] if first.whys and first.whys[0].said else "")
    )
    preheader = one_line(f"{first.committee}, {first.when}. {says}", 140)
    short = first.news[:1].lower() + first.news[1:]
    return {"first": first, "others": total - 1, "news_short": short, "preheader": preheader}


def glossary_for(items: Sequence[ItemView]) -> list[GlossaryEntry]:
    """The words of officialese that the items use, each once."""
    shown = "\n".join(
        part
        for item in items
        for part in (
            item.title,
            item.committee,
            item.about,
            item.passage,
            item.decision,
            *item.new_attachments,
            *(sentence for why in item.whys for sentence in why.said),
            *(sentence for one in item.told for sentence in one.said),
        )
    )
    return read_glossary().used_in(shown, GLOSSARY_AT_MOST)


def rest_url(subscriptions: Sequence[Subscription], sender: Sender) -> str:
    """The page that lists what a mail only counts."""
    only = subscriptions[0] if len(subscriptions) == 1 else None
    if only is not None and only.association is not None:
        return sender.links.page("/sager", forening=only.association.slug, fund=1)
    if only is not None and only.municipality_code is not None:
        return sender.links.page("/sager", kommune=only.municipality_code, fund=1)
    return sender.links.page("/sager", fund=1)


def because(subscriptions: Sequence[Subscription]) -> str:
    """Why this person gets this mail."""
    names = [one_line(one.association.name) for one in subscriptions if one.association]
    return f"Du får mailen, fordi du er kontakt for {listed(names)} hos Dagsordenvagt."


def _about(subscription: Subscription) -> str:
    if subscription.role is Role.CONSULTANT and subscription.municipality is not None:
        return f"om civilsamfundet i {one_line(subscription.municipality.name)} Kommune"
    if subscription.association is None:
        return "om kommunens sager"
    return f"om sager, der kan betyde noget for {one_line(subscription.association.name)}"


def _gets(subscription: Subscription) -> str:
    if subscription.role is Role.CONSULTANT:
        return (
            "Dagsordenvagt læser kommunens dagsordener og referater. Har du bekræftet, får du hver uge et overblik over"
            " sagerne om civilsamfundet, og hvad foreningerne har fået at vide."
        )
    return (
        "Dagsordenvagt læser kommunernes dagsordener og referater. Har du bekræftet, får du mail, når der kommer noget"
        " på, som betyder noget for jer: hvad det handler om, hvem der beslutter, hvornår, og hvad I kan gøre."
    )


def _heading(stories: Sequence[Story]) -> str:
    if all(story.told is not None for story in stories):
        return "Nyt i en sag, I kender" if len(stories) == 1 else "Nyt i sager, I kender"
    return "En sag, der angår jer" if len(stories) == 1 else f"{counted(len(stories), 'sag', 'sager')}, der angår jer"


def _intro(stories: Sequence[Story], subscriptions: Sequence[Subscription]) -> str:
    names = listed([one_line(one.association.name) for one in subscriptions if one.association])
    news = [story for story in stories if story.told is None]
    again = len(stories) - len(news)
    parts = []
    if news:
        parts.append(f"{counted(len(news), 'sag', 'sager')} på kommunens dagsordener, som kan betyde noget for {names}")
    if again:
        parts.append(f"nyt i {counted(again, 'sag', 'sager')}, som I har fået besked om før")
    return f"Vi har fundet {', og '.join(parts)}."
