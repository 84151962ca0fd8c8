"""What an association's answers teach: how much each subject counts for it, worked out anew from the answers.

An answer speaks of the few subjects for which the item was found. A subject that is met in items that were not
relevant counts less, one that is met in relevant items more, within narrow bounds: an association silences a topic by
excluding it, never by answering. Nothing is kept but the answers, so the same answers always give the same weights,
in whatever order they came, and an answer that no longer counts leaves no trace.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matcher.profile import Resolver

# A weight stays between 1 - SPAN and 1 + SPAN; CAUTION is how many answers of the other kind each subject is taken to
# have had already: the first answer moves a weight by a tenth, ten that agree by a little more than a third.
SPAN: Final = 0.5
CAUTION: Final = 4
MOST_SUBJECTS: Final = 3  # of an item: what stands further down the list of reasons hardly brought it about
SAYS_NOTHING: Final = frozenset({"own_name", "hint"})
MUCH: Final = 0.2  # from so far off 1 on a weight has changed by more than a little


@dataclass(frozen=True)
class Answer:
    """One verdict. ``about``: the subjects for which the item was found, as its reasons named them."""

    relevant: bool
    about: tuple[str, ...]


@dataclass(frozen=True)
class Leaning:
    """A subject that counts differently for an association: its label, its factor, and the answers it comes from."""

    subject: str
    factor: float
    relevant: int
    not_relevant: int

    @property
    def said(self) -> str:
        """The change and its cause in Danish."""
        much = "" if abs(self.factor - 1) >= MUCH else "lidt "
        parts = [
            f"»{verdict}« til {count} {'sag' if count == 1 else 'sager'}"
            for verdict, count in (("ikke relevant", self.not_relevant), ("relevant", self.relevant))
            if count
        ]
        direction = "mindre" if self.factor < 1 else "mere"
        return f"I har svaret {' og '.join(parts)} om »{self.subject}«. Derfor tæller det {much}{direction} hos jer."


def subjects_in(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """The subjects that brought a match about, best first, from its stored reasons."""
    labels = [str(reason["label"]) for reason in reasons if reason.get("via") not in SAYS_NOTHING]
    return list(dict.fromkeys(labels))[:MOST_SUBJECTS]


def leanings(answers: Iterable[Answer], resolver: Resolver) -> tuple[Leaning, ...]:
    """What the answers change, most changed first. Whatever they say about a word, they say about its concepts."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for answer in answers:
        for subject in {subject for label in answer.about for subject in resolver.subjects(label)}:
            counts[subject][answer.relevant] += 1
    found = [
        Leaning(subject, factor_of(relevant, not_relevant), relevant, not_relevant)
        for subject, (not_relevant, relevant) in counts.items()
    ]
    changed = [one for one in found if one.factor != 1.0]
    return tuple(sorted(changed, key=lambda one: (-abs(one.factor - 1), one.subject)))


def factor_of(relevant: int, not_relevant: int) -> float:
    """The factor on a subject's weight, above 1 - SPAN and below 1 + SPAN whatever the counts."""
    return 1 + SPAN * (relevant - not_relevant) / (relevant + not_relevant + CAUTION)


def as_weights(learned: Iterable[Leaning]) -> tuple[tuple[str, float], ...]:
    """The form in which a ``Profile`` carries them."""
    return tuple(sorted((one.subject, one.factor) for one in learned))
