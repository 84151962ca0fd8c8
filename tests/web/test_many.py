"""Lists that are longer than a page, and searches that would take too long."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config.clock import now
from storage.engine import reading, transaction
from storage.models import AgendaItem, Publication
from tests.web.reading import titles, words
from tests.web.world import World
from web.pages import items as items_page
from web.paging import PAGE_SIZE
from web.patience import TookTooLong, at_most

MANY = 1_200


def add_many(session: Session, world: World, number: int) -> None:
    """``number`` items more on one meeting."""
    publication = session.scalars(select(Publication.id).where(Publication.meeting_id == world.meeting)).first()
    row = {"meeting_id": world.meeting, "publication_id": publication, "first_seen_at": now(), "supplementary": False}
    rows = [
        row
        | {
            "title": f"Sag nummer {n}",
            "title_key": f"sag nummer {n}",
            "number": str(n),
            "sorting": 100 + n,
            "platform_id": f"p{n}",
            "case_number": "",
            "is_open": True,
            "url": "",
        }
        for n in range(number)
    ]
    session.execute(insert(AgendaItem), rows)


def test_pages_are_turned_through_a_long_list_each_item_once(browse: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        add_many(session, world, 60)
    seen: list[str] = []
    address = "/sager?q=sag+nummer"
    for _ in range(3):
        page = browse.get(address)
        seen += titles(page.text)
        following = [link for link in page.text.split('"') if "side=" in link and "q=sag" in link]
        address = "/sager" + following[-1].replace("&amp;", "&")
    assert len(seen) == 60
    assert len(set(seen)) == 60
    assert "60 sager" in words(page.text)
    assert 'rel="next"' not in page.text
    assert titles(browse.get("/sager?q=sag+nummer&side=9").text) == []


def test_a_long_list_is_counted_to_a_thousand_and_no_further(browse: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        add_many(session, world, MANY)
    page = browse.get("/sager")
    assert "Mere end 1.000 sager" in words(page.text)
    assert len(titles(page.text)) == PAGE_SIZE
    assert browse.get("/sager?side=400").status_code == 200
    assert browse.get(f"/moeder/{world.meeting}").status_code == 200


def test_a_search_that_takes_too_long_falls_back_to_titles_and_says_so(
    browse: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database itself is slow here: the search through all text is given no time."""
    with transaction(world.url) as session:
        add_many(session, world, MANY)
    real = items_page.find_items

    def slow(session: Session, wanted: object, number: int, *, in_sections: bool = True) -> object:
        if in_sections:
            _keep_busy(session)
        return real(session, wanted, number, in_sections=in_sections)  # type: ignore[arg-type]

    monkeypatch.setattr(items_page, "find_items", slow)
    monkeypatch.setattr(items_page, "SEARCH_SECONDS", 0.5)
    page = browse.get("/sager?q=nummer+17&til=" + str((now() + timedelta(days=20)).date()))
    assert page.status_code == 200
    assert "nåede kun overskrifter" in words(page.text)
    assert "Sag nummer 17" in titles(page.text)


def _keep_busy(session: Session) -> None:
    """A question that takes the database for ever."""
    ask = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n"
    session.connection().exec_driver_sql(ask).scalar()


def test_a_question_is_stopped_in_time_and_the_connection_stays_good(world: World) -> None:
    started = now()
    with pytest.raises(TookTooLong), reading(world.url) as session, at_most(session, 0.3):
        _keep_busy(session)
    assert (now() - started).total_seconds() < 10
    with reading(world.url) as session, at_most(session, 5):
        assert session.scalar(select(AgendaItem.id).limit(1)) is not None
