"""Keeping reports, and showing them to the operator."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from storage.models import MissedReport, Subscription
from web.missed.answer import Answer
from web.paging import Page, read_page


def keep(session: Session, what: str, found: Answer, subscription: Subscription, now: datetime) -> MissedReport:
    """Writes a report down. The same words about the same association again are the same report, answered anew."""
    report = session.scalar(
        select(MissedReport).where(
            MissedReport.recipient_id == subscription.recipient_id,
            MissedReport.association_id == subscription.association_id
            if subscription.association_id
            else MissedReport.association_id.is_(None),
            MissedReport.what == what,
            MissedReport.handled_at.is_(None),
        )
    )
    if report is None:
        report = MissedReport(
            recipient_id=subscription.recipient_id,
            association_id=subscription.association_id,
            what=what,
            created_at=now,
        )
        session.add(report)
    report.item_id = found.item.id if found.item else None
    report.outcome, report.said, report.score = found.outcome, list(found.said), found.score
    session.flush()
    return report


def waiting_reports(session: Session) -> Sequence[MissedReport]:
    """Every report that nobody has handled, oldest first."""
    return session.scalars(_reports().where(MissedReport.handled_at.is_(None)).order_by(MissedReport.id)).all()


def find_reports(session: Session, number: int, *, everything: bool) -> Page[MissedReport]:
    """A page of the reports, newest first; handled ones only with ``everything``."""
    query = _reports().order_by(MissedReport.id.desc())
    page = read_page(session, query if everything else query.where(MissedReport.handled_at.is_(None)), number)
    return Page([row[0] for row in page.rows], page.number, page.more, page.total)


def handle(session: Session, number: int, now: datetime) -> bool:
    """Marks a report as looked at. False when there is none of that id."""
    report = session.get(MissedReport, number)
    if report is None:
        return False
    report.handled_at = report.handled_at or now
    return True


def _reports() -> Select[MissedReport]:
    return select(MissedReport).options(joinedload(MissedReport.association), joinedload(MissedReport.item))
