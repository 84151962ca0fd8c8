"""Wishes to have old meetings read: asked for once, remembered until done, whatever happens in between."""

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from config.clock import COPENHAGEN
from storage.models import Backfill, Publication, PublicationStatus, Source
from storage.retry import EAGER_ATTEMPTS


def ask_for_archive(
    session: Session, codes: Sequence[int], since: date, until: date, moment: datetime
) -> list[Backfill]:
    """The wish for the days from ``since`` to before ``until``, for each of the municipalities (empty: all active).

    Asked again, an unfinished wish from the same day goes on where it was; one that reaches further up, or was
    finished, is gone through again, which costs the lists alone: what is stored is not asked for.
    """
    sources = select(Source).where(Source.active).order_by(Source.municipality_code)
    if codes:
        sources = sources.where(Source.municipality_code.in_(codes))
    return [_ask(session, source, since, until, moment) for source in session.scalars(sources)]


def _ask(session: Session, source: Source, since: date, until: date, moment: datetime) -> Backfill:
    same = select(Backfill).where(Backfill.source_id == source.id, Backfill.since == since)
    wish = session.scalar(same.where(Backfill.until == until)) or session.scalar(
        same.where(Backfill.finished_at.is_(None)).order_by(Backfill.until.desc()).limit(1)
    )
    if wish is None:
        wish = Backfill(source_id=source.id, since=since, until=until, reached=until, requests=0, fetched=0, failed=0)
        session.add(wish)
    elif wish.finished_at is not None or until > wish.until:
        wish.until, wish.reached, wish.finished_at, wish.waiting = max(until, wish.until), until, None, None
    wish.asked_at = moment
    return wish


def next_wishes(session: Session, codes: Sequence[int] = ()) -> dict[int, Backfill]:
    """The unfinished wish of each source that is to be worked on, the one asked for last, by source id."""
    query = (
        select(Backfill)
        .join(Source, Backfill.source_id == Source.id)
        .where(Backfill.finished_at.is_(None), Source.active)
        .order_by(Backfill.asked_at, Backfill.id)
    )
    if codes:
        query = query.where(Source.municipality_code.in_(codes))
    return {wish.source_id: wish for wish in session.scalars(query)}


def archive_reached(
    session: Session, wish_id: int, reached: date, waiting: int | None, moment: datetime, *, finished: bool
) -> None:
    """How far a visit came. A wish that was gone through is done, unless papers failed that deserve another night."""
    wish = session.get_one(Backfill, wish_id)
    wish.reached, wish.waiting = reached, waiting
    if not finished:
        return
    failed = (
        select(func.count())
        .select_from(Publication)
        .where(
            Publication.source_id == wish.source_id,
            Publication.status == PublicationStatus.FAILED,
            Publication.starts_at >= _midnight(wish.since),
            Publication.starts_at < _midnight(wish.until),
        )
    )
    wish.failed = session.scalar(failed) or 0
    wish.waiting = session.scalar(failed.where(Publication.attempts <= EAGER_ATTEMPTS)) or 0
    if wish.waiting:
        wish.reached = wish.until
    else:
        wish.finished_at = moment


def add_to_wish(session: Session, wish_id: int, *, requests: int, fetched: int) -> None:
    """Counts what a visit cost and brought."""
    wish = session.get_one(Backfill, wish_id)
    wish.requests += requests
    wish.fetched += fetched


def forget_wishes(session: Session, code: int) -> int:
    """Takes away a municipality's unfinished wishes; how many. What was read for them stays."""
    sources = select(Source.id).where(Source.municipality_code == code)
    wishes = session.scalars(
        select(Backfill).where(Backfill.source_id.in_(sources), Backfill.finished_at.is_(None))
    ).all()
    for wish in wishes:
        session.delete(wish)
    return len(wishes)


def all_wishes(session: Session) -> Sequence[tuple[Backfill, Source]]:
    """Every wish with its source, unfinished ones first, then by municipality."""
    query = (
        select(Backfill, Source)
        .join(Source, Backfill.source_id == Source.id)
        .options(joinedload(Source.municipality))
        .order_by(Backfill.finished_at.is_not(None), Source.municipality_code, Backfill.since)
    )
    return [(wish, source) for wish, source in session.execute(query)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), COPENHAGEN)
