"""What a municipality's associations were told besides the items of the consultant's own digest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import local
from notifier.links import Links
from notifier.words import day, listed, one_line
from storage.models import (
    NEVER_ARRIVED,
    AgendaItem,
    Committee,
    Meeting,
    Message,
    MessageEntry,
    MessageKind,
    Revision,
    Subscription,
)

SHOWN_AT_MOST = 15
# How far back the first digest of a consultant looks.
FIRST_LOOK = timedelta(days=7)


@dataclass(frozen=True)
class ToldLine:
    """One item: its title and page, and ``Sind Aarhus (torsdag den 1. oktober) og Baglandet (…)``."""

    title: str
    page: str
    whom: str


def told_meanwhile(
    session: Session, subscription: Subscription, besides: Collection[int], links: Links, now: datetime
) -> tuple[tuple[ToldLine, ...], int]:
    """(the items that associations were told of since the consultant's last digest, newest first; how many more).

    ``besides``: the ids of items that this digest shows anyway, with whom was told.
    """
    rows = session.execute(
        select(AgendaItem.id, AgendaItem.title, MessageEntry.reasons, Message.created_at)
        .join(Revision, MessageEntry.revision_id == Revision.id)
        .join(AgendaItem, Revision.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(
            Committee.municipality_code == subscription.municipality_code,
            AgendaItem.id.not_in(besides),
            AgendaItem.taken_down_at.is_(None),
            Message.created_at > _last_digest(session, subscription, now),
            Message.kind != MessageKind.CONSULTANT_WEEKLY,
            Message.status.not_in(NEVER_ARRIVED),
        )
        .order_by(Message.id.desc())
    )
    titles: dict[int, str] = {}
    whom: dict[int, dict[str, str]] = {}
    for item_id, title, reasons, created_at in rows:
        for kept in reasons:
            if kept.get("association_id") is not None:
                titles[item_id] = title
                name = one_line(str(kept["association"]), 80)
                whom.setdefault(item_id, {}).setdefault(name, day(created_at, local(now).date()))
    lines = tuple(
        ToldLine(
            one_line(titles[number], 160),
            links.page(f"/sager/{number}"),
            listed([f"{name} ({when})" for name, when in sorted(told.items())]),
        )
        for number, told in list(whom.items())[:SHOWN_AT_MOST]
    )
    return lines, max(0, len(whom) - SHOWN_AT_MOST)


def _last_digest(session: Session, subscription: Subscription, now: datetime) -> datetime:
    last = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.recipient_id == subscription.recipient_id,
            Message.kind == MessageKind.CONSULTANT_WEEKLY,
            Message.key.startswith(f"consultant:{subscription.recipient_id}:{subscription.municipality_code:03d}:"),
            Message.status.not_in(NEVER_ARRIVED),
        )
    )
    return last or now - FIRST_LOOK
