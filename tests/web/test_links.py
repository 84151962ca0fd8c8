"""What the links in mails open: confirm, unsubscribe, one click, preferences, feedback. A GET never does anything."""

import re
from datetime import timedelta

import httpx
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import now
from notifier import links as notifier_links
from storage.engine import reading, transaction
from storage.models import (
    Association,
    Feedback,
    Frequency,
    Recipient,
    Subscription,
    SubscriptionStatus,
    Verdict,
)
from tests.web.reading import everything, words
from tests.web.world import ALICE, BOB, CHARLIE, World, person, subscription

BESOEG, UNGE = "besoegsvenner", "ungerummet"


def path(url: str) -> str:
    """A link of a mail as a path on the test's server."""
    return re.sub(r"^https?://[^/]+", "", url)


def confirm_path(world: World, email: str = BOB, slug: str = UNGE) -> str:
    with reading(world.url) as session:
        return path(world.links.confirm(subscription(session, email, slug)))


def unsubscribe_path(world: World, email: str, slug: str | None, *, one_click: bool = False) -> str:
    with reading(world.url) as session:
        make = world.links.one_click if one_click else world.links.unsubscribe
        return path(make(person(session, email), [subscription(session, email, slug)]))


def preferences_path(world: World, email: str = ALICE) -> str:
    with reading(world.url) as session:
        return path(world.links.preferences(person(session, email)))


def feedback_path(world: World, *, relevant: bool = True) -> str:
    with reading(world.url) as session:
        association = session.scalars(select(Association).where(Association.slug == BESOEG)).one()
        alice = person(session, ALICE)
        return path(world.links.feedback(alice, association.id, world.loneliness, relevant=relevant))


def missed_path(world: World) -> str:
    with reading(world.url) as session:
        return path(world.links.missed(subscription(session, ALICE, BESOEG)))


def deadline_path(world: World) -> str:
    with reading(world.url) as session:
        association = session.scalars(select(Association).where(Association.slug == BESOEG)).one()
        alice, day = person(session, ALICE), now().date() + timedelta(days=9)
        return path(world.links.deadline(alice, [association.id], world.loneliness, day))


def status(world: World, email: str, slug: str | None) -> SubscriptionStatus:
    with reading(world.url) as session:
        return subscription(session, email, slug).status


def subscription_id(world: World, email: str, slug: str | None) -> str:
    with reading(world.url) as session:
        return str(subscription(session, email, slug).id)


def test_bob_confirms_with_a_button_and_not_by_opening_the_link(public: httpx.Client, world: World) -> None:
    link = confirm_path(world)
    shown = words(public.get(link).text)
    assert "Bekræft din tilmelding" in shown
    assert BOB not in shown, "the address is masked: links get forwarded"
    assert status(world, BOB, UNGE) is SubscriptionStatus.PENDING
    answer = public.post(link)
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    assert status(world, BOB, UNGE) is SubscriptionStatus.CONFIRMED
    assert "Du er tilmeldt" in words(public.get(link).text)
    with reading(world.url) as session:
        first = subscription(session, BOB, UNGE).confirmed_at
    public.post(link)
    with reading(world.url) as session:
        assert subscription(session, BOB, UNGE).confirmed_at == first, "confirming twice changes nothing"


