"""New item revisions are read and matched; changed profiles meet the archive.

Waiting work is what the rows say: a revision without an analysis, a profile whose check is missing, unfinished, or
of another hash or version. Each small batch is one transaction that holds its matches and the mark that it was
done, so that a run may be killed anywhere and started again, and running twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from config.clock import now
from matcher.coming_cases import run_coming
from matcher.compiled import compile_profiles
from matcher.documents import last_arrivals, papers_of, read_documents, settle
from matcher.find import find_parties
from matcher.language.words import LANGUAGE_VERSION
from matcher.profile_checks import finish_or_go_on, start_checks, waiting_checks
from matcher.profile_problems import note_problems
from matcher.reading import Reading, read_item
from matcher.rows import item_text, learned_by, match_reasons, plain_profile
from matcher.signals.amounts import amounts_of
from matcher.signals.deadlines import deadlines_of
from matcher.signals.report_kind import report_signals
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
    DocumentArrival,
    Match,
    MatchOrigin,
    Meeting,
    Revision,
)
from storage.models import Profile as ProfileRow
from storage.save_reports import save_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from matcher.compiled import CompiledProfiles
    from matcher.find import Party
    from matcher.profile import Profile
    from matcher.signals.report_kind import ReportSignal
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
    reports_new: int = 0
    coming_new: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class Setup:
    """Everything a run compares with. ``learned``: what answers have taught, for the profiles that have any."""

    version: str
    hashes: dict[int, str]
    learned: dict[int, tuple[tuple[str, float], ...]]
    compiled: CompiledProfiles
    thesaurus: Thesaurus

    @property
    def versions(self) -> dict[int, str]:
        """By profile, what it is compared by: the matcher, and what its own answers have taught that."""
        own = {id_: hashlib.sha256(repr(learned).encode()).hexdigest()[:8] for id_, learned in self.learned.items()}
        return {id_: f"{self.version}.{own[id_]}" if id_ in own else self.version for id_ in self.hashes}


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
                start_checks(session, setup.hashes, setup.versions, rematch=rematch)
                note_problems(session, thesaurus)
            _check_profiles(url, setup, result, tell, stop)
            _analyse(url, setup, result, tell, stop)
            result.coming_new += run_coming(
                url,
                setup.compiled,
                f"{setup.version}{sorted(setup.learned.items())}{sorted(setup.hashes.items())}",
                stop,
                partial(_unchanged, setup=setup),
            )
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
        learned = learned_by(session, thesaurus)
        profiles = tuple(plain_profile(row, learned.get(row.id, ())) for row in rows)
    compiled = _compiled(profiles, thesaurus)
    return Setup(matcher_version(thesaurus), hashes, learned, compiled, thesaurus)


@lru_cache(maxsize=1)
def _compiled(profiles: tuple[Profile, ...], thesaurus: Thesaurus) -> CompiledProfiles:
    """All profiles; the service asks every few minutes, and 100,000 of them take a while."""
    return compile_profiles(profiles, thesaurus)


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
    rows = session.execute(
        select(ProfileRow.id, ProfileRow.content_hash)
        .outerjoin(Association, ProfileRow.association_id == Association.id)
        .where(Association.closed_at.is_(None))
    )
    if {row.id: row.content_hash for row in rows} != setup.hashes:
        raise ProfilesChanged


def _analyse(url: str, setup: Setup, result: MatchRun, tell: Progress, stop: Callable[[], bool]) -> None:
    """Read the revisions that no one has read, or that an older version of the language components read."""
    with reading(url) as session:
        waiting = _waiting(session)
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        # Reading takes seconds for a giant text: nobody else waits for the database meanwhile.
        result.failed += read_documents(url, batch, stop)
        if stop():
            return
        with reading(url) as session:
            arrivals = last_arrivals(session, batch)
            judged = [_judge(session, revision, setup, result) for revision in _load(session, batch)]
        with transaction(url) as session:
            _unchanged(session, setup)
            for one in judged:
                _write(session, one, setup, result, late=one.revision_id in arrivals)
                revision = session.get_one(Revision, one.revision_id)
                result.reports_new += save_reports(session, revision, one.reports)
            settle(session, arrivals)
        tell("analyse", min(start + BATCH, len(waiting)), len(waiting))


def _waiting(session: Session) -> Sequence[int]:
    """Revisions that were never read, or by an older version of the language components, and those with a paper that
    has been read since. What is old news waits until what is new has been read.
    """
    standing = select(Revision.backfill, Revision.id).join(AgendaItem, Revision.item_id == AgendaItem.id)
    standing = standing.where(AgendaItem.taken_down_at.is_(None))
    outdated = or_(Analysis.id.is_(None), ~Analysis.version.startswith(f"{LANGUAGE_VERSION}."))
    unread = standing.outerjoin(Analysis, Analysis.revision_id == Revision.id).where(outdated)
    papers_read = standing.join(DocumentArrival, DocumentArrival.revision_id == Revision.id).distinct()
    found = {(row.backfill, row.id) for query in (unread, papers_read) for row in session.execute(query)}
    return [revision for _, revision in sorted(found)]


@dataclass(frozen=True)
class Judged:
    """What reading one revision brought, before it is written."""

    revision_id: int
    reading: Reading
    found: Sequence[Party] = ()
    signals: dict[str, Any] = field(default_factory=dict)
    reports: Sequence[ReportSignal] = ()
    ahead: bool = False


def _judge(session: Session, revision: Revision, setup: Setup, result: MatchRun) -> Judged:
    item = item_text(revision)
    reports: Sequence[ReportSignal] = ()
    try:
        reports = report_signals(item)
        read = read_item(item)
        found = find_parties(item, setup.compiled, reading=read, papers=papers_of(session, revision))
        for one in found:
            match_reasons(one)  # kept by ``one``: writing them down later has nothing left to fail at
        signals = {
            "deadlines": [one.to_json() for one in deadlines_of(item, revision.seen_at.date())],
            "amounts": [one.to_json() for one in amounts_of(item)],
        }
    except Exception:
        # Whatever a text does to us, the other items go on; the empty analysis says that it was tried.
        log.exception("revision could not be analysed", revision=revision.id)
        result.failed += 1
        return Judged(revision.id, Reading(()), reports=reports)
    return Judged(revision.id, read, found, signals, reports, ahead=revision.item.meeting.starts_at > now())


def _write(session: Session, judged: Judged, setup: Setup, result: MatchRun, *, late: bool) -> None:
    """``late``: a paper was read after the item; what it says is published, while there is time to act on it."""
    row = session.scalar(select(Analysis).where(Analysis.revision_id == judged.revision_id))
    origin = MatchOrigin.PUBLISHED if row is None else MatchOrigin.VOCABULARY
    paper_origin = MatchOrigin.PUBLISHED if late and judged.ahead else None
    found_before = _found_before(session, judged.revision_id) if row is None else frozenset()
    if row is None:
        row = Analysis(revision_id=judged.revision_id)
        session.add(row)
    row.version, row.terms, row.analysed_at = setup.version, judged.reading.to_json(), now()
    row.signals = judged.signals
    row.last_deadline = max(
        (date.fromisoformat(one["day"]) for one in judged.signals.get("deadlines", ())), default=None
    )
    result.analysed += 1
    written = write_matches(session, judged.revision_id, judged.found, setup.hashes, origin, paper_origin, found_before)
    _count(result, written)


def _found_before(session: Session, revision_id: int) -> frozenset[int]:
    """The profiles that had found the item when a revision came that says nothing new: what they were told, or were
    not to be told since only our looking again had found it, stays so.
    """
    revision = session.get_one(Revision, revision_id)
    if revision.material:
        return frozenset()
    before = select(Match.profile_id).join(Revision, Match.revision_id == Revision.id)
    before = before.where(Revision.item_id == revision.item_id, Revision.number < revision.number)
    return frozenset(session.scalars(before))


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
    return compile_profiles([plain_profile(row, setup.learned.get(row.id, ())) for row in rows], setup.thesaurus)


def _check_batch(
    session: Session, checks: Sequence[ProfileCheck], compiled: CompiledProfiles, result: MatchRun
) -> tuple[int, int]:
    """(last analysis looked at, last one there is)."""
    through = checks[0].through
    analyses = session.scalars(select(Analysis).where(Analysis.id > through).order_by(Analysis.id).limit(BATCH)).all()
    terms = {row.revision_id: row.terms for row in analyses}
    hashes = {check.profile_id: check.profile_hash for check in checks}
    for revision in _load(session, list(terms)):
        read, papers = Reading.from_json(terms[revision.id]), papers_of(session, revision)
        found = find_parties(item_text(revision), compiled, reading=read, papers=papers)
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
