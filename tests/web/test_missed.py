"""»I overså denne«: the report, the honest answer, what is kept, and what the operator sees."""

import httpx
import pytest
from sqlalchemy import select

from config.clock import now
from matcher.run import run_matching
from notifier.links import Links
from storage.engine import reading, transaction
from storage.models import AgendaItem, Match, MessageEntry, MissedOutcome, MissedReport, Publication, Source
from tests.web.reading import everything, words
from tests.web.test_links import BESOEG, UNGE, path
from tests.web.world import ALICE, CHARLIE, LONELINESS, PORTAL, World, person, subscription


@pytest.fixture(autouse=True)
def _told(world: World) -> None:
    """Alice's mail told Besøgsvennerne of the loneliness item."""
    with transaction(world.url) as session:
        mine = subscription(session, ALICE, BESOEG)
        entry = session.scalars(select(MessageEntry)).one()
        entry.reasons = [{"subscription_id": mine.id, "association_id": mine.association_id, "shown": True}]


def missed_path(world: World, email: str = ALICE, slug: str | None = BESOEG) -> str:
    with reading(world.url) as session:
        return path(world.links.missed(subscription(session, email, slug)))


def ask(public: httpx.Client, link: str, what: str) -> str:
    """The words of the answer's page."""
    return words(public.post(link, data={"hvad": what}, follow_redirects=True).text)


def kept(world: World) -> MissedReport:
    with reading(world.url) as session:
        report = session.scalars(select(MissedReport).order_by(MissedReport.id.desc())).first()
        assert report is not None
        return report


def url_of(world: World, item_id: int) -> str:
    with reading(world.url) as session:
        return session.get_one(AgendaItem, item_id).url


@pytest.mark.parametrize("how", ["address", "title", "part of the title", "our own page"])
def test_an_item_that_was_mailed_is_found_however_it_is_named(public: httpx.Client, world: World, how: str) -> None:
    what = {
        "address": url_of(world, world.loneliness) + "#top",
        "title": f"4. {LONELINESS.upper()}",
        "part of the title": "handleplan for færre ensomme ældre",
        "our own page": f"https://vagt.example.dk/sager/{world.loneliness}",
    }[how]
    shown = ask(public, missed_path(world), what)
    assert "Vi havde det, og det er sendt" in shown
    assert "»Lindebjerg: Handleplan for færre ensomme ældre«" in shown
    report = kept(world)
    assert (report.outcome, report.item_id, report.score) == (MissedOutcome.TOLD, world.loneliness, 0.9)


def test_an_item_that_did_not_match_says_what_came_nearest(public: httpx.Client, world: World) -> None:
    run_matching(world.url)
    with transaction(world.url) as session:
        for match in session.scalars(select(Match)):
            match.current = False
    shown = ask(public, missed_path(world, ALICE, UNGE), f"Hvad med {PORTAL}/vis?id=m&punktid=i9Køb af ?")
    assert "Køb af grund" in ask(public, missed_path(world, ALICE, UNGE), "Køb af grund - Lukket punkt")
    assert "Vi havde det, men …" in ask(public, missed_path(world, ALICE, UNGE), "Køb af grund - Lukket punkt")
    report = kept(world)
    assert report.outcome is MissedOutcome.NOT_MATCHED
    assert report.score == 0.0
    assert any("passer ikke" in sentence for sentence in report.said)
    assert shown


def test_a_found_item_that_waits_says_so_and_a_withdrawn_one_too(public: httpx.Client, world: World) -> None:
    assert "det er på vej" in ask(public, missed_path(world, ALICE, UNGE), "Budgetforslag for børne- og ungeområdet")
    assert "tog det af dagsordenen" in ask(public, missed_path(world), "Nedrivning af plejehjemmet Egely")
    assert kept(world).outcome is MissedOutcome.WITHDRAWN


def test_what_we_did_not_have_is_told_with_the_state_of_the_source(public: httpx.Client, world: World) -> None:
    link = missed_path(world)
    shown = ask(public, link, f"{PORTAL}/vis?id=noget-helt-nyt")
    assert "Vi havde det ikke" in shown
    assert "Vi læste sidst Lindebjerg for 42 minutter siden" in shown
    assert "Siden svarede med HTTP 503" in ask(public, link, "https://dagsordener.havnsoe.example/vis?id=abcdef")
    assert "hører ikke til en af de sider" in ask(public, link, "https://ukendt.example/dagsorden/17")
    with transaction(world.url) as session:
        source = session.scalars(select(Source).where(Source.municipality_code == 999)).one()
        paper = session.scalars(select(Publication).where(Publication.source_id == source.id)).first()
        failed = session.scalars(select(Publication).where(Publication.platform_id == "væk")).one()
        failed.platform_id = "ABC-12345"
        assert paper is not None
    assert "kunne ikke læses. Siden svarede med HTTP 500" in ask(public, link, f"{PORTAL}/vis?id=abc-12345")
    assert "Vi fandt intet punkt med de ord" in ask(public, link, "rumfart og månelanding")
    assert kept(world).outcome is MissedOutcome.ABSENT