def test_alice_unsubscribes_from_one_association_and_comes_back(public: httpx.Client, world: World) -> None:
    link = unsubscribe_path(world, ALICE, BESOEG)
    assert "Kun Besøgsvennerne" in words(public.get(link).text)
    public.post(link, data={"handling": "denne"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    assert status(world, ALICE, UNGE) is SubscriptionStatus.CONFIRMED
    after = words(public.get(link).text)
    assert "Du er afmeldt" in after
    assert "Dem får du stadig Ungerummet" in after
    public.post(link, data={"handling": "tilmeld"})
    with reading(world.url) as session:
        again = subscription(session, ALICE, BESOEG)
        assert again.status is SubscriptionStatus.CONFIRMED
        assert again.ended_at is None
        assert again.confirmed_at is not None
        assert now() - again.confirmed_at < timedelta(minutes=5), "her history begins afresh"


def test_alice_unsubscribes_from_everything(public: httpx.Client, world: World) -> None:
    public.post(unsubscribe_path(world, ALICE, BESOEG), data={"handling": "alt"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    assert status(world, ALICE, UNGE) is SubscriptionStatus.UNSUBSCRIBED
    assert status(world, BOB, UNGE) is SubscriptionStatus.PENDING, "nobody else is touched"


def test_a_consultant_unsubscribes(public: httpx.Client, world: World) -> None:
    link = unsubscribe_path(world, CHARLIE, None)
    assert "Ugens oversigt for Lindebjerg" in words(public.get(link).text)
    public.post(link, data={"handling": "denne"})
    assert status(world, CHARLIE, None) is SubscriptionStatus.UNSUBSCRIBED


def test_one_click_ends_the_mails_subscriptions_at_once(public: httpx.Client, world: World) -> None:
    link = unsubscribe_path(world, ALICE, BESOEG, one_click=True)
    # As mail providers do it: from their own servers, with their own origin.
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = public.post(link, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert answer.status_code == 200
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    assert status(world, ALICE, UNGE) is SubscriptionStatus.CONFIRMED
    assert public.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200, "twice is fine"


def test_one_click_takes_multipart_and_refuses_anything_else(public: httpx.Client, world: World) -> None:
    link = unsubscribe_path(world, ALICE, BESOEG, one_click=True)
    assert public.post(link).status_code == 400
    assert public.post(link, data={"List-Unsubscribe": "Nej"}).status_code == 400
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    assert public.post(link, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED


def test_a_person_who_opens_the_one_click_address_is_shown_the_way(public: httpx.Client, world: World) -> None:
    answer = public.get(unsubscribe_path(world, ALICE, BESOEG, one_click=True))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    onward = re.search(r'href="(/afmeld/[^"]+)"', answer.text)
    assert onward is not None
    assert "Vil du afmelde mails?" in words(public.get(onward[1]).text)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED


def test_an_unsubscribe_link_works_years_later(
    public: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = unsubscribe_path(world, ALICE, BESOEG)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now().timestamp() + 5 * 365 * 86400)
    public.post(link, data={"handling": "denne"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    one_click = unsubscribe_path(world, ALICE, UNGE, one_click=True)
    assert public.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert status(world, ALICE, UNGE) is SubscriptionStatus.UNSUBSCRIBED


def test_alice_changes_how_often_pauses_and_goes_on(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    mine = {"tilmelding": subscription_id(world, ALICE, BESOEG)}
    shown = public.get(link)
    assert "Besøgsvennerne" in words(shown.text)
    assert ALICE not in shown.text
    public.post(link, data=mine | {"handling": "gem", "hyppighed": "weekly"})
    with reading(world.url) as session:
        assert subscription(session, ALICE, BESOEG).frequency is Frequency.WEEKLY
    after = public.post(link, data=mine | {"handling": "pause"}, follow_redirects=True)
    assert "Mails er sat på pause" in words(after.text)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.PAUSED
    public.post(link, data=mine | {"handling": "genoptag"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    public.post(link, data=mine | {"handling": "afmeld"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    public.post(link, data=mine | {"handling": "tilmeld"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    public.post(link, data={"handling": "afmeld-alt"})
    assert status(world, ALICE, UNGE) is SubscriptionStatus.UNSUBSCRIBED


def test_a_pause_does_not_wake_what_is_ended(public: httpx.Client, world: World) -> None:
    mine = {"tilmelding": subscription_id(world, ALICE, BESOEG)}
    link = preferences_path(world)
    public.post(link, data=mine | {"handling": "afmeld"})
    public.post(link, data=mine | {"handling": "pause"})
    public.post(link, data=mine | {"handling": "genoptag"})
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED


def test_a_name_is_kept_on_one_line(public: httpx.Client, world: World) -> None:
    name = "Alice\r\nBcc: alle@example.org <script>"
    public.post(preferences_path(world), data={"handling": "navn", "navn": name})
    with reading(world.url) as session:
        assert person(session, ALICE).name == "Alice Bcc: alle@example.org <script>"
    assert "<script>" not in public.get(preferences_path(world)).text


def test_a_bounced_address_can_be_tried_again(public: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        person(session, ALICE).bounced = True
    link = preferences_path(world)
    assert "afvist af din postkasse" in words(public.get(link).text)
    public.post(link, data={"handling": "adresse"})
    with reading(world.url) as session:
        assert not person(session, ALICE).bounced


def test_alice_cannot_change_bobs_subscription(public: httpx.Client, world: World) -> None:
    bobs = {"tilmelding": subscription_id(world, BOB, UNGE), "handling": "afmeld"}
    assert public.post(preferences_path(world), data=bobs).status_code == 404
    assert status(world, BOB, UNGE) is SubscriptionStatus.PENDING


def test_feedback_is_given_with_a_button_and_can_be_changed(public: httpx.Client, world: World) -> None:
    link = feedback_path(world)
    assert "Var det relevant for Besøgsvennerne?" in words(public.get(link).text)
    assert _verdict(world) is None
    bare = link.partition("?")[0]
    public.post(bare, data={"svar": "relevant"})
    assert _verdict(world) is Verdict.RELEVANT
    assert "Tak for svaret" in words(public.get(bare).text)
    public.post(bare, data={"svar": "ikke-relevant"})
    assert _verdict(world) is Verdict.NOT_RELEVANT
    assert public.post(bare, data={"svar": "måske"}).status_code == 400


def _verdict(world: World) -> Verdict | None:
    with reading(world.url) as session:
        return session.scalar(select(Feedback.verdict))


def test_no_get_on_any_page_changes_anything(browse: httpx.Client, world: World) -> None:
    paths = [
        "/", "/sager?q=ensomme", f"/sager/{world.loneliness}", "/moeder", "/moeder?vis=afholdte",
        f"/moeder/{world.meeting}", "/kilder", "/kilder/999", "/foreninger", f"/foreninger/{BESOEG}", "/mails",
        f"/mails/{world.mail}", f"/mails/{world.mail}/indhold", f"/mails/{world.mail}/eml", "/healthz", "/robots.txt",
        confirm_path(world), unsubscribe_path(world, ALICE, BESOEG),
        unsubscribe_path(world, ALICE, BESOEG, one_click=True), preferences_path(world),
        preferences_path(world) + "?handling=afmeld-alt&gemt=navn", feedback_path(world),
        feedback_path(world, relevant=False), "/tilmeld", "/tilmeld/tak", "/tilmeld/igen", "/slettet", "/overset",
        preferences_path(world) + "/data",
        preferences_path(world) + f"/emner/{subscription_id(world, ALICE, BESOEG)}", missed_path(world),
        deadline_path(world),
    ]  # fmt: skip
    before = everything(world.url)
    for one in paths:
        assert browse.get(one).status_code in {200, 405}, one
        assert browse.head(one).status_code in {200, 405}, one
    assert everything(world.url) == before


def test_links_that_open_nothing_say_what_to_do(
    public: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = confirm_path(world)
    for kind in ("bekraeft", "afmeld", "indstillinger", "svar", "frist", "overset"):
        for token in ("vrøvl", link.rsplit("/", 1)[1][:-3], "a" * 3000):
            answer = public.get(f"/{kind}/{token}")
            assert answer.status_code == 404
            assert "Linket virker ikke" in words(answer.text)
    token = unsubscribe_path(world, ALICE, BESOEG).rsplit("/", 1)[1]
    assert public.get(f"/indstillinger/{token}").status_code == 404, "a token is good for one purpose"
    before = everything(world.url)
    assert public.post("/bekraeft/vrøvl").status_code == 404
    assert public.post("/afmeld-et-klik/vrøvl", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert everything(world.url) == before
    monkeypatch.setattr(notifier_links, "CONFIRM_FOR", timedelta(seconds=-1))
    answer = public.get(link)
    assert answer.status_code == 410
    assert "Linket er udløbet" in words(answer.text)


def test_a_link_of_somebody_erased_opens_nothing(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    with transaction(world.url) as session:
        _erase(session, ALICE)
    answer = public.get(link)
    assert answer.status_code == 404
    assert "hører ikke til noget længere" in words(answer.text)


def _erase(session: Session, email: str) -> None:
    row = session.scalars(select(Recipient).where(Recipient.email == email)).one()
    session.delete(row)


def test_a_form_from_another_site_is_refused(public: httpx.Client, world: World) -> None:
    link = unsubscribe_path(world, ALICE, BESOEG)
    foreign: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://ond.example"},
        {"Origin": "null"},
        {"Origin": "https://["},
    ]
    for headers in foreign:
        answer = public.post(link, data={"handling": "alt"}, headers=headers)
        assert answer.status_code == 403, headers
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    own = {"Origin": str(public.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert public.post(link, data={"handling": "denne"}, headers=own).status_code == 303


def test_every_form_of_a_page_works_as_a_browser_sends_it(public: httpx.Client, world: World) -> None:
    """The buttons that a reader sees post exactly what the handlers take."""
    for link in (preferences_path(world), unsubscribe_path(world, ALICE, BESOEG), confirm_path(world)):
        for form in BeautifulSoup(public.get(link).text, "lxml").find_all("form"):
            fields = {
                str(one["name"]): str(one.get("value", ""))
                for one in form.find_all("input")
                if one.get("type") != "radio" or one.has_attr("checked")
            }
            assert public.post(str(form["action"]), data=fields).status_code == 303, fields


def test_a_row_for_each_person_is_left_alone(public: httpx.Client, world: World) -> None:
    public.post(unsubscribe_path(world, ALICE, BESOEG), data={"handling": "alt"})
    with reading(world.url) as session:
        rows = session.scalars(select(Subscription)).all()
    assert len(rows) == 4, "ending a subscription erases nothing"
