"""What a run of the notifier did, without a single address."""

from dataclasses import dataclass, field
from typing import Any

from storage.models import MessageKind

# A server that is away leaves thousands waiting for one and the same reason: the mails themselves keep it.
FAILURES_KEPT = 100


@dataclass(frozen=True)
class Note:
    """One mail. ``number`` is the message's id in the database, 0 in a dry run; ``why`` says what went wrong.

    ``dead``: a failed attempt was its last.
    """

    number: int
    kind: MessageKind
    subject: str
    why: str = ""
    dead: bool = False


@dataclass
class Report:
    """``queued`` and ``sent`` are what went well; ``later`` will be tried again; ``dead`` has been given up.

    ``dropped`` mails are wanted no more; ``held`` ones were kept back by the list of allowed recipients;
    ``problems`` are mails that could not be composed, or a mail server that cannot be used.
    """

    queued: list[Note] = field(default_factory=list)
    sent: list[Note] = field(default_factory=list)
    later: list[Note] = field(default_factory=list)
    dead: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    held: list[Note] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def all_fine(self) -> bool:
        """True when every mail that was due has gone out. A mail dropped because its reader left is fine."""
        return not (self.later or self.dead or self.problems)

    @property
    def some_went(self) -> bool:
        """True when at least one mail was queued or sent."""
        return bool(self.queued or self.sent)

    def counts(self) -> dict[str, int]:
        """How many of each."""
        named = ("queued", "sent", "later", "dead", "dropped", "held", "problems")
        return {name: len(getattr(self, name)) for name in named}

    def as_json(self) -> dict[str, Any]:
        """For programs: counts, and what went wrong with which mail."""
        return {
            **self.counts(),
            "failures": [
                {"message": note.number, "kind": note.kind.value, "subject": note.subject, "why": note.why}
                for note in (*self.dead, *self.later)[:FAILURES_KEPT]
            ],
            "problem_texts": self.problems,
        }

    def __add__(self, other: "Report") -> "Report":
        return Report(
            [*self.queued, *other.queued],
            [*self.sent, *other.sent],
            [*self.later, *other.later],
            [*self.dead, *other.dead],
            [*self.dropped, *other.dropped],
            [*self.held, *other.held],
            [*self.problems, *other.problems],
        )
