"""An association signs itself up: the form, the mail, the confirmation, and what a stranger can not do with it."""

import re
import time
from collections.abc import Iterator
from threading import Thread

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from config.clock import now
from config.profile_file import AssociationEntry, Contact
from config.settings import Settings
from config.sign_up import read_sign_up_groups
from matcher.run import run_matching
from matcher.would_find import thesaurus
from notifier.run import notify
from storage.engine import reading, transaction
from storage.models import Association, Frequency, Recipient, Role, Subscription, SubscriptionStatus
from storage.sign_up import sign_up
from tests.servers.smtp import MailServer, mail_server
from tests.web.reading import everything, words
from tests.web.test_links import path
from tests.web.world import ALICE, BOB, World, person

DORTE = "dorte@example.org"
ANSWER = {
    "forening": "Dortes Café",
    "beskrivelse": "Samvær for ensomme ældre.",
    "kommune": "999",
    "emne": "loneliness",
    "ord": "handleplan, fællesspisning",
    "hyppighed": "weekly",
    "navn": "Dorte Dam",
    "email": DORTE,
    "handling": "tilmeld",
}


@pytest.fixture
def post() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as server:
        yield server


def send_mails(world: World, server: MailServer) -> None:
    settings = Settings.model_validate(world.settings.model_dump() | {"smtp_url": SecretStr(server.url)})
    notify(settings, only_asked=True)


def link_in(server: MailServer, address: str, kind: str) -> str:
    part = server.to(address)[-1].get_body(("plain",))
    assert part is not None
    found = re.search(rf"https?://\S+/{kind}/\S+", str(part.get_content()))
    assert found is not None
    return path(found[0])


def one(world: World, email: str) -> Subscription:
    with reading(world.url) as session:
        return session.scalars(
            select(Subscription).join(Recipient).where(Recipient.email_key == email).order_by(Subscription.id)
        ).all()[-1]


def test_from_the_form_through_the_mail_to_an_active_watch(
    public: httpx.Client, world: World, post: MailServer
) -> None:
    form = public.get("/tilmeld").text
    assert "Tilmeld foreningen" in words(form)
    deputy = {"stedfortraeder": "Erik", "stedfortraeder_email": "erik@example.org"}
    answer = public.post("/tilmeld", data=ANSWER | deputy)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tilmeld/tak")
    send_mails(world, post)
    assert len(post.to(DORTE)) == 1
    assert not post.to("erik@example.org"), "a deputy is left in peace until the watcher's address is known to work"
    link = link_in(post, DORTE, "bekraeft")
    assert "Dortes Café" in words(public.get(link).text)
    assert one(world, DORTE).status is SubscriptionStatus.PENDING
    public.post(link)
    send_mails(world, post)
    public.post(link_in(post, "erik@example.org", "bekraeft"))
    with reading(world.url) as session:
        made = session.scalars(select(Association).where(Association.name == "Dortes Café")).one()
        assert made.profile is not None
        assert made.profile.topics == ["ensomhed", "handleplan", "fællesspisning"]
        assert made.profile.municipality_codes == [999]
        roles = {s.recipient.name: (s.role, s.status, s.frequency) for s in session.scalars(
            select(Subscription).where(Subscription.association_id == made.id))}  # fmt: skip
    assert roles == {
        "Dorte Dam": (Role.WATCHER, SubscriptionStatus.CONFIRMED, Frequency.WEEKLY),
        "Erik": (Role.DEPUTY, SubscriptionStatus.CONFIRMED, Frequency.WEEKLY),
    }


def test_a_form_that_cannot_be_used_says_what_is_missing_and_keeps_what_was_typed(
    public: httpx.Client, world: World
) -> None:
    before = everything(world.url)
    wrong = {
        "forening": "", "kommune": "111", "emne": "findes-ikke", "ord": " , ", "navn": "", "email": "dorte",
        "hyppighed": "hvert sekund", "stedfortraeder_email": "også forkert",
    }  # fmt: skip
    answer = public.post("/tilmeld", data=ANSWER | wrong)
    assert answer.status_code == 422
    shown = words(answer.text)
    for sentence in (
        "Skriv foreningens navn.", "Vælg mindst én kommune", "Vælg mindst ét emne", "Skriv dit navn.",
        "Skriv en mailadresse som navn@forening.dk.", "Vælg, hvor tit I vil have mails.",
    ):  # fmt: skip
        assert sentence in shown
    assert 'value="dorte"' in answer.text
    assert "Samvær for ensomme ældre." in answer.text
    assert everything(world.url) == before


