"""Brings municipalities and sources in step with the catalogue."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.catalogue import Catalogue
from storage.models import Municipality, Publication, PublicationStatus, Source


def save_catalogue(session: Session, catalogue: Catalogue) -> None:
    """Adds and updates what the catalogue names; what it no longer names becomes inactive, never erased.

    A change of platform or address starts the source afresh: what is known of its health is of the old site, and its
    papers count as superseded, since that they are not on the new list does not mean that they were withdrawn.
    """
    problems = {problem.code: problem.message for problem in catalogue.problems if problem.code is not None}
    for entry in catalogue:
        municipality = session.get(Municipality, entry.code) or Municipality(code=entry.code)
        municipality.name, municipality.region, municipality.website = entry.name, entry.region, entry.website
        session.add(municipality)
        session.flush()
        source = session.scalar(select(Source).where(Source.municipality_code == entry.code))
        if source is None:
            source = Source(municipality_code=entry.code, failure_streak=0)
            session.add(source)
        elif (source.platform, source.base_url) != (entry.platform, entry.url):
            start_afresh(source)
            moved = update(Publication).where(Publication.source_id == source.id)
            session.execute(moved.values(status=PublicationStatus.SUPERSEDED, missing_since=None))
        source.platform, source.base_url, source.crawl_delay = entry.platform, entry.url, entry.crawl_delay
        source.active, source.config_problem = True, problems.get(entry.code)
    named = {entry.code for entry in catalogue}
    for source in session.scalars(select(Source)):
        if source.municipality_code not in named:
            source.active, source.config_problem = False, problems.get(source.municipality_code)


def start_afresh(source: Source) -> None:
    """Forgets the session, the list and the health of a source, as if its site had never been read."""
    source.visitor_state = source.meetings_listed = source.list_is_whole = None
    source.last_outcome = source.last_error = source.failing_since = source.flawed_since = None
    source.last_success_at = None
    source.newest_at = source.usual_gap_days = source.next_poll_at = None
    source.failure_streak = 0


def accept_shorter_list(session: Session, municipality_code: int) -> None:
    """Forgets how long a municipality's list was, so that a much shorter one is used at the next visit."""
    source = session.scalars(select(Source).where(Source.municipality_code == municipality_code)).one()
    source.meetings_listed = None
