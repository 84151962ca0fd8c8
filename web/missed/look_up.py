"""Which stored item a reader means: by its address, or by words of its title."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import SplitResult, parse_qsl, urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from storage.keys import alike, fold, title_key
from storage.models import (
    AgendaItem,
    Committee,
    Meeting,
    Publication,
    PublicationStatus,
    Revision,
    Source,
)

LOOK_BACK = timedelta(days=400)
SURE, LIKELY = 0.82, 0.5
CANDIDATES = 300
LIKELY_SHOWN = 4
# Shorter parts of an address (a page number, "vis") name nothing.
SHORTEST_ID = 5
LONGEST_WORDS = 4
# A part of a title that is at least so long names it.
LONG_ENOUGH = 20


@dataclass(frozen=True)
class Found:
    """``item``: the one that is meant. ``like``: items that may be. ``source``: whose site the address is of.

    ``publication``: a paper at the address that we know of, read or not.
    """

    item: AgendaItem | None = None
    like: tuple[AgendaItem, ...] = ()
    source: Source | None = None
    publication: Publication | None = None
    is_address: bool = False


def look_up(session: Session, what: str, codes: list[int], now: datetime) -> Found:
    """Finds the item in ``what``, an address or free words; words are looked for in the municipalities ``codes``."""
    address = re.search(r"https?://[^\s<>\"]+|^/sager/\d+", what)
    if address is None:
        return _by_words(session, what, codes, now)
    return _by_address(session, address[0].rstrip(".,)"), what.replace(address[0], " "), codes, now)


def _by_address(session: Session, url: str, rest: str, codes: list[int], now: datetime) -> Found:
    parts = _parts(url)
    own = re.fullmatch(r"/sager/(\d{1,9})", parts.path)
    item = session.get(AgendaItem, int(own[1])) if own else _item_at(session, url)
    source = _source(session, parts.hostname or "")
    publication = None if item else _publication_at(session, url, source)
    if item is None and rest.strip(" .,:;–-"):
        by_words = _by_words(session, rest, [source.municipality_code] if source else codes, now)
        return Found(by_words.item, by_words.like, source, publication, is_address=True)
    return Found(item, (), source, publication, is_address=True)


def _item_at(session: Session, url: str) -> AgendaItem | None:
    bare = url.partition("#")[0]
    same = select(AgendaItem.id).where(AgendaItem.url.in_({url, bare, bare.rstrip("/")})).order_by(AgendaItem.id.desc())
    number = session.scalar(same.limit(1))
    if number is None:
        named = select(AgendaItem.id).where(AgendaItem.platform_id.in_(_ids(url))).order_by(AgendaItem.id.desc())
        numbers = session.scalars(named.limit(2)).all()
        number = numbers[0] if len(numbers) == 1 else None
    return _load(session, [number])[0] if number is not None else None


def _publication_at(session: Session, url: str, source: Source | None) -> Publication | None:
    if source is None:
        return None
    query = select(Publication).where(Publication.source_id == source.id, Publication.platform_id.in_(_ids(url)))
    failed_first = sorted(session.scalars(query), key=lambda one: one.status is not PublicationStatus.FAILED)
    return next(iter(failed_first), None)


def _ids(url: str) -> set[str]:
    """Whatever in an address may be a platform's id."""
    parts = _parts(url)
    values = {value for _, value in parse_qsl(parts.query)} | set(parts.path.split("/"))
    forms = {form for value in values for form in (value, value.lower(), value.upper())}
    return {one for one in forms if len(one) >= SHORTEST_ID}


def _parts(url: str) -> SplitResult:
    """An address taken apart; empty when it cannot be."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return urlsplit("")
    return parts


def _source(session: Session, host: str) -> Source | None:
    wanted = host.lower().removeprefix("www.")
    for source in session.scalars(select(Source).options(joinedload(Source.municipality))):
        hosts = {_parts(source.base_url).hostname, _parts(source.municipality.website).hostname}
        if wanted and wanted in {(one or "").lower().removeprefix("www.") for one in hosts}:
            return source
    return None


def _by_words(session: Session, what: str, codes: list[int], now: datetime) -> Found:
    key = title_key(what)
    longest = sorted(set(re.findall(r"\w{4,}", key)), key=len, reverse=True)[:LONGEST_WORDS]
    if not longest:
        return Found()
    query = (
        select(AgendaItem.id, AgendaItem.title_key)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
        .where(
            Meeting.starts_at > now - LOOK_BACK,
            or_(*(AgendaItem.title_key.contains(word, autoescape=True) for word in longest)),
        )
        .order_by(Meeting.starts_at.desc())
        .limit(CANDIDATES)
    )
    rows = session.execute(query.where(Committee.municipality_code.in_(codes)) if codes else query).all()
    # Newest meeting first among equals: the sort is stable.
    ranked = sorted(((*_likeness(key, title), number) for number, title in rows), key=lambda one: one[:2], reverse=True)
    likely = [number for likeness, _, number in ranked if likeness >= LIKELY][:LIKELY_SHOWN]
    if ranked and ranked[0][0] >= SURE:
        return Found(_load(session, likely[:1])[0])
    return Found(None, tuple(_load(session, likely)))


def _likeness(key: str, title: str) -> tuple[float, float]:
    """Likeness of what was typed and a title, where people may type a part of it; and as a whole."""
    words = re.findall(r"\w{3,}", key)
    share = sum(word in title for word in words) / len(words) if words else 0.0
    inside = 1.0 if len(key) >= LONG_ENOUGH and fold(key) in title else 0.0
    whole = alike(key, title)
    return max(whole, inside, share * 0.8), whole


def _load(session: Session, numbers: list[int]) -> list[AgendaItem]:
    rows = session.scalars(
        select(AgendaItem)
        .where(AgendaItem.id.in_(numbers))
        .options(
            selectinload(AgendaItem.revisions).selectinload(Revision.sections),
            joinedload(AgendaItem.meeting).joinedload(Meeting.committee).joinedload(Committee.municipality),
        )
    ).unique()
    by_id = {row.id: row for row in rows}
    return [by_id[number] for number in numbers if number in by_id]