def test_the_page_says_the_same_of_known_and_unknown_addresses(
    public: httpx.Client, world: World, post: MailServer
) -> None:
    answers = [
        public.post("/tilmeld", data=ANSWER | {"forening": "Besøgsvennerne", "email": email})
        for email in (ALICE, DORTE, BOB)
    ]
    assert len({(one.status_code, one.headers["location"], one.text) for one in answers}) == 1
    again = [public.post("/tilmeld/igen", data={"email": email}) for email in (BOB, "ukendt@example.org")]
    assert len({(one.status_code, one.headers["location"], one.text) for one in again}) == 1
    send_mails(world, post)
    assert [mail["Subject"] for mail in post.to(ALICE)] == ["Du er allerede tilmeldt hos Dagsordenvagt"]
    assert not post.to("ukendt@example.org")
    with reading(world.url) as session:
        mine = select(func.count()).select_from(Subscription).join(Recipient).where(Recipient.email_key == ALICE)
        assert session.scalar(mine) == 2, "never a second subscription for one address and association"
        assert person(session, ALICE).name == "Alice Holm", "nobody renames a stranger"


def test_signing_up_twice_makes_one_draft_with_the_last_words(public: httpx.Client, world: World) -> None:
    public.post("/tilmeld", data=ANSWER)
    public.post("/tilmeld", data=ANSWER | {"forening": "dortes  café", "ord": "", "email": DORTE.upper()})
    with reading(world.url) as session:
        made = session.scalars(select(Association).where(Association.slug.startswith("dortes-cafe"))).one()
        assert made.profile is not None
        assert made.profile.topics == ["ensomhed"]


def test_one_address_cannot_be_buried_in_questions(public: httpx.Client, world: World, post: MailServer) -> None:
    codes = [public.post("/tilmeld", data=ANSWER | {"forening": f"Nr. {n}"}).status_code for n in range(9)]
    assert codes.count(303) == 6
    assert codes[-1] == 429
    send_mails(world, post)
    assert len(post.to(DORTE)) == 5


def test_a_robot_that_fills_every_field_gets_nothing_done(public: httpx.Client, world: World) -> None:
    before = everything(world.url)
    answer = public.post("/tilmeld", data=ANSWER | {"webside": "https://spam.example"})
    assert answer.headers["location"] == "/tilmeld/tak"
    assert everything(world.url) == before


def test_names_carry_nothing_into_headers_or_templates(public: httpx.Client, world: World, post: MailServer) -> None:
    evil = {
        "navn": "Dorte\r\nBcc: alle@example.org {{ 7*7 }}",
        "forening": "Café <script>alert(1)</script>\nX-Spam: ja {% raw %}",
    }
    public.post("/tilmeld", data=ANSWER | evil)
    send_mails(world, post)
    (mail,) = post.to(DORTE)
    assert mail["Bcc"] is None
    assert mail["X-Spam"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in str(html.get_content())
    assert "{{ 7*7 }}" in str(html.get_content())
    assert "<script>" not in public.get(link_in(post, DORTE, "bekraeft")).text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("navn", "Vind en bil på https://ond.example"),
        ("forening", "Bil til dig: ond.example/vind"),
        ("stedfortraeder", "www.ond.example"),
        ("navn", "Vind en bil på ond.example?du=vandt"),
        ("forening", "Bil til dig: ond.example#vandt"),
        ("stedfortraeder", "Bo, se ond.example:8080"),
    ],
)
def test_nobody_mails_a_stranger_a_link_through_the_form(
    public: httpx.Client, world: World, field: str, text: str
) -> None:
    before = everything(world.url)
    answer = public.post("/tilmeld", data=ANSWER | {"stedfortraeder_email": "bo@example.org", field: text})
    assert answer.status_code == 422
    assert "uden adresser på nettet" in words(answer.text)
    assert everything(world.url) == before


def test_an_association_may_be_named_by_its_site(public: httpx.Client, world: World) -> None:
    assert public.post("/tilmeld", data=ANSWER | {"forening": "Sorgvejviser.dk"}).status_code == 303


