"""Decides what of an item a recipient is told. Pure: it looks at loaded rows and asks the database nothing.

The rules:

* Only the newest material revision of an item is ever told; older ones that were not mailed in time are covered by it.
* News is an item that a profile matched in a revision seen before the meeting began, of a meeting that began after
  the subscription was confirmed. A match that a changed profile brought counts only for meetings after the change.
* Told before, or following the case: every later material revision is told, also after the meeting.
* What a deliberate read of the archive brought (``backfill``), and what only our own reprocessing found, is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from notifier.story import Ear, Story, Why
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

MAILABLE = (MatchOrigin.PUBLISHED, MatchOrigin.PROFILE)


@dataclass(frozen=True)
class Facts:
    """All that is known of one item for one recipient.

    ``matches`` are current and mailable ones, by profile id; ``analysed`` holds the ids of the item's analysed
    revisions; ``entries`` are this recipient's for the item; ``earlier`` Message-IDs about the item or its case.
    """

    item: AgendaItem
    matches: Mapping[int, Sequence[Match]] = field(default_factory=dict)
    entries: Sequence[MessageEntry] = ()
    followed: Mapping[int, FollowedCase] = field(default_factory=dict)
    analysed: frozenset[int] = frozenset()
    earlier: tuple[str, ...] = ()


def choose(facts: Facts, ears: Sequence[Ear]) -> Story | None:
    """The story that these ears are to be told of the item now, or None."""
    material = [revision for revision in facts.item.revisions if revision.material]
    told_ids = {entry.revision_id for entry in facts.entries}
    if not material or material[-1].backfill or material[-1].id in told_ids:
        return None
    newest = material[-1]
    told = _last_told(facts)
    changes = _changes(material, told)
    if told is not None and not changes:
        return None  # attachments in another order, say: nothing that could be told
    whys = [why for ear in ears if (why := _why(facts, ear, newest, told)) is not None]
    if not whys:
        return None
    return Story(
        item=facts.item,
        revision=newest,
        whys=tuple(sorted(whys, key=lambda why: (why.grade is not Grade.STRONG, -why.score, why.ear.name))),
        told=told,
        changes=changes,
        covers=tuple(one.id for one in material if one.id != newest.id and one.id not in told_ids),
        earlier=facts.earlier,
    )


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
    if match is None or facts.item.withdrawn_at is not None or not _is_news(facts, ear, matches):
        return None
    if match.revision.number < newest.number and newest.id in facts.analysed and newest.stage is not Stage.MINUTES:
        return None  # the newer text was read and no longer concerns this profile
    return Why(ear, match.grade, match.score, _said(match), match.quote)


def _is_news(facts: Facts, ear: Ear, matches: Sequence[Match]) -> bool:
    meeting, confirmed = facts.item.meeting, ear.subscription.confirmed_at
    if confirmed is None or _begins(facts) <= confirmed:
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
    for entry in sorted(facts.entries, key=lambda entry: entry.id, reverse=True):
        for kept in entry.reasons:
            if (kept.get("subscription_id"), kept.get("association_id")) == ear.key:
                return kept
    return None


def _last_told(facts: Facts) -> Revision | None:
    told = {entry.revision_id for entry in facts.entries if entry.reasons}
    return next((revision for revision in reversed(facts.item.revisions) if revision.id in told), None)


def _changes(material: Sequence[Revision], told: Revision | None) -> tuple[str, ...]:
    """What happened since the recipient was told, weightiest first; nothing for news."""
    if told is None:
        return ()
    words = {word for revision in material if revision.number > told.number for word in revision.changes}
    if "withdrawn" in words and "withdrawn" not in material[-1].changes:
        words.discard("withdrawn")
    return tuple(word for word in CHANGES if word in words)


def _said(match: Match) -> tuple[str, ...]:
    return tuple(str(reason["said"]) for reason in match.reasons if reason.get("said"))
