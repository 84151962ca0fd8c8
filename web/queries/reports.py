"""Management reports and coming cases, as pages and commands list them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from config.report_kinds import kind_named
from storage.models import (
    AgendaItem,
    AnnouncedCase,
    AnnouncedList,
    AnnouncedMatch,
    Association,
    CaseState,
    Committee,
    ListStatus,
    Meeting,
    Municipality,
    Profile,
    Report,
    Revision,
)
from web.paging import Page, read_page

OPEN = (CaseState.COMING, CaseState.FORWARDED)
UNREAD_SHOWN = 20


@dataclass(frozen=True)
class ReportLine:
    """One report: an item or one of its papers. ``paper`` is empty for the item itself."""

    item_id: int
    municipality: str
    committee: str
    starts_at: datetime
    item: str
    paper: str
    kind: str
    period: str
    pages: int


@dataclass(frozen=True)
class CaseLine:
    """One coming case with what happened to it. ``moved``: (day, from, to), oldest first."""

    case: AnnouncedCase
    municipality: str
    list_title: str
    list_day: date
    source_item: int
    associations: Sequence[str]
    moved: Sequence[tuple[date, str, str]]


@dataclass(frozen=True)
class UnreadList:
    """A list of coming cases whose rows could not be told, with the reason and the item that it hangs on."""

    title: str
    municipality: str
    as_of: date
    reason: str
    item_id: int


def report_lines(session: Session, *, municipality: int | None, number: int, group: str = "") -> Page[ReportLine]:
    """Reports that hold, newest meeting first."""
    statement = (
        select(
            Report,
            Municipality.name.label("municipality"),
            Committee.name.label("committee"),
            Meeting.starts_at,
            AgendaItem.title.label("item"),
        )
        .join(AgendaItem, Report.item_id == AgendaItem.id)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .join(Municipality, Committee.municipality_code == Municipality.code)
        .where(Report.current.is_(True), AgendaItem.withdrawn_at.is_(None))
        .order_by(Meeting.starts_at.desc(), Report.id)
    )
    if municipality is not None:
        statement = statement.where(Committee.municipality_code == municipality)
    if group:
        statement = statement.where(Report.group == group)
    found = read_page(session, statement, number)
    lines = [
        ReportLine(
            row.Report.item_id,
            row.municipality,
            row.committee,
            row.starts_at,
            row.item,
            row.Report.title if row.Report.paper_key else "",
            kind_label(row.Report.kind),
            row.Report.period_text,
            row.Report.pages,
        )
        for row in found.rows
    ]
    return Page(lines, found.number, found.more, found.total)


def kind_label(kind: str) -> str:
    """What a kind of report is called; "rapport" when the words that made it are gone."""
    known = kind_named(kind)
    return known.label if known else "rapport"


def marks_of(session: Session, item_id: int) -> dict[int, str]:
    """What an item and its papers are, by the paper's position (-1: the item), as its page shows it."""
    rows = session.scalars(select(Report).where(Report.item_id == item_id, Report.current.is_(True)))
    return {row.position: f"{kind_label(row.kind)}{f', {row.period_text}' if row.period_text else ''}" for row in rows}


def announced_as(session: Session, item_id: int) -> Sequence[AnnouncedCase]:
    """The coming cases that this item turned out to be."""
    return session.scalars(
        select(AnnouncedCase)
        .where(AnnouncedCase.item_id == item_id)
        .order_by(AnnouncedCase.first_seen_on)
        .options(joinedload(AnnouncedCase.edition).joinedload(AnnouncedList.revision))
    ).all()


def coming_cases(session: Session, *, municipality: int | None, number: int) -> Page[CaseLine]:
    """Cases that have not come yet, the nearest first; those without a day last."""
    statement = (
        select(AnnouncedCase, Municipality.name.label("municipality"), AnnouncedList, Revision.item_id.label("source"))
        .join(Municipality, AnnouncedCase.municipality_code == Municipality.code)
        .join(AnnouncedList, AnnouncedCase.list_id == AnnouncedList.id)
        .join(Revision, AnnouncedList.revision_id == Revision.id)
        .where(AnnouncedCase.state.in_(OPEN))
        .order_by(AnnouncedCase.expected_last.is_(None), AnnouncedCase.expected_last, AnnouncedCase.id)
    )
    if municipality is not None:
        statement = statement.where(AnnouncedCase.municipality_code == municipality)
    found = read_page(session, statement, number)
    concerned = _associations(session, [row.AnnouncedCase.id for row in found.rows])
    lines = [
        CaseLine(
            row.AnnouncedCase,
            row.municipality,
            row.AnnouncedList.title,
            row.AnnouncedList.as_of,
            row.source,
            concerned.get(row.AnnouncedCase.id, ()),
            moves(row.AnnouncedCase.history),
        )
        for row in found.rows
    ]
    return Page(lines, found.number, found.more, found.total)


def moves(history: Sequence[dict[str, Any]]) -> list[tuple[date, str, str]]:
    """The times that a case was moved to, from a row's history."""
    return [(date.fromisoformat(one["on"]), one["from"], one["to"]) for one in history if one["what"] == "moved"]


def unread_lists(session: Session, *, municipality: int | None) -> list[UnreadList]:
    """The newest lists whose rows could not be told."""
    statement = (
        select(AnnouncedList, Municipality.name, Revision.item_id)
        .join(Municipality, AnnouncedList.municipality_code == Municipality.code)
        .join(Revision, AnnouncedList.revision_id == Revision.id)
        .where(AnnouncedList.status != ListStatus.READ, AnnouncedList.reason != "")
        .order_by(AnnouncedList.as_of.desc(), AnnouncedList.id)
        .limit(UNREAD_SHOWN)
    )
    if municipality is not None:
        statement = statement.where(AnnouncedList.municipality_code == municipality)
    return [UnreadList(row.title, name, row.as_of, row.reason, item) for row, name, item in session.execute(statement)]


def _associations(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(AnnouncedMatch.announced_case_id, Association.name)
        .join(Profile, AnnouncedMatch.profile_id == Profile.id)
        .join(Association, Profile.association_id == Association.id)
        .where(AnnouncedMatch.announced_case_id.in_(ids), Association.closed_at.is_(None))
        .order_by(AnnouncedMatch.score.desc(), Association.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for case_id, name in rows:
        found[case_id].append(name)
    return found