@pytest.mark.parametrize("known", [True, False])
def test_a_button_that_is_pressed_twice_at_once_signs_up_once(database_url: str, known: bool) -> None:
    entry = AssociationEntry(id="form", name="Dortes Café", topics=["ensomhed"], contacts=[Contact(email=DORTE)])
    with transaction(database_url) as session:
        if known:
            session.add(Recipient(email=DORTE, email_key=DORTE, created_at=now()))
    went_wrong: list[Exception] = []

    def press() -> None:
        try:
            with transaction(database_url) as session:
                sign_up(session, entry, now())
                time.sleep(0.3)
        except Exception as error:
            went_wrong.append(error)

    presses = [Thread(target=press) for _ in range(2)]
    for one_press in presses:
        one_press.start()
    for one_press in presses:
        one_press.join()

    assert not went_wrong
    with reading(database_url) as session:
        assert session.scalar(select(func.count()).select_from(Association)) == 1
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1


def test_a_confirmation_can_be_asked_for_again(
    public: httpx.Client, world: World, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    public.post("/tilmeld", data=ANSWER)
    send_mails(world, post)
    public.post("/tilmeld/igen", data={"email": DORTE})
    send_mails(world, post)
    assert len(post.to(DORTE)) == 1, "not within moments"
    with transaction(world.url) as session:
        row = session.get_one(Subscription, one(world, DORTE).id)
        assert row.asked_at is not None
        assert row.invited_at is not None
        row.asked_at, row.invited_at = row.asked_at.replace(year=2020), row.invited_at.replace(year=2020)
    public.post("/tilmeld/igen", data={"email": DORTE})
    send_mails(world, post)
    assert len(post.to(DORTE)) == 2
    assert public.post("/tilmeld/igen", data={"email": "vrøvl"}).status_code == 422


def test_the_form_shows_what_the_answer_would_have_found(public: httpx.Client, world: World) -> None:
    run_matching(world.url)
    before = everything(world.url)
    answer = public.post("/tilmeld", data=ANSWER | {"handling": "vis", "email": "", "navn": ""})
    shown = words(answer.text)
    assert answer.status_code == 200
    assert "Det ville I have fået" in shown
    assert "Handleplan for færre ensomme ældre" in shown
    assert "»" in shown.partition("Handleplan for færre ensomme ældre")[2], "each item says why"
    nothing = public.post("/tilmeld", data=ANSWER | {"handling": "vis", "emne": "", "ord": "kvantefysik"})
    assert "0 sager" in words(nothing.text)
    assert everything(world.url) == before


def test_every_concept_of_the_groups_exists() -> None:
    groups = read_sign_up_groups()
    listed = [one for group in (*groups.topic, *groups.target_group) for one in group.concepts]
    assert set(listed) <= set(thesaurus().concepts)
    assert len(listed) == len(set(listed))


def test_suggested_words_are_ticked_and_come_along(public: httpx.Client, world: World) -> None:
    first = public.post("/tilmeld", data=ANSWER | {"handling": "vis", "emne": "nursing-homes", "ord": "", "email": ""})
    assert "Forslag til jer" in words(first.text)
    assert "demens hænger ofte sammen med »plejehjem«" in words(first.text)
    ticks = re.findall(r'name="forslag" value="([^"]+)"', first.text)
    assert "demens" in ticks
    free = "kartoffelklub"
    again = public.post(
        "/tilmeld", data=ANSWER | {"handling": "vis", "emne": "nursing-homes", "ord": "", "forslag": ["demens", free]}
    )
    assert 'value="dementia" checked' in again.text
    assert f">{free}</textarea>" in again.text
    assert "demens" not in re.findall(r'name="forslag" value="([^"]+)"', again.text)
    public.post("/tilmeld", data=ANSWER | {"emne": "nursing-homes", "ord": "", "forslag": ["demens", free]})
    with reading(world.url) as session:
        made = session.scalars(select(Association).where(Association.name == "Dortes Café")).one()
        assert made.profile is not None
        assert made.profile.topics == ["plejehjem", "demens", free]


def test_a_profile_that_can_find_nothing_is_told_before_it_is_sent(public: httpx.Client, world: World) -> None:
    answer = public.post("/tilmeld", data=ANSWER | {"handling": "vis", "emne": "", "ord": "og", "beskrivelse": ""})
    assert "Profilen har ingen ord, som vi kan finde i en dagsorden." in words(answer.text)
