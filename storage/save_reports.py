"""Saves which of an item's papers are reports. Saving the same thing twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.keys import title_key
from storage.models import Report, Revision
from storage.published import ReportMark


def save_reports(session: Session, revision: Revision, found: Sequence[ReportMark]) -> int:
    """Brings an item's reports in step with those found in a revision; how many are new.

    Only the newest revision speaks for the item: reading an older one again changes nothing.
    """
    newest = session.scalar(
        select(Revision.id).where(Revision.item_id == revision.item_id).order_by(Revision.number.desc()).limit(1)
    )
    if newest != revision.id:
        return 0
    known = {row.paper_key: row for row in session.scalars(select(Report).where(Report.item_id == revision.item_id))}
    new = 0
    seen: set[str] = set()
    for signal in found:
        key = "" if signal.position < 0 else title_key(signal.title) or str(signal.position)
        if key in seen:
            continue
        seen.add(key)
        row = known.get(key)
        if row is None:
            row = Report(item_id=revision.item_id, paper_key=key, first_seen_at=revision.seen_at)
            session.add(row)
            new += 1
        row.revision_id, row.position, row.current = revision.id, signal.position, True
        row.kind, row.group, row.title, row.word, row.pages = (
            signal.kind,
            signal.group,
            signal.title,
            signal.word,
            signal.pages,
        )
        row.period_text = signal.period.text if signal.period else ""
        row.period_first = signal.period.first if signal.period else None
        row.period_last = signal.period.last if signal.period else None
    for key, row in known.items():
        row.current = row.current and key in seen
    session.flush()
    return new
