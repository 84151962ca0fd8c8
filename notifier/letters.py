"""Builds the mail that goes out at once, and what all letters share."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from config.glossary import GlossaryEntry, read_glossary
from notifier.calendar import calendar_files
from notifier.message import Letter, Sender
from notifier.render import render_whole
from notifier.story import Story
from notifier.unreached import unreached
from notifier.view import ItemView, item_view
from notifier.words import counted, listed, one_line
from storage.models import MessageKind, Recipient, Role, Subscription

IMMEDIATE_AT_MOST = 25
DIGEST_AT_MOST = 15
GLOSSARY_AT_MOST = 6

ASSOCIATION_LABELS = {"why_label": "Derfor får I det at vide", "act_label": "Hvad kan I gøre nu?"}


def immediate_letter(
    recipient: Recipient,
    subscriptions: Sequence[Subscription],
    stories: Sequence[Story],
    sender: Sender,
    now: datetime,
    *,
    broad_key: str = "",
) -> Letter:
    """One mail with everything that cannot wait, over all of the recipient's associations. ``stories`` is not empty.

    ``broad_key``: the key of a mail that has too much to tell, and says so; else the key comes from the stories.
    """
    concerned = tuple(one for one in subscriptions if any(story.concerns(one) for story in stories))
    at_most = DIGEST_AT_MOST if broad_key else IMMEDIATE_AT_MOST
    shown, rest = tuple(stories[:at_most]), tuple(stories[at_most:])
    items = [item_view(story, recipient, sender.links, now) for story in shown]
    calendars = calendar_files(shown, sender.organizer, now)
    words = render_whole(
        "immediate",
        in_full=len(items),
        compact=False,
        **frame(recipient, concerned, sender),
        **ASSOCIATION_LABELS,
        **first_item(items, len(stories)),
        items=items,
        heading=_heading(stories),
        intro=_intro(stories, concerned),
        broad=bool(broad_key),
        rest=len(rest),
        rest_url=rest_url(concerned, sender),
        glossary=glossary_for(items),
        has_calendar=any(file.method == "PUBLISH" for file in calendars),
        because=because(concerned),
    )
    ids = ",".join(str(story.revision.id) for story in sorted(stories, key=lambda story: story.revision.id))
    key = broad_key or f"immediate:{recipient.id}:{hashlib.sha256(ids.encode()).hexdigest()[:24]}"
    return Letter(MessageKind.IMMEDIATE, key, recipient, concerned, words, shown, rest, calendars)


def frame(recipient: Recipient, subscriptions: Sequence[Subscription], sender: Sender) -> dict[str, Any]:
    """What every mail needs."""
    name = one_line(recipient.name, 80)
    return {
        "greeting": f"Hej {name}" if name else "Hej",
        "preferences_url": sender.links.preferences(recipient),
        "unreached": unreached(recipient, subscriptions),
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
            item.added,
            item.decision,
            *item.new_attachments,
            *(sentence for why in item.whys for sentence in why.said),
            *(sentence for one in item.told for sentence in one.said),
        )
    )
    return list(_used_in(shown))


@lru_cache(maxsize=100)
def _used_in(shown: str) -> tuple[GlossaryEntry, ...]:
    """Readers of the same items are told the same words: looked for once."""
    return tuple(read_glossary().used_in(shown, GLOSSARY_AT_MOST))


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
    own = [one_line(one.association.name) for one in subscriptions if one.association and one.role is Role.WATCHER]
    others = [one_line(one.association.name) for one in subscriptions if one.association and one.role is Role.DEPUTY]
    reasons = [f"du er kontakt for {listed(own)} hos Dagsordenvagt"] if own else []
    if others:
        stands_in = f"du er stedfortræder for {listed(others)}"
        reasons.append(f"{stands_in}, hvor ingen af de faste modtagere får mails lige nu")
    return f"Du får mailen, fordi {' og '.join(reasons)}."


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
