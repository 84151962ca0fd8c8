"""Decides what of an item a recipient is told. Pure: it looks at loaded rows and asks the database nothing.

The rules:

* Only the newest material revision of an item is ever told; older ones that were not mailed in time are covered by it.
* News is an item that a profile matched in a revision seen before the meeting began, of a meeting that began after
  the subscription was confirmed (for a deputy: after the duty began). A match that a changed profile brought counts
  only for meetings after the change.
* Told before, or following the case: every later material revision is told, also after the meeting; not when the
  item came back to what was told before.
* A case that an association was told of as a sure find is told again when it comes before another committee,
  whatever the words are there.
* Whoever stands in for another, or took over, goes on from what that one was told.
* What was taken down is told to nobody any more.
* What a deliberate read of the archive brought (``backfill``), and what only our own reprocessing found, is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from notifier.deadlines import Deadline
from notifier.story import UNCHANGED, CalendarState, Ear, Story, Why
from notifier.words import CHANGES
from storage.models import (
    AgendaItem,
    FollowedCase,
    Grade,
    Match,
    MatchOrigin,
    MessageEntry,
    Revision,
    Stage,
)

T = TypeVar("T")

MAILABLE = (MatchOrigin.PUBLISHED, MatchOrigin.PROFILE)


@dataclass(frozen=True)
class Step:
    """Where an association was last told of a case, before it went on from there, and how sure that find was."""

    committee: str
    score: float


@dataclass(frozen=True)
class Facts:
    """All that is known of one item for one recipient.

    ``matches`` are current and mailable ones, by profile id; ``analysed`` holds the ids of the item's analysed
    revisions; ``entries`` are this recipient's for the item, ``others`` those of people in whose place the
    recipient hears; ``earlier`` Message-IDs about the item or its case; ``deadlines`` and ``amounts``
    of money stand in the text, by revision.
    ``moved_on``: by association id, where it was told of the item's case before the case came here.
    """

    item: AgendaItem
    matches: Mapping[int, Sequence[Match]] = field(default_factory=dict)
    entries: Sequence[MessageEntry] = ()
    others: Sequence[MessageEntry] = ()
    followed: Mapping[int, FollowedCase] = field(default_factory=dict)
    analysed: frozenset[int] = frozenset()
    earlier: tuple[str, ...] = ()
    deadlines: Mapping[int, tuple[Deadline, ...]] = field(default_factory=dict)
    amounts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    calendar: CalendarState = UNCHANGED
    moved_on: Mapping[int, Step] = field(default_factory=dict)


def choose(facts: Facts, ears: Sequence[Ear]) -> Story | None:
    """The story that these ears are to be told of the item now, or None."""
    if facts.item.taken_down_at is not None:
        return None
    material = [revision for revision in facts.item.revisions if revision.material]
    told_ids = {entry.revision_id for entry in facts.entries}
    if not material or material[-1].backfill or material[-1].id in told_ids:
        return None
    newest = material[-1]
    own = _last_told(facts, facts.entries)
    if own is not None and not _changes(material, own):
        return None  # attachments in another order, say: nothing that could be told
    heard = [one for ear in ears if (one := _heard(facts, ear, material, own)) is not None]
    if not heard:
        return None
    whys = [why for why, _ in heard]
    before = [told for _, told in heard if told is not None]
    told = max(before, key=lambda one: one.number) if len(before) == len(heard) else own
    return Story(
        item=facts.item,
        revision=newest,
        whys=tuple(sorted(whys, key=lambda why: (why.grade is not Grade.STRONG, -why.score, why.ear.name))),
        told=told,
        changes=_changes(material, told),
        covers=tuple(one.id for one in material if one.id != newest.id and one.id not in told_ids),
        earlier=facts.earlier,
        deadlines=_read(facts, facts.deadlines, newest),
        deadlines_before=_read(facts, facts.deadlines, told) if told is not None else (),
        amounts=_read(facts, facts.amounts, newest),
        changed_at=_last_change(facts),
        calendar=facts.calendar,
    )


def _heard(
    facts: Facts, ear: Ear, material: Sequence[Revision], own: Revision | None
) -> tuple[Why, Revision | None] | None:
    """Why this ear is told, and the revision that it was told of before."""
    newest, taken_over = material[-1], _taken_over(facts, ear)
    if any(entry.revision_id == newest.id for entry in taken_over):
        return None
    told = own or _last_told(facts, taken_over)
    if told is not None and not _changes(material, told):
        return None
    why = _why(facts, ear, newest, told)
    return None if why is None else (why, told)


def _read(facts: Facts, by_revision: Mapping[int, tuple[T, ...]], revision: Revision) -> tuple[T, ...]:
    """What was read in a revision; until it has been read, what was in the one before."""
    if _gone(revision):
        return ()
    known = [one.id for one in facts.item.revisions if one.number <= revision.number and one.id in by_revision]
    return by_revision[known[-1]] if known else ()


def _last_change(facts: Facts) -> datetime | None:
    """When this recipient last got word of the item again. The first mail about it tells no change."""
    told = sorted((entry for entry in facts.entries if entry.reasons), key=lambda entry: entry.id)
    return told[-1].message.created_at if len(told) > 1 else None


def _gone(revision: Revision) -> bool:
    return "withdrawn" in revision.changes


def _why(facts: Facts, ear: Ear, newest: Revision, told: Revision | None) -> Why | None:
    matches = sorted(facts.matches.get(ear.profile.id, ()), key=lambda match: match.revision.number, reverse=True)
    match = next(iter(matches), None)
    kept = _kept(facts, ear)
    if told is not None and kept is not None:
        return _again(ear, kept, match, newest)
    follow = facts.followed.get(ear.profile.association_id or 0)
    if follow is not None and newest.seen_at >= follow.since:
        note = f" ({follow.note})" if follow.note else ""
        said = (*(_said(match) if match else ()), f"I følger sagen{note}.")
        return Why(ear, Grade.STRONG, match.score if match else 1.0, said, match.quote if match else "")
    if facts.item.withdrawn_at is not None:
        return None
    found = _found(facts, ear, newest, matches)
    return found if found is not None and found.grade is Grade.STRONG else _next_step(facts, ear, newest, found)


def _found(facts: Facts, ear: Ear, newest: Revision, matches: Sequence[Match]) -> Why | None:
    match = next(iter(matches), None)
    if match is None or not _is_news(facts, ear, matches):
        return None
    if match.revision.number < newest.number and newest.id in facts.analysed and newest.stage is not Stage.MINUTES:
        return None  # the newer text was read and no longer concerns this profile
    return Why(ear, match.grade, match.score, _said(match), match.quote)


def _next_step(facts: Facts, ear: Ear, newest: Revision, found: Why | None) -> Why | None:
    """``found``, or the same with the certainty that the case had in the committee before."""
    step, since = facts.moved_on.get(ear.profile.association_id or 0), ear.subscription.hears_from
    # Until the text has been read its own words may say more.
    if step is None or since is None or newest.id not in facts.analysed or ear.profile.committees:
        return found
    first = facts.item.revisions[0]
    if first.backfill or not max(first.seen_at, since) < _begins(facts):
        return found
    said = (*(found.said if found else ()), f"I fik besked om sagen, da den var i {step.committee}.")
    score = max(step.score, found.score if found else 0.0)
    return Why(ear, Grade.STRONG, score, said, found.quote if found else "")


def _taken_over(facts: Facts, ear: Ear) -> list[MessageEntry]:
    """What others were told that counts as told to this ear."""
    confirmed = ear.subscription.confirmed_at
    held = confirmed is not None and _begins(facts) <= confirmed
    whose = ear.stands_in_for | (ear.succeeds if held else frozenset())
    return [entry for entry in facts.others if any(kept.get("subscription_id") in whose for kept in entry.reasons)]


def _is_news(facts: Facts, ear: Ear, matches: Sequence[Match]) -> bool:
    meeting, since = facts.item.meeting, ear.subscription.hears_from
    if since is None or _begins(facts) <= since:
        return False
    return any(
        match.revision.seen_at < _begins(facts)
        and not match.revision.backfill
        and (match.origin is MatchOrigin.PUBLISHED or meeting.starts_at > ear.profile.changed_at)
        for match in matches
    )


def _begins(facts: Facts) -> datetime:
    """When the meeting begins; a meeting known by its date alone is taken to begin at the end of that day."""
    meeting = facts.item.meeting
    return meeting.starts_at if meeting.time_known else meeting.starts_at + timedelta(days=1)


def _again(ear: Ear, kept: Mapping[str, Any], match: Match | None, newest: Revision) -> Why:
    """A later step of something told: as strong as it was, or stronger."""
    before = Grade(kept["grade"])
    if match is None or match.revision.number < newest.number:
        return Why(ear, before, float(kept.get("score", 1.0)), tuple(kept["said"]))
    grade = Grade.STRONG if Grade.STRONG in (before, match.grade) else Grade.WEAK
    return Why(ear, grade, match.score, _said(match), match.quote)


def _kept(facts: Facts, ear: Ear) -> Mapping[str, Any] | None:
    """What this ear was told of the item before, newest first."""
    whose = frozenset({ear.subscription.id})
    for entries in (facts.entries, _taken_over(facts, ear)):
        for entry in sorted(entries, key=lambda entry: entry.id, reverse=True):
            for kept in entry.reasons:
                mine = kept.get("association_id") == ear.profile.association_id
                if mine and kept.get("subscription_id") in whose:
                    return kept
        whose = ear.stands_in_for | ear.succeeds
    return None


def _last_told(facts: Facts, entries: Sequence[MessageEntry]) -> Revision | None:
    told = {entry.revision_id for entry in entries if entry.reasons}
    return next((revision for revision in reversed(facts.item.revisions) if revision.id in told), None)


def _changes(material: Sequence[Revision], told: Revision | None) -> tuple[str, ...]:
    """What happened since the recipient was told, weightiest first; nothing for news."""
    if told is None:
        return ()
    words = {word for revision in material if revision.number > told.number for word in revision.changes}
    newest = material[-1]
    if not _gone(newest):
        words.discard("withdrawn")
    if newest.meaning_hash == told.meaning_hash and _gone(newest) == _gone(told):
        words &= {"moved"}  # it came back to what the reader knows: there is nothing to show
    return tuple(word for word in CHANGES if word in words)


def _said(match: Match) -> tuple[str, ...]:
    return tuple(str(reason["said"]) for reason in match.reasons if reason.get("said"))
