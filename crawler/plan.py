"""Which sources a run visits, and what each visit needs to know."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from config.catalogue import Municipality as CatalogueEntry
from config.clock import local, now
from config.errors import ConfigError
from crawler.awaited import WAITED_FOR
from crawler.items import Known, MeetingKey, Site, Window, Wish
from storage.archive import next_wishes
from storage.engine import reading
from storage.models import Backfill, Meeting, Municipality, Publication, PublicationStatus, Source, Stage

# A source that was put off for a day shall not miss the next night's sweep by minutes.
EARLY = timedelta(hours=1)


def plan(
    url: str,
    codes: Sequence[int],
    window: Window,
    *,
    only_due: bool = False,
    archive: bool = False,
    catalogue: Iterable[CatalogueEntry] = (),
) -> list[Site]:
    """The sources to visit, with what is known of each and what only the ``catalogue`` says.

    ``archive``: only those with an unfinished wish for old meetings, and for its days instead of the ``window``.
    Raises ``ConfigError`` for a code that no active source has.
    """
    wanted = select(Source).join(Municipality).where(Source.active).order_by(Municipality.code)
    if codes:
        wanted = wanted.where(Source.municipality_code.in_(codes))
    if only_due:
        wanted = wanted.where(_is_due())
    told = {(entry.code, entry.platform): entry.options for entry in catalogue}
    with reading(url) as session:
        sources = session.scalars(wanted).all()
        missing = set(codes) - set(session.scalars(select(Source.municipality_code).where(Source.active)))
        if missing:
            raise ConfigError(f"No active source has the municipality code {min(missing)}.")
        wishes = next_wishes(session, codes) if archive else {}
        return [
            Site(
                code=source.municipality_code,
                name=source.municipality.name,
                platform=source.platform,
                base_url=source.base_url.rstrip("/"),
                crawl_delay=source.crawl_delay,
                window=window,
                memory=_memory(source.visitor_state),
                options=told.get((source.municipality_code, source.platform), {}),
                known=_known(session, source),
                wish=_wish(wishes.get(source.id)),
                awaited=_awaited(session, source),
            )
            for source in sources
            if not archive or source.id in wishes
        ]


def _wish(row: Backfill | None) -> Wish | None:
    return Wish(id=row.id, since=row.since, until=row.until, reached=row.reached) if row else None


def put_off(url: str, codes: Sequence[int]) -> list[str]:
    """The names of the sources that a visit to those that are due leaves out."""
    query = select(Municipality.name).join(Source).where(Source.active, ~_is_due()).order_by(Municipality.name)
    with reading(url) as session:
        return [*session.scalars(query.where(Source.municipality_code.in_(codes)) if codes else query)]


def _is_due() -> ColumnElement[bool]:
    """Only failures put a source off; how long, ``crawler.health`` decides."""
    next_poll = func.coalesce(Source.next_poll_at, Source.last_attempt_at)
    return or_(Source.failure_streak == 0, next_poll.is_(None), next_poll <= now() + EARLY)


def _known(session: Session, source: Source) -> dict[str, Known]:
    """What is listed now; what has left the list and comes back is read as if it were new."""
    rows = session.execute(
        select(
            Publication.platform_id,
            Publication.fingerprint,
            Publication.status,
            Publication.fetched_at,
            Publication.next_attempt_at,
        ).where(
            Publication.source_id == source.id,
            Publication.status.in_((PublicationStatus.STORED, PublicationStatus.FAILED, PublicationStatus.LISTED)),
        )
    )
    return {
        row.platform_id: Known(
            fingerprint=row.fingerprint,
            read_at=row.fetched_at if row.status is PublicationStatus.STORED else None,
            next_attempt_at=row.next_attempt_at,
        )
        for row in rows
    }


def _awaited(session: Session, source: Source) -> dict[MeetingKey, datetime]:
    """What ``Site.awaited`` says."""
    moment = now()
    rows = session.execute(
        select(Publication.committee_name, Meeting.starts_at, Publication.last_seen_at)
        .join(Meeting, Publication.meeting_id == Meeting.id)
        .where(
            Publication.source_id == source.id,
            Publication.fetched_at.is_not(None),
            Publication.first_seen_at < Meeting.starts_at,
            Meeting.stage != Stage.MINUTES,
            Meeting.starts_at >= moment - WAITED_FOR,
            Meeting.starts_at < moment,
        )
    )
    found: dict[MeetingKey, datetime] = {}
    for committee, starts_at, seen_at in rows:
        key = (committee, local(starts_at).date())
        found[key] = max(seen_at, found.get(key, seen_at))
    return found


def _memory(state: str | None) -> dict[str, str]:
    try:
        kept = json.loads(state or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}
