"""What a reader finds on the pages."""

from datetime import timedelta

import httpx
from bs4 import BeautifulSoup

from config.clock import now
from storage.engine import transaction
from storage.models import Meeting, Message
from tests.web.reading import titles, words
from tests.web.world import LONELINESS, World, days


def test_the_front_page_shows_what_was_found_what_comes_and_what_fails(browse: httpx.Client, world: World) -> None:
    page = words(browse.get("/").text)
    assert LONELINESS in page
    assert "Angår Besøgsvennerne" in page
    assert "Social- og Sundhedsudvalget" in page
    assert "1 kommune bliver ikke læst, som den skal" in page
    assert "Egely" not in page, "a withdrawn item is not offered"


def test_an_item_shows_its_text_papers_reasons_and_way(browse: httpx.Client, world: World) -> None:
    html = browse.get(f"/sager/{world.loneliness}").text
    page = words(html)
    assert "Emnet ensomhed: »ensomme ældre« i overskriften" in page
    assert "Knap hver femte borger over 75 år" in page
    assert "Koordinator for besøgsvenner 450.000 kr." in page, "tables are kept"
    assert "Bilag (3)" in page
    assert "https://dagsordener.lindebjerg.example/vis?id=m&amp;punktid=i4" in html
    assert "Sagens vej" in page, "the earlier step of the case is linked"
    assert "du er her" in page


def test_an_item_shows_what_changed_and_the_old_text(browse: httpx.Client, world: World) -> None:
    page = words(browse.get(f"/sager/{world.loneliness}").text)
    assert "Teksten er ændret, nyt bilag" in page
    history = page[page.index("Det har vi set") :]
    assert "Læs teksten, som den var" in history
    assert "foreløbigt svar" not in history, "the old text is the old one"


def test_a_withdrawn_items_text_is_gone(browse: httpx.Client, world: World) -> None:
    page = words(browse.get(f"/sager/{world.withdrawn}").text)
    assert "har taget punktet af dagsordenen" in page
    assert "Hemmeligt" not in page
    assert titles(browse.get("/sager?q=Hemmeligt").text) == []


def test_a_meeting_that_left_the_municipalitys_list_says_so(browse: httpx.Client, world: World) -> None:
    said = "Kommunen viser ikke længere mødet på sin liste"
    assert said not in words(browse.get(f"/moeder/{world.meeting}").text)
    with transaction(world.url) as session:
        session.get_one(Meeting, world.meeting).withdrawn_at = now()
    assert said in words(browse.get(f"/moeder/{world.meeting}").text)
    for listed in ("/moeder", "/"):
        line = BeautifulSoup(browse.get(listed).text, "lxml").select_one(
            f'li.day-line:has(a[href="/moeder/{world.meeting}"])'
        )
        assert line is not None
        assert "Vises ikke længere hos kommunen" in line.text, listed


def test_a_closed_item_says_why_it_is_empty(browse: httpx.Client, world: World) -> None:
    assert "Punktet er lukket" in words(browse.get(f"/sager/{world.closed}").text)


SEARCHES = {
    "q=fællesspisning": [LONELINESS],
    "q=FÆLLESSPISNING": [LONELINESS],
    "q=ÆLDRE+handleplan&fund=1": [LONELINESS],
    "q=100%25+finansiering": ["Budgetforslag"],
    "q=%25": ["Budgetforslag"],
    "q=_": [],
    "q='+OR+1%3D1+--": [],
    "q=%22%27%3B": [],
    "q=00.30.02": ["Budgetforslag"],
    "forening=ungerummet": ["Budgetforslag"],
    "forening=findes-ikke": [],
    "fund=1&q=handleplan": [LONELINESS],
    "kommune=998": [],
    "q=%00ensomme%00&fund=1": [LONELINESS],
}


def test_items_are_found_by_words_and_associations(browse: httpx.Client, world: World) -> None:
    for query, expected in SEARCHES.items():
        response = browse.get(f"/sager?{query}")
        assert response.status_code == 200, query
        found = titles(response.text)
        assert len(found) == len(expected), (query, found)
        assert all(title.startswith(start) for title, start in zip(found, expected, strict=True)), (query, found)


def test_items_are_found_by_day_and_committee(browse: httpx.Client, world: World) -> None:
    near = (now() + timedelta(days=10)).date()
    assert len(titles(browse.get(f"/sager?kommune=999&fra={near}").text)) == 2
    assert LONELINESS in titles(browse.get(f"/sager?kommune=999&til={near.day}.{near.month}.{near.year}").text)
    form = browse.get("/sager?kommune=999").text
    assert "Byrådet</option>" in form, "committees are offered once a municipality is chosen"


