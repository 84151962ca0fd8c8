"""Saves one edition of a list of coming cases: what is new, what moved, what was left out. Twice changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.plain_text import plain
from storage.keys import bounded
from storage.models import AnnouncedCase, AnnouncedList, CaseState, ListStatus
from storage.published import ComingCase

LIST_KEY_AT_MOST = 150
_MONTHS = "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december"
# What differs between the editions of one list: its day, its year, "opdateret".
_EDITION = re.compile(
    rf"\b(?:pr|den|d|af|{_MONTHS}|kvartal|halvar|opdateret|ajourfoert|revideret|bilag|pdf|docx|xlsx|uge)\b|\d+"
)


@dataclass(frozen=True)
class Edition:
    """One list as it hung on an item. ``mailable``: it came by the ordinary reading, not from the archive."""

    revision_id: int
    position: int
    municipality_code: int
    title: str
    committee: str
    as_of: date
    mailable: bool


def list_key(title: str, committee: str) -> str:
    """What all editions of a list share: its title without times. One that says only what it is ("Sager på vej") is
    its committee's."""
    flat = " ".join(re.sub(r"[^\w ]", " ", _EDITION.sub(" ", plain(title)[0])).split())
    # Two words or three name the sort of list; more say whose it is.
    own = flat if len(flat.split()) > 3 else f"{flat} {plain(committee)[0]}"  # noqa: PLR2004
    return bounded(own.strip(), LIST_KEY_AT_MOST)


def save_announced(
    session: Session, edition: Edition, rows: Sequence[ComingCase], *, read_at: datetime
) -> tuple[AnnouncedList, int]:
    """Stores an edition and its rows; the list's row and how many cases are new.

    An edition older than one that was read before changes no case.
    """
    key = list_key(edition.title, edition.committee)
    newest = session.scalar(
        select(func.max(AnnouncedList.as_of)).where(
            AnnouncedList.municipality_code == edition.municipality_code,
            AnnouncedList.list_key == key,
            AnnouncedList.status == ListStatus.READ,
        )
    )
    listed = note_list(session, edition, ListStatus.READ, rows=len(rows), read_at=read_at)
    known = {
        case.case_key: case
        for case in session.scalars(
            select(AnnouncedCase).where(
                AnnouncedCase.municipality_code == edition.municipality_code, AnnouncedCase.list_key == key
            )
        )
    }
    here = _keyed(rows)
    if newest is not None and edition.as_of < newest:
        for case_key in here.keys() & known.keys():
            known[case_key].first_seen_on = min(known[case_key].first_seen_on, edition.as_of)
        return listed, 0
    new = 0
    for case_key, row in here.items():
        case = known.get(case_key)
        if case is None:
            case = AnnouncedCase(
                municipality_code=edition.municipality_code, list_key=key, case_key=case_key, history=[]
            )
            case.first_seen_on, case.state, case.expected, case.mailable = (
                edition.as_of,
                CaseState(row.state),
                row.expected,
                False,
            )
            session.add(case)
            new += 1
        _update(case, row, edition, listed)
    for case_key, case in known.items():
        if case_key not in here and case.state in {CaseState.COMING, CaseState.FORWARDED}:
            _remember(case, "state", case.state.value, CaseState.GONE.value, edition.as_of)
            case.state = CaseState.GONE
    session.flush()
    return listed, new


def note_list(
    session: Session, edition: Edition, status: ListStatus, *, rows: int = 0, reason: str = "", read_at: datetime
) -> AnnouncedList:
    """The record that this edition was looked at, and what came of it."""
    row = session.scalar(
        select(AnnouncedList).where(
            AnnouncedList.revision_id == edition.revision_id, AnnouncedList.position == edition.position
        )
    )
    if row is None:
        row = AnnouncedList(revision_id=edition.revision_id, position=edition.position)
        session.add(row)
    row.municipality_code, row.list_key = edition.municipality_code, list_key(edition.title, edition.committee)
    row.title, row.as_of, row.status, row.reason = edition.title, edition.as_of, status, reason
    row.rows, row.read_at = rows, read_at
    session.flush()
    return row


def _keyed(rows: Sequence[ComingCase]) -> dict[str, ComingCase]:
    """Rows by key. A title that stands several times in one list is told apart by its time: "Budgetopfølgning" of
    March and of June are two cases."""
    titles = [" ".join(plain(row.title)[0].split()) for row in rows]
    times = Counter(titles)
    found: dict[str, ComingCase] = {}
    for title, row in zip(titles, rows, strict=True):
        own = title if times[title] == 1 else f"{title} | {' '.join(plain(row.expected)[0].split())}"
        found.setdefault(bounded(own), row)
    return found


def _update(case: AnnouncedCase, row: ComingCase, edition: Edition, listed: AnnouncedList) -> None:
    state = CaseState(row.state)
    if state is not case.state:
        _remember(case, "state", case.state.value, state.value, edition.as_of)
    elif state is CaseState.COMING and plain(row.expected)[0].split() != plain(case.expected)[0].split():
        _remember(case, "moved", case.expected, row.expected, edition.as_of)
    case.title, case.state, case.department = row.title, state, row.department
    case.committee, case.expected, case.expected_first, case.expected_last = (
        row.committee,
        row.expected,
        row.first,
        row.last,
    )
    case.edition, case.page, case.last_seen_on = listed, row.page, edition.as_of
    case.mailable = case.mailable or edition.mailable


def _remember(case: AnnouncedCase, what: str, before: str, after: str, on: date) -> None:
    case.history = [*case.history, {"on": on.isoformat(), "what": what, "from": before, "to": after}]
