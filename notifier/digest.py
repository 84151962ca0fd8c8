"""Builds the digests: an association's day or week, and a consultant's week in one municipality."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from notifier.calendar import calendar_files
from notifier.coming_deadlines import DeadlineLine
from notifier.letters import (
    ASSOCIATION_LABELS,
    DIGEST_AT_MOST,
    because,
    first_item,
    frame,
    glossary_for,
    rest_url,
)
from notifier.message import Letter, Sender
from notifier.notices import Notices
from notifier.receipt import Receipt
from notifier.receipt_view import receipt_view
from notifier.render import render_whole
from notifier.silent import Silent
from notifier.slots import Slot, week_number
from notifier.story import Story, Why
from notifier.told_meanwhile import ToldLine
from notifier.view import ToldView, item_view
from notifier.words import counted, day, one_line
from storage.models import NEVER_ARRIVED, Message, MessageEntry, MessageKind, Revision, Subscription

HEADINGS = {MessageKind.DAILY: "Dagens sager", MessageKind.CATCH_UP: "Mens du holdt pause: sager"}
PAUSED = "Velkommen tilbage. Det er sket, mens du holdt pause, og kan stadig nås."
SILENT_AT_MOST = 20
CONSULTANT_LABELS = {"why_label": "Derfor er sagen med", "act_label": "Hvad kan foreningerne gøre nu?"}


@dataclass(frozen=True)
class Digest:
    """What a digest is made of. ``elsewhere``: how many items this reader was told of in other mails of the period.

    ``silent``: for a consultant, the associations for which nothing was found for long. ``told``: what associations
    were told besides ``stories``.
    """

    kind: MessageKind
    key: str
    period: str
    subscription: Subscription
    stories: Sequence[Story]
    receipt: Receipt
    elsewhere: int = 0
    notices: Notices = field(default_factory=Notices)
    silent: Sequence[Silent] = ()
    deadlines: tuple[DeadlineLine, ...] = ()
    more_deadlines: int = 0
    told: tuple[ToldLine, ...] = ()
    more_told: int = 0


def digest_key(kind: MessageKind, subscription: Subscription, slot: Slot) -> str:
    """``weekly:7:association-slug:2026-W41``: one digest a subscription and slot, whoever starts it."""
    about = subscription.association.slug if subscription.association else f"{subscription.municipality_code:03d}"
    word = "consultant" if kind is MessageKind.CONSULTANT_WEEKLY else kind.value
    return f"{word}:{subscription.recipient_id}:{about}:{slot.name}"


def period_of(kind: MessageKind, slot: Slot) -> str:
    """``uge 41`` or ``torsdag den 8. oktober``."""
    if kind is MessageKind.CATCH_UP:
        return "efter pausen"
    return day(slot.due_at) if kind is MessageKind.DAILY else f"uge {week_number(slot)}"


def association_letter(digest: Digest, sender: Sender, now: datetime) -> Letter:
    """The digest of one association, also of a week without a single item."""
    association = digest.subscription.association
    name = one_line(association.name) if association else ""
    heading = HEADINGS.get(digest.kind, "Ugens sager")
    if digest.stories:
        intro = f"Her er {counted(len(digest.stories), 'sag', 'sager')}, som kan betyde noget for {name}."
        intro = f"{PAUSED} {intro}" if digest.kind is MessageKind.CATCH_UP else intro
        intro += " De sikreste fund står først." if len(digest.stories) > 1 else ""
    else:
        intro = f"Vi har ingen nye sager for {name}. {_ground(digest.receipt)}"
    return _letter(
        digest,
        "digest",
        sender,
        now,
        told={},
        heading=f"{heading} for {name}",
        intro=intro,
        association=name,
        because=because((digest.subscription,)),
        **ASSOCIATION_LABELS,
    )


def consultant_letter(digest: Digest, told: Mapping[int, Sequence[ToldView]], sender: Sender, now: datetime) -> Letter:
    """A consultant's week in one municipality. ``told``: by item id, what each association was told."""
    municipality = digest.subscription.municipality
    name = one_line(municipality.name) if municipality else ""
    if digest.stories:
        found = counted(len(digest.stories), "sag", "sager")
        intro = (
            f"Her er {found} fra {name} Kommune: det, der angår civilsamfundet, og det, som foreningerne får at vide."
        )
    else:
        intro = f"Vi har ingen nye sager for civilsamfundet i {name} Kommune. {_ground(digest.receipt)}"
    return _letter(
        digest,
        "consultant",
        sender,
        now,
        told=told,
        heading=f"{name}: ugen for civilsamfundet",
        intro=intro,
        municipality=name,
        told_also=digest.told,
        more_told=digest.more_told,
        silent=[one.said(now) for one in digest.silent[:SILENT_AT_MOST]],
        more_silent=max(0, len(digest.silent) - SILENT_AT_MOST),
        because=f"Du får mailen, fordi du er tilmeldt som frivilligkonsulent for {name} Kommune hos Dagsordenvagt.",
        **CONSULTANT_LABELS,
    )


