"""What a profile that is not kept would have found lately, for somebody who is about to sign up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from matcher.archive_sample import DAYS_IN_A_WEEK, Sample, sampled
from matcher.companions import Companions
from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.rows import match_reasons
from matcher.topics import load_thesaurus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from matcher.companions import Companion
    from matcher.profile import Profile
    from matcher.topics import Thesaurus
    from storage.models import AgendaItem

SECONDS: Final = 5.0
SECONDS_FOR_MANY: Final = 20.0


@dataclass(frozen=True)
class WouldHit:
    """One item that the profile would have met. ``said``: why, in sentences; ``subject``: what most of all."""

    item: AgendaItem
    strong: bool
    said: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class WouldFind:
    """``hits``, newest meeting first, among the ``looked`` items of ``there`` in ``days`` days.

    ``weeks``: the Monday of each week with how many items it would have brought; where not all were looked at, as
    many as the rest is likely to hold. ``companions``: words that stand in the hits far more often than elsewhere.
    """

    hits: tuple[WouldHit, ...] = ()
    looked: int = 0
    there: int = 0
    days: float = DAYS_IN_A_WEEK
    per_day: float = 0.0
    weeks: tuple[tuple[date, int], ...] = ()
    companions: tuple[Companion, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether no item was left out."""
        return self.looked == self.there

    @property
    def per_week(self) -> float:
        """Hits in a usual week; 0 when nothing was read."""
        return self.per_day * DAYS_IN_A_WEEK

    @property
    def widest(self) -> tuple[str, int]:
        """The subject that brought most hits, and how many; nothing ("", 0) where there are none."""
        return next(iter(Counter(hit.subject for hit in self.hits).most_common(1)), ("", 0))


def would_find(
    session: Session, profile: Profile, codes: Sequence[int], since: datetime, *, seconds: float = SECONDS
) -> WouldFind:
    """Compares a profile with what was read of meetings since ``since`` in the municipalities ``codes`` (none: all).

    Stops after ``seconds`` (``matcher.archive_sample``). Reads the stored analyses, so texts that the matcher has not
    read yet do not count.
    """
    compiled = compile_profiles([profile], thesaurus())
    sample, companions = Sample(), Companions()
    hits: list[WouldHit] = []
    for one in sampled(session, codes, since, sample, seconds=seconds):
        found = find(one.text, compiled, reading=one.reading, papers=one.papers)
        subject = ""
        if found:
            reasons = match_reasons(found[0])
            subject = str(reasons[0]["label"]) if reasons else ""
            said = tuple(str(reason["said"]) for reason in reasons)
            hits.append(WouldHit(one.row, found[0].grade == "strong", said, subject))
        companions.add(one.reading, subject if found else None)
    hits.sort(key=lambda hit: (hit.item.meeting.starts_at, -hit.item.id), reverse=True)
    looked, there = sample.looked.total(), sample.there.total()
    weeks = _weeks((hit.item.meeting.starts_at for hit in hits), sample, there / looked if looked else 0.0)
    per_day = sample.per_day(len(hits), codes)
    return WouldFind(tuple(hits), looked, there, sample.days, per_day, weeks, tuple(companions.best()))


@dataclass(frozen=True)
class Rate:
    """How often a profile would have fired: hits a day, among how many items that were looked at for it."""

    per_day: float
    looked: int


def rates(
    session: Session,
    profiles: Sequence[Profile],
    codes: Mapping[str, Sequence[int]],
    since: datetime,
    *,
    seconds: float = SECONDS_FOR_MANY,
) -> dict[str, Rate]:
    """The same for many profiles at once, only counted. ``codes``: the municipalities of each, by profile id."""
    wanted = {code for profile in profiles for code in codes[profile.id]}
    everywhere = any(not codes[profile.id] for profile in profiles)
    sample, hits = Sample(), Counter[str]()
    compiled = compile_profiles(profiles, thesaurus())
    for one in sampled(session, () if everywhere else sorted(wanted), since, sample, seconds=seconds):
        found = find(one.text, compiled, reading=one.reading, papers=one.papers)
        hits.update(each.profile_id for each in found)
    return {
        one.id: Rate(sample.per_day(hits[one.id], codes[one.id]), sample.count(sample.looked, codes[one.id]))
        for one in profiles
    }


@lru_cache(maxsize=1)
def thesaurus() -> Thesaurus:
    """The shipped thesaurus, read once in a process."""
    return load_thesaurus()


def _weeks(held: Iterable[datetime], sample: Sample, share: float) -> tuple[tuple[date, int], ...]:
    if sample.first is None or sample.last is None:
        return ()
    counts = Counter(_monday(moment) for moment in held)
    first, last = _monday(sample.first), _monday(sample.last)
    mondays = [first + timedelta(days=number) for number in range(0, (last - first).days + 1, DAYS_IN_A_WEEK)]
    return tuple((monday, round(counts[monday] * share)) for monday in mondays)


def _monday(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())
