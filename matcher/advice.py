"""Profiles that would fire all the time, or never: said to their people in plain Danish, with what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from config.clock import now
from matcher.archive_sample import DAYS_IN_A_WEEK
from storage.models import AgendaItem, Analysis, Committee, Match, Meeting, ProfileCheck, Revision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from matcher.would_find import Rate, WouldFind
    from storage.models import Profile

LOOK_BACK: Final = timedelta(days=90)
TOO_MANY_A_DAY: Final = 5.0
ENOUGH_ITEMS: Final = 50  # an archive with fewer says nothing about a profile that found nothing in it
MAIN_CAUSE: Final = 0.4  # of the hits: then a single subject is named

NARROW: Final = (
    "Vælg færre eller mere præcise emner, skriv under »Ikke om«, hvad I ikke vil høre om, eller følg færre kommuner."
)
WIDEN: Final = "Tilføj et emne, en målgruppe eller et ord, som kommunen selv ville bruge, eller følg flere kommuner."


def advice(per_day: float, looked: int, widest: str = "") -> str:
    """What to tell of a profile that would have brought ``per_day`` items; "" when it is in order.

    ``looked``: how many items it was compared with; ``widest``: the subject that brought most of the hits.
    """
    if per_day > TOO_MANY_A_DAY:
        cause = f"De fleste kom på grund af »{widest}«. " if widest else ""
        return f"Profilen ville have givet cirka {per_day:.0f} sager om dagen, og så mange læser ingen. {cause}{NARROW}"
    if not per_day and looked >= ENOUGH_ITEMS:
        return f"Profilen ville ikke have givet en eneste sag: den passede på ingen af {looked} punkter. {WIDEN}"
    return ""


def advice_on(found: WouldFind) -> str:
    """The same of a profile that was tried out."""
    subject, count = found.widest
    return advice(found.per_day, found.looked, subject if count > MAIN_CAUSE * len(found.hits) else "")


def advice_on_rate(rate: Rate) -> str:
    """The same of one of many profiles that were only counted."""
    return advice(rate.per_day, rate.looked)


def advice_on_matches(session: Session, profile: Profile) -> str:
    """The same of a profile that the matcher has met, from its stored matches of the last 90 days."""
    check = session.get(ProfileCheck, profile.id)
    if check is None or not check.finished or check.profile_hash != profile.content_hash:
        return ""
    if check.problem:
        return check.problem
    codes, since = profile.municipality_codes, now() - LOOK_BACK
    items = select(Meeting).join(Committee).where(Meeting.starts_at >= since)
    items = items.where(Committee.municipality_code.in_(codes)) if codes else items
    first, last = (
        session.scalar(items.with_only_columns(Meeting.starts_at).order_by(moment).limit(1))
        for moment in (Meeting.starts_at.asc(), Meeting.starts_at.desc())
    )
    if first is None or last is None:
        return ""
    hits = session.scalar(
        select(func.count(func.distinct(Revision.item_id)))
        .join(Match, Match.revision_id == Revision.id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(Match.profile_id == profile.id, Match.current, Meeting.starts_at >= since)
    )
    looked = (
        0
        if hits
        else session.scalar(
            items.join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
            .join(Revision, Revision.item_id == AgendaItem.id)
            .join(Analysis, Analysis.revision_id == Revision.id)
            .with_only_columns(func.count(func.distinct(AgendaItem.id)))
        )
    )
    days = max((last - first).total_seconds() / 86400, DAYS_IN_A_WEEK)
    return advice((hits or 0) / days, looked or 0)
