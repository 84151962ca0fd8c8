"""How often a source shows something new: noted at each good visit, so that silence can be told from a fault."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from storage.models import Publication, PublicationStatus, Source
from storage.quiet_time import usual_gap

LOOKS_BACK = timedelta(days=400)


def note_rhythm(session: Session, source: Source, now: datetime) -> None:
    """Sets ``newest_at`` and ``usual_gap_days`` of a source from the papers that it has published.

    A paper is news from the day it was released; where the site does not tell, from the day of its meeting or the day
    on which we first saw it, whichever came first. A calendar entry without a paper is no news.
    """
    session.flush()
    rows = session.execute(
        select(Publication.released_at, Publication.starts_at, Publication.first_seen_at).where(
            Publication.source_id == source.id,
            Publication.status != PublicationStatus.LISTED,
            Publication.first_seen_at >= now - LOOKS_BACK,
        )
    )
    news = [min(one for one in row if one is not None) for row in rows]
    recent = [one for one in news if now - LOOKS_BACK <= one <= now]
    source.newest_at = max(recent, default=source.newest_at)
    source.usual_gap_days = usual_gap([local(one).date() for one in recent])