def test_several_that_could_be_meant_are_offered(public: httpx.Client, world: World) -> None:
    link = missed_path(world)
    answer = public.post(link, data={"hvad": "noget om handleplan for ældre"}, follow_redirects=True)
    assert "Hvilket punkt mener du?" in words(answer.text)
    assert f'value="/sager/{world.loneliness}"' in answer.text
    chosen = ask(public, link, f"/sager/{world.loneliness}")
    assert "Vi havde det, og det er sendt" in chosen


def test_looking_changes_nothing_and_the_same_report_is_kept_once(public: httpx.Client, world: World) -> None:
    link = missed_path(world)
    before = everything(world.url)
    assert "Har vi overset en sag?" in words(public.get(link).text)
    assert everything(world.url) == before
    for _ in range(2):
        ask(public, link, LONELINESS)
    with reading(world.url) as session:
        number = session.scalars(select(MissedReport.id)).one()
    charlies = missed_path(world, CHARLIE, None)
    stranger = words(public.get(f"{charlies}?svar={number}").text)
    assert "Har vi overset en sag?" in stranger, "nobody reads another's report"
    assert "Vi havde" in ask(public, charlies, LONELINESS)
    assert public.get("/overset/vrøvl").status_code == 404


def test_a_token_that_is_wrong_foreign_or_stale_opens_nothing_and_tells_nothing(
    public: httpx.Client, world: World
) -> None:
    link = missed_path(world)
    token = link.rsplit("/", 1)[1]
    with reading(world.url) as session:
        alice, mine = person(session, ALICE), subscription(session, ALICE, BESOEG)
        other_key = Links(world.links.base_url, "another installation's key").missed(mine)
        # Signed by us, but for another person's subscription, and for another purpose.
        crossed = world.links._plain("missed").dumps(
            [*world.links._who(alice), subscription(session, CHARLIE, None).id]
        )
        other_purpose = world.links.preferences(alice)
    before = everything(world.url)
    wrong = [token[:-2], token[1:], "a" * 3000, str(crossed), _token(other_key), _token(other_purpose)]
    for one in wrong:
        opens_nothing(public.get(f"/overset/{one}"))
    for one in (token[:-2], str(crossed)):
        opens_nothing(public.post(f"/overset/{one}", data={"hvad": LONELINESS}))
    assert everything(world.url) == before

    with transaction(world.url) as session:
        session.delete(person(session, ALICE))
    opens_nothing(public.get(link))
    opens_nothing(public.post(link, data={"hvad": LONELINESS}))


def opens_nothing(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert "Linket virker ikke" in answer.text or "hører ikke til noget længere" in answer.text
    assert "Besøgsvennerne" not in answer.text
    assert ALICE not in answer.text


def _token(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_a_link_to_tell_of_something_missed_does_not_expire(
    public: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = missed_path(world)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now().timestamp() + 5 * 365 * 86400)
    assert "Vi havde det, og det er sendt" in ask(public, link, LONELINESS)


def test_a_report_is_text_and_nothing_else(public: httpx.Client, world: World) -> None:
    link = missed_path(world)
    answer = public.post(link, data={"hvad": "<script>alert(1)</script> {{ 7*7 }} \0 %_"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "{{ 7*7 }}" in words(answer.text)
    assert public.post(link, data={"hvad": "   "}).headers["location"] == link
    assert public.post(link, data={"hvad": "https://[bad"}, follow_redirects=True).status_code == 200


def test_the_operator_sees_reports_and_marks_them(browse: httpx.Client, public: httpx.Client, world: World) -> None:
    ask(public, missed_path(world), "https://ukendt.example/dagsorden/17")
    assert public.get("/overset").status_code == 404
    assert public.post("/overset", data={"indberetning": "1"}).status_code == 404
    shown = words(browse.get("/overset").text)
    assert "Besøgsvennerne" in shown
    assert "https://ukendt.example/dagsorden/17" in shown
    browse.post("/overset", data={"indberetning": str(kept(world).id)})
    assert "Ingen indberetninger venter" in words(browse.get("/overset").text)
    assert "https://ukendt.example/dagsorden/17" in words(browse.get("/overset?vis=alle").text)
    assert kept(world).handled_at is not None
    assert kept(world).handled_at <= now()
