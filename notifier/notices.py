"""What digests tell besides agenda items: cases on their way, and the municipality's own reports. Once each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import ColumnElement

from config.clock import local
from config.report_kinds import kind_named
from notifier.words import counted, day, one_line
from storage.models import (
    AgendaItem,
    AnnouncedCase,
    AnnouncedMatch,
    Association,
    CaseState,
    Committee,
    Meeting,
    NoticeEntry,
    Profile,
    Report,
    Revision,
    Subscription,
)

SHOWN_AT_MOST: Final = 12
# A case without a day that anybody can tell is news for as long as its list is fresh.
FRESH: Final = timedelta(days=120)
# A report is news until shortly after its meeting.
REPORT_FRESH: Final = timedelta(days=14)
TITLE_AT_MOST: Final = 200
OPEN: Final = (CaseState.COMING, CaseState.FORWARDED)


@dataclass(frozen=True)
class Notice:
    """One line of a digest: a title with its link, and a sentence below it."""

    title: str
    link_path: str
    says: str


@dataclass(frozen=True)
class Notices:
    """The coming cases and reports of one digest. ``more_*``: how many are only counted, with a link to all of them.

    ``case_ids`` and ``report_ids`` are all that count as told, shown or counted.
    """

    cases: tuple[Notice, ...] = ()
    more_cases: int = 0
    reports: tuple[Notice, ...] = ()
    more_reports: int = 0
    case_ids: tuple[int, ...] = ()
    report_ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.case_ids or self.report_ids)


def waiting_cases(subscription: Subscription, today: date) -> Select[Any]:
    """Coming cases that a subscription was not told of: an association's own, or all of a consultant's municipality.

    What only the archive brought, whose time is over, or that stands on an agenda already is not told.
    """
    told = select(NoticeEntry.announced_case_id).where(
        NoticeEntry.recipient_id == subscription.recipient_id, NoticeEntry.announced_case_id.is_not(None)
    )
    query = select(AnnouncedCase).where(*_worth_telling(today), AnnouncedCase.id.not_in(told))
    if subscription.association_id is None:
        return query.where(AnnouncedCase.municipality_code == subscription.municipality_code)
    mine = (
        select(AnnouncedMatch.announced_case_id)
        .join(Profile, AnnouncedMatch.profile_id == Profile.id)
        .where(Profile.association_id == subscription.association_id)
    )
    return query.where(AnnouncedCase.id.in_(mine))


def _worth_telling(today: date) -> tuple[ColumnElement[bool], ...]:
    ahead = or_(
        AnnouncedCase.expected_last >= today,
        and_(AnnouncedCase.expected_last.is_(None), AnnouncedCase.last_seen_on >= today - FRESH),
    )
    return (
        AnnouncedCase.state.in_(OPEN),
        AnnouncedCase.mailable.is_(True),
        AnnouncedCase.item_id.is_(None),
        ahead,
    )


def associations_awaiting(session: Session, now: datetime) -> set[int | None]:
    """The associations with a coming case that at least one of their readers was not told of."""
    reader = (
        select(Profile.association_id)
        .join(AnnouncedMatch, AnnouncedMatch.profile_id == Profile.id)
        .join(AnnouncedCase, AnnouncedMatch.announced_case_id == AnnouncedCase.id)
        .join(Subscription, Subscription.association_id == Profile.association_id)
        .outerjoin(
            NoticeEntry,
            and_(
                NoticeEntry.recipient_id == Subscription.recipient_id,
                NoticeEntry.announced_case_id == AnnouncedCase.id,
            ),
        )
        .where(*_worth_telling(local(now).date()), NoticeEntry.id.is_(None))
        .distinct()
    )
    return set(session.scalars(reader))


def association_notices(session: Session, subscription: Subscription, now: datetime) -> Notices:
    """What an association's weekly digest tells of cases on their way."""
    return _with_cases(session, subscription, now)


