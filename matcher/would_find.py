"""What a profile that is not kept would have found lately, for somebody who is about to sign up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.reading import Reading
from matcher.rows import item_text, match_reasons
from matcher.topics import load_thesaurus
from storage.models import AgendaItem, Analysis, Attachment, Committee, Meeting, Revision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from matcher.profile import Profile
    from matcher.topics import Thesaurus

AT_MOST: Final = 1500  # revisions; the newest
AT_A_TIME: Final = 50
SECONDS: Final = 5.0
DAYS_IN_A_WEEK: Final = 7


@dataclass(frozen=True)
class WouldHit:
    """One item that the profile would have met. ``said``: why, in sentences."""

    item: AgendaItem
    strong: bool
    said: tuple[str, ...]


@dataclass(frozen=True)
class WouldFind:
    """``hits`` among the ``looked`` newest items, which reach ``days`` back. ``whole``: none was left out."""

    hits: tuple[WouldHit, ...]
    looked: int
    days: float
    whole: bool

    @property
    def per_week(self) -> float:
        """Hits in a usual week; 0 when nothing was read."""
        return len(self.hits) * DAYS_IN_A_WEEK / max(self.days, DAYS_IN_A_WEEK) if self.looked else 0.0


def would_find(
    session: Session, profile: Profile, codes: Sequence[int], since: datetime, *, seconds: float = SECONDS
) -> WouldFind:
    """Compares a profile with what was read of meetings since ``since`` in the municipalities ``codes`` (none: all).

    Stops after ``seconds``, with the newest meetings looked at first. Reads the stored analyses, so texts that the
    matcher has not read yet do not count.
    """
    compiled = compile_profiles([profile], thesaurus())
    end = time.monotonic() + seconds
    numbers = _newest(session, codes, since)
    hits: list[WouldHit] = []
    looked, oldest, newest = 0, None, None
    for start in range(0, len(numbers), AT_A_TIME):
        if looked and time.monotonic() > end:
            break
        for revision, terms in _load(session, numbers[start : start + AT_A_TIME]):
            found = find(item_text(revision), compiled, reading=Reading.from_json(terms))
            held = revision.item.meeting.starts_at
            oldest, newest = min(oldest or held, held), max(newest or held, held)
            looked += 1
            if found:
                said = tuple(str(reason["said"]) for reason in match_reasons(found[0]))
                hits.append(WouldHit(revision.item, found[0].grade == "strong", said))
    days = (newest - oldest).total_seconds() / 86400 if newest and oldest else 0.0
    return WouldFind(tuple(hits), looked, days, looked == len(numbers) < AT_MOST)


@lru_cache(maxsize=1)
def thesaurus() -> Thesaurus:
    """The shipped thesaurus, read once in a process."""
    return load_thesaurus()


def _newest(session: Session, codes: Sequence[int], since: datetime) -> list[int]:
    last = select(func.max(Revision.id)).group_by(Revision.item_id)
    query = (
        select(Revision.id)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(Revision.id.in_(last), Meeting.starts_at >= since, AgendaItem.withdrawn_at.is_(None))
        .order_by(Meeting.starts_at.desc(), Revision.id)
        .limit(AT_MOST)
    )
    return list(session.scalars(query.where(Committee.municipality_code.in_(codes)) if codes else query))


def _load(session: Session, numbers: Sequence[int]) -> list[tuple[Revision, dict[str, object]]]:
    rows = session.execute(
        select(Revision, Analysis.terms)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(Revision.id.in_(numbers))
        .options(
            selectinload(Revision.sections),
            selectinload(Revision.attachments).selectinload(Attachment.document),
            joinedload(Revision.item)
            .joinedload(AgendaItem.meeting)
            .joinedload(Meeting.committee)
            .joinedload(Committee.municipality),
        )
    )
    return [(revision, terms) for revision, terms in rows]
