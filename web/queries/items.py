"""Items: the filtered list, and one item with all that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from config.clock import COPENHAGEN
from storage.keys import fold
from storage.models import AgendaItem, AnnouncedCase, Attachment, Committee, Meeting, Municipality, Revision, Section
from web.paging import Page, read_page
from web.queries.matches import MatchLine, concerns, matches_of
from web.queries.reports import announced_as, marks_of

REVISIONS_SHOWN = 20
CASE_STEPS_SHOWN = 50


@dataclass(frozen=True)
class ItemFilter:
    """What a reader asks for; empty means no condition. ``since`` and ``until`` are days of the meeting, inclusive."""

    municipality: int | None = None
    committee: int | None = None
    association: str = ""
    only_matches: bool = False
    text: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class ItemLine:
    """One item in a list."""

    id: int
    number: str
    title: str
    case_number: str
    is_open: bool
    withdrawn: bool
    municipality: str
    committee: str
    meeting_id: int
    starts_at: datetime
    time_known: bool
    stage: str
    matches: Sequence[MatchLine]


@dataclass(frozen=True)
class ItemPage:
    """An item with its meeting, its revisions (newest first), its matches and the other steps of its case.

    ``reports``: what sort of report the item (-1) and its papers, by position, are. ``announced``: the coming cases
    that it turned out to be.
    """

    item: AgendaItem
    revisions: Sequence[Revision]
    matches: Sequence[MatchLine]
    case_steps: Sequence[ItemLine] = field(default=())
    reports: Mapping[int, str] = field(default_factory=dict)
    announced: Sequence[AnnouncedCase] = field(default=())

    @property
    def newest(self) -> Revision:
        """The revision in force."""
        return self.revisions[0]


def item_lines() -> Select[*tuple[Any, ...]]:
    """The columns of ``ItemLine``, to be narrowed and ordered."""
    return (
        select(
            AgendaItem.id.label("item_id"),
            AgendaItem.number,
            AgendaItem.title,
            AgendaItem.case_number,
            AgendaItem.is_open,
            AgendaItem.withdrawn_at,
            Municipality.name.label("municipality"),
            Committee.name.label("committee"),
            Meeting.id.label("meeting_id"),
            Meeting.starts_at,
            Meeting.time_known,
            Meeting.stage,
        )
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .join(Municipality, Municipality.code == Committee.municipality_code)
    )


def as_lines(session: Session, rows: Sequence[Any]) -> list[ItemLine]:
    """Rows of ``item_lines`` with their matches."""
    matches = matches_of(session, [row.item_id for row in rows])
    return [
        ItemLine(
            row.item_id,
            row.number,
            row.title,
            row.case_number,
            row.is_open,
            row.withdrawn_at is not None,
            row.municipality,
            row.committee,
            row.meeting_id,
            row.starts_at,
            row.time_known,
            row.stage,
            matches.get(row.item_id, ()),
        )
        for row in rows
    ]


def find_items(session: Session, wanted: ItemFilter, number: int, *, in_sections: bool = True) -> Page[ItemLine]:
    """A page of the items that ``wanted`` describes, newest meeting first.

    ``in_sections`` False searches titles and case numbers only, which is quick in any size of database.
    """
    statement = item_lines().order_by(Meeting.starts_at.desc(), Meeting.id, AgendaItem.sorting, AgendaItem.id)
    page = read_page(session, statement.where(*_conditions(wanted, in_sections=in_sections)), number)
    return Page(as_lines(session, page.rows), page.number, page.more, page.total)


def _conditions(wanted: ItemFilter, *, in_sections: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.municipality is not None:
        found.append(Committee.municipality_code == wanted.municipality)
    if wanted.committee is not None:
        found.append(Meeting.committee_id == wanted.committee)
    if wanted.association or wanted.only_matches:
        found.append(concerns(wanted.association or None))
    if wanted.since:
        found.append(Meeting.starts_at >= _midnight(wanted.since))
    if wanted.until:
        found.append(Meeting.starts_at < _midnight(wanted.until + timedelta(days=1)))
    return found + [_says(word, in_sections=in_sections) for word in wanted.text.split()]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN)


def _says(word: str, *, in_sections: bool) -> ColumnElement[bool]:
    """The item has ``word`` in its title, its case number or, in the revision in force, its text."""
    # Folded both in the column and here, so that "Ældre" finds "ældre" on SQLite too.
    found = [
        AgendaItem.title_key.contains(fold(word), autoescape=True),
        AgendaItem.case_number.icontains(word, autoescape=True),
    ]
    if in_sections:
        later = aliased(Revision)
        newest = select(func.max(later.number)).where(later.item_id == AgendaItem.id).scalar_subquery()
        section = (
            select(Section.id)
            .join(Revision, Revision.id == Section.revision_id)
            .where(Revision.item_id == AgendaItem.id, Revision.number == newest, AgendaItem.withdrawn_at.is_(None))
            # SQLite ignores case for a to z only; people write a word in one of three ways.
            .where(or_(*(Section.text.contains(form, autoescape=True) for form in _forms(word))))
        )
        found.append(exists(section))
    return or_(*found)


def _forms(word: str) -> set[str]:
    return {word, word.lower(), word.upper(), word.capitalize()}


def one_item(session: Session, item_id: int) -> ItemPage | None:
    """All that is shown of an item; None when there is none of that id."""
    item = session.scalar(
        select(AgendaItem)
        .where(AgendaItem.id == item_id)
        .options(
            joinedload(AgendaItem.meeting).joinedload(Meeting.committee).joinedload(Committee.municipality),
            joinedload(AgendaItem.case),
        )
    )
    if item is None:
        return None
    revisions = session.scalars(
        select(Revision)
        .where(Revision.item_id == item_id)
        .order_by(Revision.number.desc())
        .limit(REVISIONS_SHOWN)
        .options(
            selectinload(Revision.sections),
            selectinload(Revision.attachments).options(
                selectinload(Attachment.document), selectinload(Attachment.fetch)
            ),
        )
    ).all()
    matches = matches_of(session, [item_id]).get(item_id, [])
    announced = announced_as(session, item_id)
    return ItemPage(item, revisions, matches, _case_steps(session, item), marks_of(session, item_id), announced)


def _case_steps(session: Session, item: AgendaItem) -> list[ItemLine]:
    if item.case_id is None:
        return []
    statement = item_lines().where(AgendaItem.case_id == item.case_id).order_by(Meeting.starts_at, AgendaItem.id)
    return as_lines(session, session.execute(statement.limit(CASE_STEPS_SHOWN)).all())
