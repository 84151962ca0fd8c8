"""Stored readings of the last months, an even sample of them within a few seconds: what profiles are tried out on."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher.documents import papers_of
from matcher.reading import Reading
from matcher.rows import item_text
from storage.models import AgendaItem, Analysis, Attachment, Committee, Meeting, Revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from matcher.item import ItemText
    from matcher.paper_reading import PaperReading

AT_MOST: Final = 1500  # revisions
AT_A_TIME: Final = 50
DAYS_IN_A_WEEK: Final = 7


@dataclass(frozen=True)
class Sampled:
    """An item as it was read; nothing of it is analysed again."""

    row: AgendaItem
    text: ItemText
    reading: Reading
    papers: tuple[PaperReading | None, ...]


@dataclass
class Sample:
    """What there is, by municipality, and how much of it was looked at. ``first`` and ``last``: the meetings' ends."""

    there: Counter[int] = field(default_factory=Counter)
    looked: Counter[int] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def days(self) -> float:
        """Days between the first and the last meeting; a week at least, so that two meetings do not make a rush."""
        span = (self.last - self.first).total_seconds() / 86400 if self.first and self.last else 0.0
        return max(span, float(DAYS_IN_A_WEEK))

    def per_day(self, hits: int, codes: Sequence[int]) -> float:
        """Hits a day in these municipalities (none: all), reckoned up from those among the items looked at."""
        looked = self.count(self.looked, codes)
        return hits * self.count(self.there, codes) / looked / self.days if looked else 0.0

    @staticmethod
    def count(table: Counter[int], codes: Sequence[int]) -> int:
        """How many items of these municipalities (none: all) a table counts."""
        return sum(table[code] for code in set(codes)) if codes else table.total()


def sampled(
    session: Session, codes: Sequence[int], since: datetime, sample: Sample, *, seconds: float
) -> Iterator[Sampled]:
    """The newest text of items of meetings since ``since`` in the municipalities ``codes`` (none: all).

    Counts into ``sample``. Ends after ``seconds`` or AT_MOST items; each batch is spread evenly over the whole time, so
    that what was looked at stands for the rest, wherever it ends. Texts that the matcher has not read yet are absent.
    """
    end = time.monotonic() + seconds
    rows = _newest(session, codes, since)
    sample.there.update(code for _, code in rows)
    numbers = [number for number, _ in rows]
    if numbers:
        sample.last, sample.first = _held(session, numbers[0]), _held(session, numbers[-1])
    batches = -(-len(numbers) // AT_A_TIME)
    for batch in range(min(batches, AT_MOST // AT_A_TIME)):
        if batch and time.monotonic() > end:
            return
        for revision, terms in _load(session, numbers[batch::batches]):
            text = item_text(revision)
            sample.looked[text.municipality_code or 0] += 1
            yield Sampled(revision.item, text, Reading.from_json(terms), papers_of(session, revision))


def _held(session: Session, revision: int) -> datetime:
    query = select(Meeting.starts_at).join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
    query = query.join(Revision, Revision.item_id == AgendaItem.id).where(Revision.id == revision)
    return session.execute(query).scalar_one()


def _newest(session: Session, codes: Sequence[int], since: datetime) -> Sequence[tuple[int, int]]:
    """(revision, municipality) of each item, newest meeting first."""
    last = select(func.max(Revision.id)).group_by(Revision.item_id)
    query = (
        select(Revision.id, Committee.municipality_code)
        .join(AgendaItem, AgendaItem.id == Revision.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(Revision.id.in_(last), Meeting.starts_at >= since)
        .where(AgendaItem.withdrawn_at.is_(None), AgendaItem.taken_down_at.is_(None))
        .order_by(Meeting.starts_at.desc(), Revision.id)
    )
    rows = session.execute(query.where(Committee.municipality_code.in_(codes)) if codes else query)
    return [(row[0], row[1]) for row in rows]


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
