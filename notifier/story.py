"""What a mail tells of one agenda item, and for whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifier.deadlines import Deadline
from storage.models import AgendaItem, Frequency, Grade, Profile, Revision, Subscription


@dataclass(frozen=True)
class Ear:
    """A subscription listening through one profile.

    A watcher has one: the association's. A consultant hears through every profile that found something in the
    municipality. What the subscriptions in ``stands_in_for`` were told counts as told here: a deputy and the watchers,
    both ways. Of those in ``succeeds`` (watchers who handed over) that holds for what was held before.
    """

    subscription: Subscription
    profile: Profile
    stands_in_for: frozenset[int] = frozenset()
    succeeds: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """Whose interest it is; empty for our own civil-society profile."""
        return self.profile.association.name if self.profile.association else ""

    @property
    def key(self) -> tuple[int, int | None]:
        """What identifies this ear in a ``MessageEntry``'s reasons."""
        return self.subscription.id, self.profile.association_id


@dataclass(frozen=True)
class CalendarState:
    """``step``: how often the meeting was moved, lost or regained an item. ``others``: other items of the meeting that
    the recipient was told of and that still stand: the meeting stays in the calendar without this one."""

    step: int = 0
    others: int = 0


UNCHANGED = CalendarState()


@dataclass(frozen=True)
class Why:
    """Why one ear is told: sentences for people (``said``) and the passage that says most (``quote``)."""

    ear: Ear
    grade: Grade
    score: float
    said: tuple[str, ...]
    quote: str = ""

    @property
    def at_once(self) -> bool:
        """True when this ear wants to know without waiting for a digest."""
        return self.grade is Grade.STRONG and self.ear.subscription.frequency is Frequency.IMMEDIATE

    def as_kept(self, *, shown: bool) -> dict[str, Any]:
        """The form kept in ``MessageEntry.reasons``."""
        subscription_id, association_id = self.ear.key
        return {
            "subscription_id": subscription_id,
            "association_id": association_id,
            "association": self.ear.name,
            "grade": self.grade.value,
            "score": self.score,
            "shown": shown,
            "said": list(self.said),
        }


@dataclass(frozen=True)
class Story:
    """One item's newest material revision, for one recipient.

    ``told``: the revision this recipient was last told of (None: news). ``changes``: what happened since then.
    ``covers``: older material revisions that were never told and now never will be.
    ``earlier``: Message-IDs of mails about this item or its case, oldest first.
    ``deadlines``: those in the revision's text, also past ones; ``deadlines_before``: in the told one's.
    ``amounts``: sums of money in the revision's text, as it says them.
    ``changed_at``: when this recipient was last told of a change of the item. ``calendar``: how the recipient's
    calendar is to be brought up to date.
    """

    item: AgendaItem
    revision: Revision
    whys: tuple[Why, ...]
    told: Revision | None = None
    changes: tuple[str, ...] = ()
    covers: tuple[int, ...] = ()
    earlier: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    deadlines_before: tuple[Deadline, ...] = ()
    amounts: tuple[str, ...] = ()
    changed_at: datetime | None = None
    calendar: CalendarState = UNCHANGED

    @property
    def gone(self) -> bool:
        """True when the item was taken off the agenda."""
        return "withdrawn" in self.changes

    @property
    def score(self) -> float:
        """The strongest reason's score, 0 to 1."""
        return max(why.score for why in self.whys)

    @property
    def grade(self) -> Grade:
        """Strong when any reason is."""
        return Grade.STRONG if any(why.grade is Grade.STRONG for why in self.whys) else Grade.WEAK

    @property
    def at_once(self) -> bool:
        """True when it goes into an immediate mail."""
        return any(why.at_once for why in self.whys)

    @property
    def best(self) -> Why:
        """The strongest reason."""
        return max(self.whys, key=lambda why: (why.grade is Grade.STRONG, why.score))

    def concerns(self, subscription: Subscription) -> bool:
        """True when one of the reasons belongs to this subscription."""
        return any(why.ear.subscription.id == subscription.id for why in self.whys)


def strongest_first(stories: list[Story]) -> list[Story]:
    """Strong before weak, then by score, then by the meeting that comes first."""
    return sorted(
        stories,
        key=lambda one: (one.grade is not Grade.STRONG, -one.score, one.item.meeting.starts_at, one.item.id),
    )