def consultant_notices(session: Session, subscription: Subscription, now: datetime) -> Notices:
    """What a consultant's week tells: cases on their way in the municipality, those that concern somebody first, and
    the municipality's new reports."""
    cases = _with_cases(session, subscription, now)
    rows = session.scalars(_waiting_reports(subscription, now)).unique().all()
    return Notices(
        cases.cases,
        cases.more_cases,
        tuple(_report(row, now) for row in rows[:SHOWN_AT_MOST]),
        max(0, len(rows) - SHOWN_AT_MOST),
        cases.case_ids,
        tuple(row.id for row in rows),
    )


def _with_cases(session: Session, subscription: Subscription, now: datetime) -> Notices:
    today = local(now).date()
    rows = session.scalars(waiting_cases(subscription, today).options(joinedload(AnnouncedCase.municipality))).all()
    concerned = _concerned(session, [row.id for row in rows]) if subscription.association_id is None else {}
    ordered = sorted(rows, key=lambda row: (row.id not in concerned, row.expected_last or date.max, row.id))
    shown = tuple(_case(row, concerned.get(row.id, ())) for row in ordered[:SHOWN_AT_MOST])
    return Notices(shown, max(0, len(ordered) - SHOWN_AT_MOST), case_ids=tuple(row.id for row in ordered))


def _concerned(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(AnnouncedMatch.announced_case_id, Association.name)
        .join(Profile, AnnouncedMatch.profile_id == Profile.id)
        .join(Association, Profile.association_id == Association.id)
        .where(AnnouncedMatch.announced_case_id.in_(ids), Association.closed_at.is_(None))
        .order_by(AnnouncedMatch.score.desc(), Association.name)
    )
    for case_id, name in rows:
        found[case_id].append(one_line(name))
    return found


def _case(row: AnnouncedCase, associations: Sequence[str]) -> Notice:
    where = one_line(row.committee, 80) or one_line(row.department, 80)
    parts = [one_line(row.municipality.name)]
    parts.append(f"forventet: {one_line(row.expected, 120)}" if row.expected else "kommunen har ikke skrevet hvornår")
    moved = next((one for one in reversed(row.history) if one["what"] == "moved"), None)
    says = f"{parts[0]}{f', {where}' if where else ''}. {parts[1][:1].upper()}{parts[1][1:]}."
    if moved is not None:
        says += f" Rykket fra »{one_line(moved['from'], 80)}«."
    if associations:
        more = len(associations) - 3
        says += f" Angår måske {', '.join(associations[:3])}{f' og {more} mere' if more > 0 else ''}."
    return Notice(one_line(row.title, TITLE_AT_MOST), f"/sager-paa-vej?kommune={row.municipality_code}", says)


def _waiting_reports(subscription: Subscription, now: datetime) -> Select[Any]:
    told = select(NoticeEntry.report_id).where(
        NoticeEntry.recipient_id == subscription.recipient_id, NoticeEntry.report_id.is_not(None)
    )
    return (
        select(Report)
        .join(AgendaItem, Report.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .join(Revision, Report.revision_id == Revision.id)
        .where(
            Report.group == "management",
            Report.current.is_(True),
            Revision.backfill.is_(False),
            AgendaItem.withdrawn_at.is_(None),
            Committee.municipality_code == subscription.municipality_code,
            Meeting.starts_at >= now - REPORT_FRESH,
            Report.id.not_in(told),
        )
        .order_by(Meeting.starts_at, Report.item_id, Report.position)
        .options(joinedload(Report.item).joinedload(AgendaItem.meeting).joinedload(Meeting.committee))
    )


def _report(row: Report, now: datetime) -> Notice:
    kind, meeting = kind_named(row.kind), row.item.meeting
    label = kind.label if kind else "rapport"
    pages = f", {counted(row.pages, 'side', 'sider')}" if row.pages else ""
    period = f" ({one_line(row.period_text, 60)})" if row.period_text else ""
    paper = f" Bilag til »{one_line(row.item.title, 120)}«." if row.paper_key else ""
    says = (
        f"{label[:1].upper()}{label[1:]}{period}{pages}. {one_line(meeting.committee.name)}, "
        f"{day(meeting.starts_at, local(now).date())}.{paper}"
    )
    return Notice(one_line(row.title, TITLE_AT_MOST), f"/sager/{row.item_id}", says)
