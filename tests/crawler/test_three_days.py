"""Three days of one meeting: the agenda, the agenda anew with other ids, the minutes."""

import httpx
from sqlalchemy import select

from config.settings import Settings
from storage.engine import reading
from storage.models import AgendaItem, Meeting, Publication, PublicationStatus
from tests.crawler.conftest import add_source, crawl
from tests.crawler.firstagenda_answers import LIST, MEETING, agenda, begins, line, listing, point, portal
from tests.servers.replay import Replay, replay, saved_json
from web.server import in_background

TEXT = "<h3>Resume</h3><span>Natcaféen søger nye lokaler.</span>"
DECIDED = TEXT + "<h3>Beslutning</h3><span>Godkendt.</span>"


def paper(title: str) -> dict[str, object]:
    return {"Id": f"b-{title}", "Navn": title, "Order": 1, "HarPdfVersion": "true"}


def publish(server: Replay, meeting_id: str, name: str, *points: dict[str, object], days_ago: int) -> None:
    """The site's list now holds this publication alone."""
    new = line(meeting_id, Navn=name, Afsluttet=name == "Referat", ReleasedDate=begins(-days_ago))
    server.answers[LIST] = [saved_json(listing(new))]
    server.answers[MEETING + meeting_id] = [saved_json(agenda(*points))]


def test_one_meeting_its_items_each_one_matter_and_what_changed_each_day(sqlite_url: str) -> None:
    with replay(portal(line("a1"))) as server:
        add_source(sqlite_url, 1, server.base_url)
        cafe, street = point(1, "Natcafé", TEXT, Bilag=[paper("Budget")]), point(2, "Gågade", TEXT)
        publish(server, "a1", "Dagsorden", cafe, street, days_ago=3)
        assert crawl(sqlite_url).exit_code == 0

        cafe, street = (
            point(1, "Natcafé", TEXT, Bilag=[paper("Nyt budget")], Id="n1"),
            point(2, "Gågade", TEXT, Id="n2"),
        )
        publish(server, "a2", "Dagsorden", cafe, street, point(3, "Varmestue", TEXT, Id="n3"), days_ago=2)
        assert crawl(sqlite_url).exit_code == 0

        decided = [
            point(1, "Natcafé", DECIDED, Bilag=[paper("Nyt budget")], Id="r1"),
            point(2, "Gågade", DECIDED, Id="r2"),
            point(3, "Varmestue", DECIDED, Id="r3"),
        ]
        publish(server, "r1", "Referat", *decided, days_ago=1)
        assert crawl(sqlite_url).exit_code == 0
        assert server.unsaved == []
        base_url = server.base_url

    with reading(sqlite_url) as session:
        assert session.query(Meeting).count() == 1
        items = session.scalars(select(AgendaItem).order_by(AgendaItem.sorting)).all()
        assert {one.title: [revision.changes for revision in one.revisions] for one in items} == {
            "Natcafé": [["published"], ["attachment_added", "attachment_removed"], ["decision"]],
            "Gågade": [["published"], ["decision"]],
            "Varmestue": [["published"], ["decision"]],
        }
        assert all(revision.material for one in items for revision in one.revisions)
        papers = {one.platform_id: one.status for one in session.scalars(select(Publication))}
        assert papers == {
            "a1": PublicationStatus.SUPERSEDED,
            "a2": PublicationStatus.SUPERSEDED,
            "r1": PublicationStatus.STORED,
        }
        # Links lead to the newest publication, since the old ones are dead.
        assert items[0].url == f"{base_url}/vis?id=r1&punktid=r1"
        number = items[0].id
    with in_background(Settings(database_url=sqlite_url)) as pages, httpx.Client(base_url=pages) as client:
        page = client.get(f"/sager/{number}").text
    history = page[page.index("Det har vi set") :]
    assert "Godkendt." not in history
    assert history.count("Læs teksten, som den var") == 2
    assert history.index("Nyt bilag, bilag fjernet") < history.index("Offentliggjort")
    assert "Bilag: Budget" in history
    assert "punktid=r1" in page
