"""A text that was taken down is nowhere left, and no later publication brings it back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config.catalogue import Catalogue
from storage.base import Base
from storage.engine import transaction
from storage.models import AgendaItem, Attachment, Backfill, Document, DocumentStatus, Revision, Source
from storage.save_catalogue import save_catalogue
from storage.save_meeting import save_meeting
from storage.take_down import TITLE, put_back, take_down
from tests.storage.test_save_meeting import MEETING, SEEN, AttachmentRecord, ItemRecord, MeetingRecord, SectionRecord
from tests.storage.test_vanish import ENTRY

SECRET = "Hemmelighed"
GUID = "0b3c1a52-8d58-4f6e-9c8e-3f1f6a5f7b11"
BAD = ItemRecord(
    "2",
    f"{SECRET} om en borger med navns nævnelse",
    "26/2",
    platform_id=GUID,
    sections=(SectionRecord("summary", "Resume", f"{SECRET} i teksten.", f"<p>{SECRET}</p>"),),
    attachments=(AttachmentRecord(f"{SECRET} i bilag", url=f"https://x.dk/{SECRET}"), AttachmentRecord("Fælles bilag")),
)
GOOD = ItemRecord("1", "Natcafé", "26/1", attachments=(AttachmentRecord("Fælles bilag"),))
AGENDA = MeetingRecord("a1", (GOOD, BAD))


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with transaction(database_url) as session:
        save_catalogue(session, Catalogue(path=Path("x"), municipalities=(ENTRY,)))
        save(session, AGENDA)
        yield session


def save(session: Session, published: MeetingRecord, days: int = 0) -> None:
    source = session.scalars(select(Source)).one()
    save_meeting(session, source, published, seen_at=SEEN + timedelta(days=days))


def bad_item(session: Session) -> AgendaItem:
    return session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/2")).one()


def everywhere(session: Session) -> str:
    """All that the database holds."""
    session.flush()
    return "\n".join(
        str([*session.execute(text(f'SELECT * FROM "{table}"'))])  # noqa: S608 - our own tables' names
        for table in Base.metadata.tables
    )


def read_papers(session: Session) -> None:
    """Each title's file has been read; the two items share one."""
    for title, sha in ((f"{SECRET} i bilag", "1"), ("Fælles bilag", "2")):
        document = Document(sha256=sha, size=1, text=title, page_map=[], status=DocumentStatus.READ, fetched_at=SEEN)
        session.add(document)
        session.flush()
        for paper in session.scalars(select(Attachment).where(Attachment.title == title)):
            paper.document_id = document.id


def test_the_text_is_gone_everywhere_and_the_row_says_when_and_why(session: Session) -> None:
    read_papers(session)
    assert everywhere(session).count(SECRET) > 5
    done = take_down(session, bad_item(session), "Trukket tilbage", SEEN)
    assert SECRET.casefold() not in everywhere(session).casefold()
    item = bad_item(session)
    assert (item.title, item.taken_down_at, item.taken_down_reason) == (TITLE, SEEN, "Trukket tilbage")
    # A paper that another item holds as well stays with it.
    assert done.documents == 1
    assert session.scalars(select(Document.text)).all() == ["Fælles bilag"]
    good = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/1")).one()
    assert [one.document_id is not None for one in good.newest.attachments] == [True]


@pytest.mark.parametrize(
    "again",
    [
        BAD,
        replace(BAD, number="7", case_number="", platform_id="other"),
        replace(BAD, title="2. " + BAD.title, platform_id="other"),
        replace(BAD, title=f"{SECRET}, nu med anden overskrift"),
    ],
    ids=["as it was", "new ids and number", "its number in the title", "another title, same case"],
)
def test_no_later_publication_brings_it_back(session: Session, again: ItemRecord) -> None:
    take_down(session, bad_item(session), "Trukket tilbage", SEEN)
    save(session, replace(AGENDA, platform_id="r1", stage="minutes", items=(GOOD, again)), days=1)
    assert SECRET.casefold() not in everywhere(session).casefold()
    assert len(session.scalars(select(AgendaItem)).all()) == 2
    assert len(session.scalars(select(Revision)).all()) == 2


def test_another_item_at_its_place_is_not_swallowed(session: Session) -> None:
    item = bad_item(session)
    item.platform_id = "punkt-2"
    take_down(session, item, "Trukket tilbage", SEEN)
    new = ItemRecord("2", "Budget", "26/9", platform_id="punkt-2")
    save(session, replace(AGENDA, items=(GOOD, new)), days=1)
    assert "Budget" in [one.title for one in session.scalars(select(AgendaItem))]


def test_undone_the_next_crawl_reads_it_again(session: Session) -> None:
    take_down(session, bad_item(session), "En fejl", SEEN)
    put_back(session, bad_item(session), SEEN)
    assert session.scalars(select(Backfill)).all() == []
    save(session, AGENDA, days=1)
    item = bad_item(session)
    assert (item.title, item.taken_down_at) == (BAD.title, None)
    assert [one.changes for one in item.revisions] == [["published"], ["published"]]
    assert [one.text for one in item.newest.sections] == [f"{SECRET} i teksten."]
    # It is an item like all others again.
    save(session, AGENDA, days=2)
    assert len(bad_item(session).revisions) == 2


def test_undone_for_an_old_meeting_it_is_asked_for_as_archive(session: Session) -> None:
    take_down(session, bad_item(session), "En fejl", SEEN)
    put_back(session, bad_item(session), MEETING + timedelta(days=100))
    assert [(one.since, (one.until - one.since).days) for one in session.scalars(select(Backfill))] == [
        (MEETING.date(), 1)
    ]