def _letter(
    digest: Digest,
    folder: str,
    sender: Sender,
    now: datetime,
    *,
    told: Mapping[int, Sequence[ToldView]],
    **words: Any,
) -> Letter:
    subscription = digest.subscription
    shown, rest = tuple(digest.stories[:DIGEST_AT_MOST]), tuple(digest.stories[DIGEST_AT_MOST:])
    items = [
        item_view(story, subscription.recipient, sender.links, now, told.get(story.item.id, ())) for story in shown
    ]
    calendars = calendar_files(shown, sender.organizer, now)
    rendered = render_whole(
        folder,
        in_full=0 if subscription.compact else len(items),
        **frame(subscription.recipient, (subscription,), sender),
        **first_item(items, len(digest.stories)),
        **words,
        items=items,
        compact=subscription.compact,
        faulty=digest.receipt.has_gaps,
        period=digest.period,
        elsewhere=_elsewhere(digest.elsewhere),
        rest=len(rest),
        rest_url=rest_url((subscription,), sender),
        glossary=glossary_for(items),
        receipt=receipt_view(digest.receipt, now),
        notices=digest.notices,
        deadlines=digest.deadlines,
        more_deadlines=digest.more_deadlines,
        page_url=sender.links.page,
        cases_url=_narrowed(sender, "/sager-paa-vej", subscription),
        reports_url=_narrowed(sender, "/rapporter", subscription),
        sources_url=sender.links.page("/kilder"),
        missed_url=sender.links.missed(subscription),
        has_calendar=any(file.method == "PUBLISH" for file in calendars),
    )
    return Letter(
        digest.kind,
        digest.key,
        subscription.recipient,
        (subscription,),
        rendered,
        shown,
        rest,
        calendars,
        digest.notices,
    )


def _narrowed(sender: Sender, path: str, subscription: Subscription) -> str:
    code = subscription.municipality_code
    return sender.links.page(path, kommune=code) if code is not None else sender.links.page(path)


def _ground(receipt: Receipt) -> str:
    """How far an empty digest can be believed."""
    if receipt.faults:
        return "Men noget kunne vi ikke læse. Nedenfor står, hvad det er."
    if not receipt.read:
        return "Men vi læser ingen dagsordener derfra endnu, så der kan godt være nogen. Nedenfor står mere om det."
    return "Nedenfor står, hvad vi har læst, så du kan se, at der er kigget efter."


def _elsewhere(number: int) -> str:
    if not number:
        return ""
    return f"Derudover er der allerede sendt besked om {counted(number, 'sag', 'sager')} i andre mails."


def told_to_associations(session: Session, stories: Sequence[Story], now: datetime) -> dict[int, list[ToldView]]:
    """By item id: every association that an item was matched with, why, and whether it has been told."""
    when = _told_when(session, {story.item.id for story in stories})
    found: dict[int, list[ToldView]] = {}
    for story in stories:
        views = [
            ToldView(one_line(why.ear.name), _few(why), _state(story, when, why.ear.profile.association_id, now))
            for why in story.whys
            if why.ear.profile.association_id is not None
        ]
        if views:
            found[story.item.id] = views
    return found


def _few(why: Why) -> tuple[str, ...]:
    return tuple(one_line(sentence, 300) for sentence in why.said[:2])


def _state(story: Story, when: Mapping[tuple[int, int], datetime], association_id: int, now: datetime) -> str:
    """Whether an association knows: of this revision, of an earlier one, or not at all."""
    today = local(now).date()
    told = when.get((story.revision.id, association_id))
    if told is not None:
        return f"fik besked {day(told, today)}"
    before = [one for (revision, whom), one in when.items() if whom == association_id and revision in _revisions(story)]
    if before:
        return f"fik besked {day(min(before), today)}, men endnu ikke om det nye"
    return "har ikke fået besked endnu"


def _revisions(story: Story) -> set[int]:
    return {revision.id for revision in story.item.revisions}


def _told_when(session: Session, items: Collection[int]) -> dict[tuple[int, int], datetime]:
    """When an association's people were first told, by (revision id, association id)."""
    rows = session.execute(
        select(Revision.id, MessageEntry.reasons, Message.created_at)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(
            Revision.item_id.in_(items),
            Message.kind != MessageKind.CONSULTANT_WEEKLY,
            Message.status.not_in(NEVER_ARRIVED),
        )
        .order_by(Message.id)
    )
    found: dict[tuple[int, int], datetime] = {}
    for revision_id, reasons, created_at in rows:
        for kept in reasons:
            if kept.get("association_id") is not None:
                found.setdefault((revision_id, kept["association_id"]), created_at)
    return found
