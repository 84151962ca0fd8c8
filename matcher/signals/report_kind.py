"""Signal: an item or a paper that is a management report or a list of coming cases, and the time that it covers.

Read from the item's title, its papers' titles and, once a paper has been read, the head of its first page. What the
words are is data: ``config/report_kinds.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.report_kinds import recognise, recognise_heading
from matcher.signals.period import Period, read_period

if TYPE_CHECKING:
    from datetime import date

    from config.report_kinds import Recognised
    from matcher.item import ItemText

ITSELF = -1  # the position of the item's own text, beside those of its papers
HEAD_AT_MOST = 1200  # characters of a first page that may date the paper


@dataclass(frozen=True)
class ReportSignal:
    """One report. ``position``: of the paper, or ``ITSELF``; ``word``: what it was known by, as it stands there.

    ``where``: "title" or "page" (the head of the paper's first page). ``period``: what it covers, or the day it
    stands for; None when nothing says so.
    """

    position: int
    kind: str
    group: str
    title: str
    word: str
    where: str
    period: Period | None
    pages: int = 0


def report_signals(item: ItemText) -> list[ReportSignal]:
    """The item itself when its title names a report, then its papers that are one."""
    found = []
    own = recognise(item.title)
    if own is not None:
        found.append(_signal(ITSELF, own, item.title, "title", "", item.date))
    for position, paper in enumerate(item.attachments):
        head = paper.pages[0][:HEAD_AT_MOST] if paper.pages else ""
        by_title = recognise(paper.title)
        known = by_title or recognise_heading(head)
        if known is not None:
            where = "title" if by_title else "page"
            found.append(_signal(position, known, paper.title, where, head, item.date, len(paper.pages)))
    return found


def _signal(
    position: int, known: Recognised, title: str, where: str, head: str, day: date | None, pages: int = 0
) -> ReportSignal:
    after = title.find(known.word)
    texts = (title[after:] if after >= 0 else title, title, head)
    # A report looks back, a list of what is to come looks ahead: without a year the meeting's own is meant.
    year = day.year if day is not None else None
    period = next((one for text in texts if (one := read_period(text, year=year)) is not None), None)
    return ReportSignal(position, known.kind.id, known.kind.group, title, known.word, where, period, pages)
