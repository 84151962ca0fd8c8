"""Brings municipalities and sources in step with the catalogue."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.catalogue import Catalogue
from storage.models import Municipality, Source


def save_catalogue(session: Session, catalogue: Catalogue) -> None:
    """Adds and updates what the catalogue names; what it no longer names becomes inactive, never erased.

    A change of platform or address starts the source's memory of its list and session afresh.
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
            source.visitor_state, source.meetings_listed = None, None
        source.platform, source.base_url, source.crawl_delay = entry.platform, entry.url, entry.crawl_delay
        source.active, source.config_problem = True, problems.get(entry.code)
    named = {entry.code for entry in catalogue}
    for source in session.scalars(select(Source)):
        if source.municipality_code not in named:
            source.active, source.config_problem = False, problems.get(source.municipality_code)


def accept_shorter_list(session: Session, municipality_code: int) -> None:
    """Forgets how long a municipality's list was, so that a much shorter one is used at the next visit."""
    source = session.scalars(select(Source).where(Source.municipality_code == municipality_code)).one()
    source.meetings_listed = None