def test_nonsense_in_the_address_is_ignored(browse: httpx.Client, world: World) -> None:
    for query in ("side=0", "side=-3", "side=x", "side=99999999999999999999", "kommune=9e9", "fra=i+går", "side=²"):
        assert browse.get(f"/sager?{query}").status_code == 200, query


def test_meetings_ahead_and_past(browse: httpx.Client, world: World) -> None:
    assert titles(browse.get("/moeder").text) == ["Social- og Sundhedsudvalget", "Byrådet"]
    past = words(browse.get("/moeder?vis=afholdte&kommune=999").text)
    assert "Referat med 1 punkt" in past
    meeting = words(browse.get(f"/moeder/{world.meeting}").text)
    assert "mødelokale 2" in meeting
    assert meeting.index("Godkendelse af dagsorden") < meeting.index(LONELINESS)


def test_sources_in_trouble_come_first_and_say_what_is_missing(browse: httpx.Client, world: World) -> None:
    assert titles(browse.get("/kilder").text)[0] == "Havnsø"
    listed = words(browse.get("/kilder").text)
    assert "Havnsø Fejler Sidst læst for 3 dage siden Siden kunne ikke læses ved de seneste 4 besøg" in listed
    assert "Aldrig læst" in listed
    page = words(browse.get("/kilder/999").text)
    assert "Ældrerådet Dagsorden" in page
    assert "Siden svarede med HTTP 500." in page
    assert "2 møder læst" in page


def test_an_association_shows_profile_people_and_reasons(browse: httpx.Client, world: World) -> None:
    assert titles(browse.get("/foreninger").text) == ["Besøgsvennerne", "Ungerummet"]
    assert titles(browse.get("/foreninger?q=BESØG").text) == ["Besøgsvennerne"]
    page = words(browse.get("/foreninger/besoegsvenner").text)
    assert "fællesspisning" in page
    assert "alice@example.org" in page
    assert "Emnet ensomhed" in page
    assert "Muligt fund" in page


def test_mails_are_shown_with_state_and_content(browse: httpx.Client, world: World) -> None:
    listed = words(browse.get("/mails").text)
    assert "450 4.2.0 Prøv igen senere" in listed
    assert "2 forsøg" in listed
    assert len(titles(browse.get("/mails?status=sent").text)) == 1
    assert len(titles(browse.get("/mails?slags=confirm&status=findes-ikke").text)) == 1
    page = words(browse.get(f"/mails/{world.mail}").text)
    assert "Kære Alice Lindebjerg behandler en sag" in page
    assert "List-Unsubscribe" in page
    assert LONELINESS in page
    body = browse.get(f"/mails/{world.mail}/indhold")
    assert "sandbox" in body.headers["content-security-policy"]
    assert "script-src" not in body.headers["content-security-policy"]
    assert body.headers["x-frame-options"] == "SAMEORIGIN"
    assert browse.get(f"/mails/{world.mail}/eml").content.startswith(b"From: ")


def test_a_mail_whose_content_was_erased_still_has_a_page(browse: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        session.get_one(Message, world.mail).mime = None
    assert "slettet" in words(browse.get(f"/mails/{world.mail}").text)
    assert browse.get(f"/mails/{world.mail}/indhold").status_code == 404
    assert browse.get(f"/mails/{world.mail}/eml").status_code == 404


NOT_THERE = (
    "/sager/999999", "/sager/0", "/sager/x", "/sager/99999999999999999999", "/moeder/999999", "/kilder/1",
    "/foreninger/findes-ikke", "/foreninger/%00", "/mails/999999", "/intet", "/static/..%2fapp.py",
)  # fmt: skip


def test_what_is_not_there_gets_a_friendly_page(browse: httpx.Client, world: World) -> None:
    for path in NOT_THERE:
        response = browse.get(path)
        assert response.status_code == 404, path
        assert "Siden findes ikke" in words(response.text)


def test_health_tells_machines_only_what_they_need(browse: httpx.Client, world: World) -> None:
    response = browse.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "reachable", "schema": "current"}


def test_meeting_days_are_written_as_danes_write_them(browse: httpx.Client, world: World) -> None:
    page = words(browse.get("/moeder").text)
    assert f"den {days(9).day}. " in page
    assert "kl. 16 ·" in page
    assert "kl. 17.30 ·" in page
