"""New item revisions are read and matched; changed profiles meet the archive.

Waiting work is what the rows say: a revision without an analysis, a profile whose check is missing, unfinished, or
of another hash or version. Each small batch is one transaction that holds its matches and the mark that it was
done, so that a run may be killed anywhere and started again, and running twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from config.clock import now
from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.language.words import LANGUAGE_VERSION
from matcher.profile_checks import finish_or_go_on, start_checks, waiting_checks
from matcher.reading import Reading, read_item
from matcher.rows import item_text, match_reasons, plain_profile
from matcher.topics import load_thesaurus
from matcher.weights import shipped_weights
from matcher.write_matches import write_matches
from storage.engine import reading, transaction
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    Attachment,
    Committee,
    MatchOrigin,
    Meeting,
    Revision,
)
from storage.models import Profile as ProfileRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from matcher.compiled import CompiledProfiles
    from matcher.find import Found
    from matcher.topics import Thesaurus
    from storage.models import ProfileCheck

BATCH: Final = 20
log = structlog.get_logger(__name__)

Progress = Callable[[str, int, int], None]  # what is being done ("analyse" or "profiles"), done so far, of how many


class ProfilesChanged(Exception):
    """A profile was saved while a run was going on: it starts over with the new ones."""


@dataclass
class MatchRun:
    """What a run did. ``failed``: revisions that could not be read; they are tried again with the next version."""

    analysed: int = 0
    failed: int = 0
    profiles_checked: int = 0
    matches_new: int = 0
    matches_gone: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class Setup:
    """Everything a run compares with."""

    version: str
    hashes: dict[int, str]
    compiled: CompiledProfiles
    thesaurus: Thesaurus


def run_matching(
    url: str,
    *,
    rematch: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> MatchRun:
    """Do all waiting work; ``rematch``: look at everything again (what is found that way is never mailed).

    ``stop`` is asked between batches. Raises ThesaurusError when the thesaurus cannot be used, and passes on
    database errors: what was committed stays.
    """
    result = MatchRun()
    thesaurus = load_thesaurus()
    tell = progress or (lambda _what, _done, _total: None)
    while True:
        setup = _set_up(url, thesaurus)
        try:
            with transaction(url) as session:
                start_checks(session, setup.hashes, setup.version, rematch=rematch)
            _check_profiles(url, setup, result, tell, stop)
            _analyse(url, setup, result, tell, stop)
        except ProfilesChanged:
            rematch = False  # the checks that were asked for are on record already
            continue
        result.stopped = stop()
        return result


def matcher_version(thesaurus: Thesaurus) -> str:
    """Moves with the thesaurus, the weights and the language components."""
    return f"{LANGUAGE_VERSION}.{thesaurus.version}.{shipped_weights().version}"


def _set_up(url: str, thesaurus: Thesaurus) -> Setup:
    with reading(url) as session:
        rows = _profiles(session)
        hashes = {row.id: row.content_hash for row in rows}
        compiled = compile_profiles([plain_profile(row) for row in rows], thesaurus)
    return Setup(matcher_version(thesaurus), hashes, compiled, thesaurus)


def _profiles(session: Session) -> Sequence[ProfileRow]:
    """Profiles of associations that are still with us, and our own."""
    return session.scalars(
        select(ProfileRow)
        .outerjoin(Association, ProfileRow.association_id == Association.id)
        .where(Association.closed_at.is_(None))
        .order_by(ProfileRow.id)
        .options(selectinload(ProfileRow.association))
    ).all()


def _unchanged(session: Session, setup: Setup) -> None:
    if {row.id: row.content_hash for row in _profiles(session)} != setup.hashes:
        raise ProfilesChanged


def _analyse(url: str, setup: Setup, result: MatchRun, tell: Progress, stop: Callable[[], bool]) -> None:
    """Read the revisions that no one has read, or that an older version of the language components read."""
    with reading(url) as session:
        waiting = session.scalars(
            select(Revision.id)
            .outerjoin(Analysis, Analysis.revision_id == Revision.id)
            .where(or_(Analysis.id.is_(None), ~Analysis.version.startswith(f"{LANGUAGE_VERSION}.")))
            .order_by(Revision.id)
        ).all()
    for start in range(0, len(waiting), BATCH):
        if stop():
            return
        # Reading takes seconds for a giant text: nobody else waits for the database meanwhile.
        with reading(url) as session:
            judged = [_judge(revision, setup, result) for revision in _load(session, waiting[start : start + BATCH])]
        with transaction(url) as session:
            _unchanged(session, setup)
            for revision_id, read, found in judged:
                _write(session, revision_id, read, found, setup, result)
        tell("analyse", min(start + BATCH, len(waiting)), len(waiting))


def _judge(revision: Revision, setup: Setup, result: MatchRun) -> tuple[int, Reading, Sequence[Found]]:
    item = item_text(revision)
    try:
        read = read_item(item)
        found = find(item, setup.compiled, reading=read)
        for one in found:
            match_reasons(one)  # kept by ``one``: writing them down later has nothing left to fail at
    except Exception:
        # Whatever a text does to us, the other items go on; the empty analysis says that it was tried.
        log.exception("revision could not be analysed", revision=revision.id)
        result.failed += 1
        return revision.id, Reading(()), []
    return revision.id, read, found


def _write(
    session: Session, revision_id: int, read: Reading, found: Sequence[Found], setup: Setup, result: MatchRun
) -> None:
    row = session.scalar(select(Analysis).where(Analysis.revision_id == revision_id))
    origin = MatchOrigin.PUBLISHED if row is None else MatchOrigin.VOCABULARY
    if row is None:
        row = Analysis(revision_id=revision_id, signals={})
        session.add(row)
    row.version, row.terms, row.analysed_at = setup.version, read.to_json(), now()
    result.analysed += 1
    _count(result, write_matches(session, revision_id, found, setup.hashes, origin))


def _check_profiles(url: str, setup: Setup, result: MatchRun, tell: Progress, stop: Callable[[], bool]) -> None:
    """Compare profiles that changed (or all, after a change of thesaurus or weights) with the archive."""
    compiled: dict[frozenset[int], CompiledProfiles] = {}
    while not stop():
        with transaction(url) as session:
            _unchanged(session, setup)
            checks = waiting_checks(session)
            if not checks:
                return
            together = frozenset(check.profile_id for check in checks)
            if together not in compiled:
                compiled[together] = _compile(session, together, setup)
            last, end = _check_batch(session, checks, compiled[together], result)
            if finish_or_go_on(checks, last, finished=last >= end):
                result.profiles_checked += len(checks)
        tell("profiles", last, end)


def _compile(session: Session, ids: frozenset[int], setup: Setup) -> CompiledProfiles:
    rows = [row for row in _profiles(session) if row.id in ids]
    return compile_profiles([plain_profile(row) for row in rows], setup.thesaurus)


def _check_batch(
    session: Session, checks: Sequence[ProfileCheck], compiled: CompiledProfiles, result: MatchRun
) -> tuple[int, int]:
    """(last analysis looked at, last one there is)."""
    through = checks[0].through
    analyses = session.scalars(select(Analysis).where(Analysis.id > through).order_by(Analysis.id).limit(BATCH)).all()
    terms = {row.revision_id: row.terms for row in analyses}
    hashes = {check.profile_id: check.profile_hash for check in checks}
    for revision in _load(session, list(terms)):
        found = find(item_text(revision), compiled, reading=Reading.from_json(terms[revision.id]))
        _count(result, write_matches(session, revision.id, found, hashes, checks[0].origin))
    last = analyses[-1].id if analyses else through
    return last, max(last, session.scalar(select(func.max(Analysis.id))) or 0)


def _load(session: Session, ids: Sequence[int]) -> Sequence[Revision]:
    return session.scalars(
        select(Revision)
        .where(Revision.id.in_(ids))
        .order_by(Revision.id)
        .options(
            selectinload(Revision.sections),
            selectinload(Revision.attachments).selectinload(Attachment.document),
            selectinload(Revision.item)
            .selectinload(AgendaItem.meeting)
            .selectinload(Meeting.committee)
            .selectinload(Committee.municipality),
        )
    ).all()


def _count(result: MatchRun, counts: tuple[int, int]) -> None:
    result.matches_new += counts[0]
    result.matches_gone += counts[1]
