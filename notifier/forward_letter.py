"""Builds the mail with an item that somebody passed on."""

from datetime import datetime

from notifier.calendar import calendar_files
from notifier.letters import ASSOCIATION_LABELS, because, first_item, frame, glossary_for, rest_url
from notifier.message import Letter, Sender
from notifier.render import render
from notifier.story import Story
from notifier.view import item_view
from notifier.words import one_line, shortened
from storage.models import MessageKind, Subscription

NOTE_AT_MOST = 1500


def forward_letter(
    subscription: Subscription, story: Story, sender: Sender, *, note: str, by: str, now: datetime
) -> Letter:
    """One item with the sender's note above it. The key holds association and revision: it is never made twice."""
    recipient = subscription.recipient
    items = [item_view(story, recipient, sender.links, now)]
    calendars = calendar_files((story,), sender.organizer, now)
    words = render(
        "forward",
        **frame(recipient, (subscription,), sender),
        **ASSOCIATION_LABELS,
        **first_item(items, 1),
        items=items,
        by=one_line(by, 120),
        note=shortened(note, NOTE_AT_MOST),
        association=one_line(subscription.association.name) if subscription.association else "",
        rest=0,
        rest_url=rest_url((subscription,), sender),
        glossary=glossary_for(items),
        has_calendar=any(file.method == "PUBLISH" for file in calendars),
        because=because((subscription,)),
    )
    key = f"forward:{subscription.id}:{story.revision.id}"
    return Letter(MessageKind.FORWARD, key, recipient, (subscription,), words, (story,), (), calendars)
