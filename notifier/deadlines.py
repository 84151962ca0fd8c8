"""The deadlines that the matcher found in an item's text, for mails and calendars."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from config.clock import COPENHAGEN
from notifier.words import day, one_line

DeadlineKind = Literal["hearing", "application", "comments"]

WORDS: Mapping[str, str] = {
    "hearing": "Høringsfrist",
    "application": "Ansøgningsfrist",
    "comments": "Frist for bemærkninger",
}


@dataclass(frozen=True)
class Deadline:
    """A day by which something must be sent in. ``sentence``: the text's own words; ``sure``: the year stood there."""

    kind: str
    day: date
    clock: time | None
    sentence: str
    sure: bool = True

    @property
    def ends_at(self) -> datetime:
        """The last moment: the hour that is given, else the end of the day."""
        if self.clock is not None:
            return datetime.combine(self.day, self.clock, tzinfo=COPENHAGEN)
        return datetime.combine(self.day + timedelta(days=1), time(), tzinfo=COPENHAGEN)

    @property
    def name(self) -> str:
        """``Høringsfrist``."""
        return WORDS[self.kind]

    def when(self, today: date | None = None) -> str:
        """``tirsdag den 1. december kl. 12``."""
        if self.clock is None:
            return day(self.day, today)
        hour = f"{self.clock.hour}" if self.clock.minute == 0 else f"{self.clock.hour}.{self.clock.minute:02d}"
        return f"{day(self.day, today)} kl. {hour}"


def read_deadlines(signals: Mapping[str, Any]) -> tuple[Deadline, ...]:
    """From ``Analysis.signals``, soonest first. An entry that cannot be read is passed over."""
    found = []
    for row in signals.get("deadlines", ()):
        try:
            clock = time.fromisoformat(row["clock"]) if row.get("clock") else None
            one = Deadline(
                str(row["kind"]),
                date.fromisoformat(row["day"]),
                clock,
                one_line(str(row.get("sentence", "")), 300),
                sure=bool(row.get("year_given", True)),
            )
        except (KeyError, TypeError, ValueError):
            continue
        if one.kind in WORDS:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.ends_at, one.kind)))


def ahead(deadlines: Iterable[Deadline], now: datetime) -> tuple[Deadline, ...]:
    """Those that have not passed."""
    return tuple(one for one in deadlines if one.ends_at > now)


def new_among(after: Sequence[Deadline], before: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Those that were not there before: new, or moved to another day."""
    known = {(one.kind, one.day) for one in before}
    return tuple(one for one in after if (one.kind, one.day) not in known)
