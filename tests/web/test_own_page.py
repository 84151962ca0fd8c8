"""A reader's own page: pause with an end, when digests come, deputies, handing over, topics, own data."""

from datetime import timedelta

import httpx
from sqlalchemy import select

from config.clock import now
from storage.engine import reading, transaction
from storage.models import Association, Frequency, Match, Message, Recipient, Role, Subscription, SubscriptionStatus
from tests.web.reading import everything, words
from tests.web.test_links import (
    BESOEG,
    UNGE,
    confirm_path,
    feedback_path,
    path,
    preferences_path,
    status,
    subscription_id,
)
from tests.web.world import ALICE, BOB, CHARLIE, World, person, subscription


def of(world: World, email: str = ALICE, slug: str | None = BESOEG) -> dict[str, str]:
    return {"tilmelding": subscription_id(world, email, slug)}


def day(days: int) -> str:
    return (now() + timedelta(days=days)).date().isoformat()


def test_a_pause_has_an_end_and_says_who_reads_meanwhile(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    public.post(link, data=of(world) | {"handling": "pause", "dag": day(20)})
    with reading(world.url) as session:
        one = subscription(session, ALICE, BESOEG)
        assert (one.status, str(one.paused_until)) == (SubscriptionStatus.PAUSED, day(20))
    assert "Ingen andre får dem imens" in words(public.get(link).text)
    for wrong in ("i morgen", day(0), day(-3), day(500), "9999-12-31"):
        answer = public.post(link, data=of(world) | {"handling": "pause", "dag": wrong}, follow_redirects=True)
        assert "Skriv en dag, der ligger forude" in words(answer.text), wrong
    with reading(world.url) as session:
        assert str(subscription(session, ALICE, BESOEG).paused_until) == day(20)


def test_day_hour_and_length_of_digests_are_chosen(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    chosen = {"handling": "gem", "hyppighed": "weekly", "ugedag": "3", "time": "18", "laengde": "kort"}
    public.post(link, data=of(world) | chosen)
    with reading(world.url) as session:
        one = subscription(session, ALICE, BESOEG)
        assert (one.frequency, one.weekday, one.hour, one.compact) == (Frequency.WEEKLY, 3, 18, True)
    for wrong in ({"ugedag": "7"}, {"time": "25"}, {"time": "x"}, {"hyppighed": "aldrig"}):
        assert public.post(link, data=of(world) | chosen | wrong).status_code == 400, wrong
    with reading(world.url) as session:
        assert subscription(session, ALICE, BESOEG).hour == 18


def test_a_deputy_is_asked_and_takes_the_mails_while_the_watcher_rests(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    asked = of(world) | {"handling": "stedfortraeder", "navn": "Dorte", "email": "dorte@example.org"}
    assert "skal sige ja" in words(public.post(link, data=asked, follow_redirects=True).text)
    waiting = words(public.get(link).text)
    assert "d…@example.org (stedfortræder): har ikke bekræftet" in waiting
    assert "Dorte" not in waiting
    public.post(confirm_path(world, "dorte@example.org", BESOEG))
    assert "Dorte (stedfortræder): står klar" in words(public.get(link).text)
    public.post(link, data=of(world) | {"handling": "pause"})
    shown = words(public.get(link).text)
    assert "Foreningens andre modtagere får dem imens" in shown
    assert "Dorte (stedfortræder): er på vagt nu" in shown
    dortes = preferences_path(world, "dorte@example.org")
    theirs = words(public.get(dortes).text)
    assert "Du er på vagt nu" in theirs
    assert "Alice Holm (fast modtager): holder pause" in theirs
    assert "Ret emner" not in theirs
    removal = of(world, ALICE, BESOEG) | {"handling": "fjern"}
    assert public.post(dortes, data=removal).status_code == 404, "a deputy removes nobody"
    public.post(link, data=of(world, "dorte@example.org") | {"handling": "fjern"})
    assert status(world, "dorte@example.org", BESOEG) is SubscriptionStatus.UNSUBSCRIBED


def test_the_watch_is_handed_over_when_the_new_one_says_yes(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    data = of(world) | {"handling": "overdrag", "navn": "Dorte", "email": "dorte@example.org"}
    public.post(link, data=data)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    confirm = confirm_path(world, "dorte@example.org", BESOEG)
    assert "Alice Holm har bedt dig overtage" in words(public.get(confirm).text)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED
    public.post(confirm)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.UNSUBSCRIBED
    assert status(world, ALICE, UNGE) is SubscriptionStatus.CONFIRMED, "her other association is hers still"
    with reading(world.url) as session:
        assert subscription(session, "dorte@example.org", BESOEG).role is Role.WATCHER
    public.post(link, data=of(world) | {"handling": "tilmeld"})
    public.post(confirm)
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.CONFIRMED, "the old link throws nobody out again"


def test_inviting_an_address_does_not_tell_whether_it_was_known_nor_whose_it_is(
    public: httpx.Client, world: World
) -> None:
    link = preferences_path(world)
    with transaction(world.url) as session:
        known = person(session, CHARLIE)
        known.name = "Charlie Chaplin"
    for email in (CHARLIE, "ny@example.org"):
        public.post(link, data=of(world) | {"handling": "stedfortraeder", "navn": "Prøve", "email": email})
    shown = words(public.get(link).text)
    assert "Chaplin" not in shown
    assert "c…@example.com (stedfortræder): har ikke bekræftet" in shown
    assert "n…@example.org (stedfortræder): har ikke bekræftet" in shown


def test_a_name_carries_no_link_into_mails_to_others(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    before = everything(world.url)
    for handling in ("navn", "stedfortraeder", "overdrag"):
        data = of(world) | {"handling": handling, "navn": "Vind en bil: www.ond.dk", "email": "x@example.org"}
        assert "uden adresser på nettet" in words(public.post(link, data=data, follow_redirects=True).text)
    assert everything(world.url) == before


def test_invitations_are_checked(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    before = everything(world.url)
    for email, said in (("vrøvl", "Skriv en mailadresse"), (ALICE.upper(), "din egen adresse")):
        data = of(world) | {"handling": "overdrag", "email": email}
        assert said in words(public.post(link, data=data, follow_redirects=True).text)
    bobs = of(world, BOB, UNGE) | {"handling": "stedfortraeder", "email": "x@example.org"}
    assert public.post(preferences_path(world, BOB), data=bobs).status_code == 404, "pending people invite nobody"
    theirs = of(world, CHARLIE, None) | {"handling": "overdrag", "email": "x@example.org"}
    assert public.post(preferences_path(world, CHARLIE), data=theirs).status_code == 404
    assert everything(world.url) == before


def test_the_watcher_changes_the_topics(public: httpx.Client, world: World) -> None:
    number = subscription_id(world, ALICE, UNGE)
    link = f"{preferences_path(world)}/emner/{number}"
    page = public.get(link).text
    assert "Det vil Ungerummet høre om" in words(page)
    assert "ungeindsats" in page, "words of no group stand in the free field"
    answer = {"forening": "Ungerummet", "kommune": ["999", "998"], "emne": ["loneliness"], "ord": "SSP", "ikke": "støj"}
    assert public.post(link, data=answer | {"emne": [], "ord": ""}).status_code == 422
    done = public.post(link, data=answer, follow_redirects=True)
    assert "Foreningens emner er gemt" in words(done.text)
    with reading(world.url) as session:
        profile = session.scalars(select(Association).where(Association.slug == UNGE)).one().profile
        assert profile is not None
        assert (profile.topics, profile.municipality_codes) == (["ensomhed", "SSP"], [998, 999])
        assert profile.exclude == ["støj"]
    bob = f"{preferences_path(world, BOB)}/emner/{subscription_id(world, BOB, UNGE)}"
    assert public.get(bob).status_code == 404, "whoever has not confirmed may not"
    assert public.post(bob, data=answer).status_code == 404
    other = f"{preferences_path(world, BOB)}/emner/{number}"
    assert public.get(other).status_code == 404


def test_own_data_are_one_click_away_and_gone_with_another(public: httpx.Client, world: World) -> None:
    link = preferences_path(world)
    kept = public.get(f"{link}/data")
    assert "attachment" in kept.headers["content-disposition"]
    data = kept.json()
    assert data["email"] == ALICE
    assert {one["association"] for one in data["subscriptions"]} == {"Besøgsvennerne", "Ungerummet"}
    assert data["mails"]
    assert BOB not in kept.text
    folder = world.settings.outbox_dir
    folder.mkdir(parents=True)
    (folder / "of-a-mail-to-alice.eml").write_text(ALICE, encoding="utf-8")
    done = public.post(f"{link}/slet", follow_redirects=True)
    assert not [*folder.iterdir()], "neither a copy in the outbox"
    assert "Alt om dig er slettet" in words(done.text)
    with reading(world.url) as session:
        assert session.scalar(select(Recipient).where(Recipient.email_key == ALICE)) is None
        assert session.scalars(select(Message).join(Recipient).where(Recipient.email_key == ALICE)).all() == []
        assert session.scalars(select(Association)).all(), "the operator's associations stay"
    assert public.get(link).status_code == 404


def test_a_bounced_address_is_tried_again_after_a_new_confirmation(public: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        person(session, ALICE).bounced = True
    public.post("/tilmeld", data={
        "forening": "Besøgsvennerne", "kommune": "999", "emne": "loneliness", "hyppighed": "daily", "navn": "A",
        "email": ALICE,
    })  # fmt: skip
    assert status(world, ALICE, BESOEG) is SubscriptionStatus.PENDING
    with reading(world.url) as session:
        link = path(world.links.confirm(subscription(session, ALICE, BESOEG)))
    public.post(link)
    with reading(world.url) as session:
        assert not person(session, ALICE).bounced
        one = session.get(Subscription, subscription(session, ALICE, BESOEG).id)
        assert one is not None
        assert one.status is SubscriptionStatus.CONFIRMED
        assert one.frequency is Frequency.IMMEDIATE, "a form that anybody can send changes no choice"


def test_what_answers_have_taught_is_said_and_can_be_undone(public: httpx.Client, world: World) -> None:
    with transaction(world.url) as session:
        for match in session.scalars(select(Match)):
            match.reasons = [{"label": "ensomhed", "via": "topic", "said": "Emnet ensomhed"}]
    link, answer = preferences_path(world), feedback_path(world).partition("?")[0]
    assert "Det har vi lært" not in words(public.get(link).text)
    public.post(answer, data={"svar": "ikke-relevant"})
    said = "I har svaret »ikke relevant« til 1 sag om »ensomhed«. Derfor tæller det lidt mindre hos jer."
    assert said in words(public.get(link).text)
    about = of(world) | {"sag": str(world.loneliness)}
    for handling, taught in (("svar-fra", False), ("svar-til", True), ("svar-alle-fra", False)):
        answered = public.post(link, data=about | {"handling": handling}, follow_redirects=True)
        shown = words(answered.text)
        assert (said in shown, "ikke relevant, tæller ikke" in shown) == (taught, not taught), handling
    public.post(answer, data={"svar": "ikke-relevant"})
    assert said in words(public.get(link).text), "an answer that is given anew counts"
    bobs = {"tilmelding": subscription_id(world, BOB, UNGE), "handling": "svar-alle-fra"}
    assert public.post(link, data=bobs).status_code == 404
    assert said in words(public.get(link).text)
