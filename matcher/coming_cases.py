"""Announced cases meet the profiles and, later, the agenda items that they became: a light path beside the items'.

A case is one line, so all open ones are compared again whenever a profile or the matcher changed.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import selectinload

from config.clock import now
from matcher.case_likeness import same_case, words_of
from matcher.coming_editions import read_lists, waiting_lists
from matcher.find import find
from matcher.item import ItemText
from matcher.rows import match_reasons
from storage.engine import reading, transaction
from storage.models import (
    AgendaItem,
    AnnouncedCase,
    AnnouncedMatch,
    CaseState,
    Committee,
    Meeting,
    Report,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from matcher.compiled import CompiledProfiles
    from matcher.find import Found

BATCH: Final = 200
OPEN: Final = (CaseState.COMING, CaseState.FORWARDED)
# A case that a newer list left out has as often reached an agenda as it was given up.
TIED: Final = (*OPEN, CaseState.GONE)


def run_coming(
    url: str,
    compiled: CompiledProfiles,
    compared_with: str,
    stop: Callable[[], bool],
    unchanged: Callable[[Session], None],
) -> int:
    """Reads the lists that wait, ties cases to items, and compares open cases with the profiles; how many are new.

    ``compared_with`` names the profiles and the matcher; ``unchanged`` raises when the profiles are no longer those.
    Running it twice changes nothing; each batch is a transaction of its own.
    """
    new = 0
    while not stop():
        with transaction(url) as session:
            reports = waiting_lists(session)
            if not reports:
                break
            new += read_lists(session, reports, read_at=now()).new_cases
    with reading(url) as session:
        codes = session.scalars(select(AnnouncedCase.municipality_code).distinct()).all()
    for code in codes:
        if stop():
            return new
        with transaction(url) as session:
            tie_cases(session, code)
    fingerprint = hashlib.sha256(compared_with.encode()).hexdigest()[:16]
    while not stop():
        with transaction(url) as session:
            unchanged(session)
            waiting = _unmatched(session, fingerprint)
            if not waiting:
                break
            for case in waiting:
                _write(session, case, find(_as_item(case), compiled))
                case.matched_with = fingerprint
    return new


def tie_cases(session: Session, code: int) -> int:
    """Ties a municipality's open cases to agenda items with such a title; how many were tied.

    Each pair of case and item is looked at once. A list of coming cases is never taken for the case itself.
    """
    newest = session.scalar(
        select(func.max(AgendaItem.id))
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .where(Committee.municipality_code == code)
    )
    waiting = session.scalars(
        select(AnnouncedCase).where(
            AnnouncedCase.municipality_code == code,
            AnnouncedCase.state.in_(TIED),
            AnnouncedCase.item_id.is_(None),
            AnnouncedCase.compared_through < (newest or 0),
        )
    ).all()
    if not waiting:
        return 0
    items = session.execute(
        select(AgendaItem.id, AgendaItem.title, Meeting.starts_at)
        .join(Meeting, AgendaItem.meeting_id == Meeting.id)
        .join(Committee, Meeting.committee_id == Committee.id)
        .outerjoin(Report, and_(Report.item_id == AgendaItem.id, Report.group == "coming", Report.paper_key == ""))
        .where(
            Committee.municipality_code == code,
            AgendaItem.id > min(case.compared_through for case in waiting),
            AgendaItem.withdrawn_at.is_(None),
            Report.id.is_(None),
        )
        .order_by(Meeting.starts_at, AgendaItem.id)
    ).all()
    known = [(row.id, words_of(row.title), row.starts_at.date()) for row in items]
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, (_, words, _) in enumerate(known):
        for word in words:
            by_word[word].append(place)
    tied = 0
    for case in waiting:
        words = words_of(case.title)
        places = sorted({place for word in words for place in by_word.get(word, ())})
        case.item_id = next(
            (
                known[place][0]
                for place in places
                if known[place][0] > case.compared_through
                and known[place][2] >= case.first_seen_on
                and same_case(words, known[place][1])
            ),
            None,
        )
        case.compared_through = newest or 0
        tied += case.item_id is not None
    return tied


def _unmatched(session: Session, fingerprint: str) -> Sequence[AnnouncedCase]:
    return session.scalars(
        select(AnnouncedCase)
        .where(AnnouncedCase.state.in_(OPEN), AnnouncedCase.matched_with != fingerprint)
        .order_by(AnnouncedCase.id)
        .limit(BATCH)
        .options(selectinload(AnnouncedCase.municipality))
    ).all()


def _as_item(case: AnnouncedCase) -> ItemText:
    """The case as the matcher knows items: its title is all there is."""
    return ItemText(
        title=case.title,
        committee=case.committee,
        municipality=case.municipality.name,
        municipality_code=case.municipality_code,
    )


def _write(session: Session, case: AnnouncedCase, found: Sequence[Found]) -> None:
    known = {
        row.profile_id: row
        for row in session.scalars(select(AnnouncedMatch).where(AnnouncedMatch.announced_case_id == case.id))
    }
    for one in found:
        row = known.pop(int(one.profile_id), None)
        if row is None:
            row = AnnouncedMatch(profile_id=int(one.profile_id), announced_case_id=case.id, found_at=now())
            session.add(row)
        row.score, row.reasons = round(one.score, 4), match_reasons(one)
    for gone in known.values():
        session.delete(gone)
