"""The failures that other alert services know from their users, each as a test: nothing here may ever come back.

The numbers are those of the catalogue; number 1 has its own file, number 12 (a changed supplier) is the crawler's.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest
from sqlalchemy import func, select, update

from config.clock import COPENHAGEN
from matcher.run import run_matching
from notifier.bounces import BounceCount, take_in
from notifier.outbox import empty_bodies
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    Bounce,
    CrawlOutcome,
    Frequency,
    Meeting,
    Message,
    MessageStatus,
    ProfileCheck,
    Recipient,
    Source,
    Subscription,
    SubscriptionStatus,
)
from storage.save_meeting import save_meeting
from tests.factories import (
    NOW,
    a_match,
    a_meeting,
    a_municipality,
    a_subscription,
    a_visit,
    an_association,
    an_item,
)
from tests.matcher.factories import LONELINESS, SEEN, SEWER, AttachmentRecord, ItemRecord, MeetingRecord
from tests.notifier.conftest import PostOffice, html_of, text_of
from web.server import in_background

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=COPENHAGEN)


def test_acceptance_02_an_address_that_always_fails_stops_nobody_and_is_left_alone(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob", "Carol"):
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session, "Første"))
    office.faults.refuse["bob@example.org"] = "550 5.1.1 No such user"
    office.run()
    office.faults.refuse.clear()
    with office.rows() as session:
        a_match(
            session, session.scalars(select(Association)).one(), an_item(session, "Anden", meeting=council(session))
        )
    office.run(now=NOW + timedelta(days=1))

    assert [len(office.mailbox(name)) for name in ("Alice", "Bob", "Carol")] == [2, 0, 2]
    with office.rows() as session:
        assert session.scalars(select(Recipient.name).where(Recipient.bounced)).all() == ["Bob"]


def council(session: object) -> Meeting:
    return a_meeting(session, "Byrådet")  # type: ignore[arg-type]


def test_acceptance_02_an_address_that_is_never_ready_is_given_up_after_a_while(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob"):
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))
    office.faults.refuse["bob@example.org"] = "452 4.2.2 Mailbox full"
    moment = NOW
    for _ in range(20):
        office.run(now=moment)
        moment += timedelta(days=4)
    assert len(office.mailbox("Alice")) >= 1
    first = next(one for one in office.outbox() if "Budgetforslag" in one.subject and one.status is MessageStatus.DEAD)
    assert first.attempts <= 13


def test_acceptance_03_two_profiles_find_one_item_one_entry_with_two_reasons(office: PostOffice) -> None:
    with office.rows() as session:
        item = an_item(session)
        for name, said in (("Sind Aarhus", "Emnet psykisk sårbarhed."), ("Baglandet", "Målgruppen anbragte unge.")):
            association = an_association(session, name)
            a_subscription(session, "Alice", association)
            a_match(session, association, item, said=[said])
    office.run()
    office.run(digest=True, now=NOW + timedelta(days=8))

    text = text_of(office.only_mail("Alice"))
    assert text.count("1. Budgetforslag") == 1
    assert "2. " not in text
    assert "Emnet psykisk sårbarhed." in text
    assert "Målgruppen anbragte unge." in text


def test_acceptance_04_nobody_sees_what_is_meant_for_another(office: PostOffice) -> None:
    names = [f"Læser{number}" for number in range(12)]
    with office.rows() as session:
        for number, name in enumerate(names):
            association = an_association(session, f"Forening {number} her")
            frequency = (Frequency.IMMEDIATE, Frequency.DAILY, Frequency.WEEKLY)[number % 3]
            a_subscription(session, name, association, frequency=frequency, confirmed_at=NOW - timedelta(days=1))
            if number % 4 != 3:  # some have nothing, right after somebody who has
                item = an_item(session, f"Sag nummer {number} her", meeting=a_meeting(session, f"Udvalg {number} her"))
                a_match(session, association, item, said=[f"Ordet {number} her."])
    office.run(digest=True, now=NOW)

    for number, name in enumerate(names):
        for mail in office.server.to(f"{name.casefold().replace('æ', 'ae')}@example.org") or office.mailbox(name):
            for said in (str(mail["Subject"]), text_of(mail), html_of(mail)):
                told = said.split("Det har vi læst")[0].split("DET HAR VI LÆST")[0]
                assert {int(one) for one in re.findall(r"(?:nummer|Forening|Ordet) (\d+) her", told)} <= {number}


@pytest.mark.parametrize(("count", "shown"), [(11, 11), (51, 15)])
def test_acceptance_05_many_hits_are_counted_right_and_the_rest_is_linked(
    office: PostOffice, count: int, shown: int
) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=Frequency.WEEKLY, confirmed_at=NOW)
        meeting = a_meeting(session)
        for number in range(count):
            a_match(session, sind, an_item(session, f"Sag {number}", meeting=meeting))
    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    assert f"(+{count - 1})" in mail["Subject"]
    assert f"Her er {count} sager" in text_of(mail)
    assert text_of(mail).count("Behandles af:") == shown
    if count > shown:
        assert f"Der er {count - shown} sager mere" in text_of(mail)
        link = re.search(r"https://vagt\.example\.dk(/sager\?\S+)", text_of(mail))
        assert link is not None
        with in_background(office.settings) as address:
            assert f"{count}" in httpx.get(address + link[1]).text


def a_published_world(office: PostOffice, *items: ItemRecord) -> None:
    """Alice's association wants to hear of loneliness; an agenda with these items is published and matched."""
    with office.rows() as session:
        about = an_association(session, "Besøgsvennerne", topics=["ensomhed", "besøgsvenner"], target_groups=["ældre"])
        a_subscription(session, "Alice", about)
        a_municipality(session)
        publish(office, *items, session=session)
    run_matching(office.url)
    office.run()


def publish(office: PostOffice, *items: ItemRecord, session: object = None, platform_id: str = "m1") -> None:
    if session is None:
        with office.rows() as own:
            publish(office, *items, session=own, platform_id=platform_id)
        return
    where = session.scalars(select(Source)).one()  # type: ignore[attr-defined]
    save_meeting(session, where, MeetingRecord(items, platform_id=platform_id), seen_at=SEEN)  # type: ignore[arg-type]


def test_acceptance_06_importing_everything_again_mails_nothing(office: PostOffice) -> None:
    a_published_world(office, LONELINESS, SEWER)
    assert len(office.mailbox("Alice")) == 1

    again = [replace(one, platform_id=f"new-{one.number}") for one in (LONELINESS, SEWER)]
    publish(office, *again, platform_id="m2")
    run_matching(office.url)
    run_matching(office.url, rematch=True)
    with office.rows() as session:  # another version of the language components and of the thesaurus
        session.execute(update(Analysis).values(version="0.old.old"))
        session.execute(update(ProfileCheck).values(version="0.old.old"))
    run_matching(office.url)
    with office.rows() as session:  # whatever was analysed is lost, and everything is read anew
        session.execute(update(ProfileCheck).values(finished=False, through=0))
    run_matching(office.url)
    for days in (0, 1, 8):
        office.run(digest=True, now=NOW + timedelta(days=days))

    assert len(office.mailbox("Alice")) == 1


def test_acceptance_07_a_cosmetic_revision_is_silent_a_new_attachment_is_told(office: PostOffice) -> None:
    a_published_world(office, LONELINESS)
    section = LONELINESS.sections[0]
    spaced = replace(section, heading="RESUME:", text=f"  {section.text.replace(' ', '  ')} ")
    publish(office, replace(LONELINESS, number="4", sections=(spaced,)), platform_id="m2")
    run_matching(office.url)
    office.run(now=NOW + timedelta(days=1))
    assert len(office.mailbox("Alice")) == 1

    paper = AttachmentRecord("Høringssvar fra Ældrerådet")
    publish(office, replace(LONELINESS, number="4", sections=(spaced,), attachments=(paper,)), platform_id="m3")
    run_matching(office.url)
    office.run(now=NOW + timedelta(days=2))
    first, second = office.mailbox("Alice")
    assert "nyt bilag" in second["Subject"]
    assert "Høringssvar fra Ældrerådet" in text_of(second)
    assert second["In-Reply-To"] == first["Message-ID"]


def test_acceptance_08_a_withdrawn_item_is_in_no_digest_and_its_text_on_no_page(office: PostOffice) -> None:
    with office.rows() as session:
        about = an_association(session, "Besøgsvennerne", topics=["ensomhed"], target_groups=["ældre"])
        a_subscription(session, "Wilma", about, frequency=Frequency.WEEKLY, confirmed_at=NOW)
        a_municipality(session)
        publish(office, LONELINESS, SEWER, session=session)
    run_matching(office.url)
    publish(office, SEWER)
    run_matching(office.url)
    office.run(now=MONDAY)

    assert LONELINESS.title not in text_of(office.only_mail("Wilma"))
    with office.rows() as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.title == LONELINESS.title)).one()
        assert item.withdrawn_at is not None
        number = item.id
    with in_background(office.settings) as address:
        page = httpx.get(f"{address}/sager/{number}").text
        assert "taget punktet af dagsordenen" in page
        assert "fællesspisning" not in page


@pytest.mark.parametrize(
    "days",
    [
        ("2026-10-24", "2026-10-27"),  # the clocks go back in the night of the 25th
        ("2027-03-27", "2027-03-30"),  # and forward in the night of the 28th
        ("2026-12-30", "2027-01-05"),  # week 53, and a year that ends
        ("2026-10-30", "2026-11-02"),  # the 31st
        ("2028-02-27", "2028-03-02"),  # a leap day
    ],
    ids=lambda days: days[0],
)
def test_acceptance_09_every_day_has_its_digest_and_only_one(office: PostOffice, days: tuple[str, str]) -> None:
    first, last = (datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=COPENHAGEN) for day in days)
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Dora", sind, frequency=Frequency.DAILY, confirmed_at=first - timedelta(days=1))
    expected, day = [], first
    while day.date() <= last.date():
        with office.rows() as session:
            about = session.scalars(select(Association)).one()
            meeting = a_meeting(session, f"Udvalg {day:%d%m}", starts_at=day + timedelta(days=9))
            a_match(session, about, an_item(session, f"Sag {day:%d%m}", meeting=meeting, seen_at=day))
        # By the clock on the wall: an hour more or less in a night moves no digest.
        for hour in (1, 3, 6, 7, 8, 23):
            office.run(now=datetime.combine(day.date(), day.time(), tzinfo=COPENHAGEN).replace(hour=hour))
        expected.append(day.date())
        day = datetime.combine(day.date() + timedelta(days=1), day.time(), tzinfo=COPENHAGEN)

    got = [mail for mail in office.mailbox("Dora") if "Sag" in mail["Subject"]]
    moments = [mail["Date"].datetime.astimezone(COPENHAGEN) for mail in got]
    assert [moment.date() for moment in moments] == expected
    assert {moment.hour for moment in moments[1:]} == {7}


def links_of(mail: EmailMessage) -> set[str]:
    bodies = (text_of(mail), html_of(mail), str(mail["List-Unsubscribe"]))
    found = {url.removeprefix("https://vagt.example.dk") for one in bodies for url in re.findall(URL, one)}
    return {one for one in found if one}


URL = re.compile(r"https://vagt\.example\.dk[^\s\"<>]*")


def everything(office: PostOffice) -> dict[str, object]:
    """What people can change by a link, in one comparable form."""
    tables = {"message", "subscription", "recipient", "feedback", "followed_case", "handled_deadline", "profile"}
    with office.rows() as session:
        metadata = Subscription.metadata
        return {name: session.execute(select(table)).all() for name, table in metadata.tables.items() if name in tables}


def test_acceptance_10_looking_at_any_link_changes_nothing_and_leaving_needs_no_login(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name, frequency in (("Alice", Frequency.IMMEDIATE), ("Wilma", Frequency.WEEKLY)):
            a_subscription(session, name, sind, frequency=frequency)
        a_subscription(session, "Pia", sind, status=SubscriptionStatus.PENDING)
        a_subscription(session, "Carol", a_municipality(session))
        a_match(session, sind, an_item(session))
    office.run(digest=True)
    assert len(office.server.mails) == 4
    before = everything(office)
    with in_background(office.settings) as address, httpx.Client(base_url=address, follow_redirects=True) as client:
        for mail in office.server.mails:
            for path in links_of(mail):
                for method in ("HEAD", "GET", "GET"):
                    assert client.request(method, path.replace("&amp;", "&")).status_code < 500, path
        assert everything(office) == before

        # A year later, when the mail itself is long erased: one POST, without cookies or a page before it.
        office.run(now=NOW + timedelta(days=365))
        empty_bodies(office.url, NOW + timedelta(days=365))
        one_click = str(office.mailbox("Alice")[0]["List-Unsubscribe"]).strip("<>")
        answer = client.post(
            one_click.removeprefix("https://vagt.example.dk"),
            content="List-Unsubscribe=One-Click",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 200
    with office.rows() as session:
        alice = session.scalars(select(Subscription).join(Recipient).where(Recipient.name == "Alice")).one()
        assert alice.status is SubscriptionStatus.UNSUBSCRIBED


def test_acceptance_11_a_source_with_nothing_is_red_within_a_day_and_named_in_the_digest(office: PostOffice) -> None:
    with office.rows() as session:
        aarhus = a_municipality(session)
        a_meeting(session, municipality=aarhus, starts_at=NOW - timedelta(days=14))
        a_visit(session, aarhus, MONDAY - timedelta(hours=4), CrawlOutcome.EMPTY)
        a_subscription(session, "Wilma", an_association(session), frequency=Frequency.WEEKLY, confirmed_at=NOW)
    office.run(now=MONDAY)

    mail = office.only_mail("Wilma")
    assert "men noget kunne ikke læses" in mail["Subject"]
    assert "Aarhus:" in text_of(mail).split("Det kunne vi ikke læse")[1]


def test_acceptance_13_a_test_system_mails_nobody_outside_its_list(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob"):
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))
    staging = office_with(mail_allowlist="bob@example.org")
    staging.run(digest=True)
    staging.run(digest=True, now=NOW + timedelta(days=8))

    assert staging.mailbox("Alice") == []
    assert len(staging.mailbox("Bob")) == 1
    with office.rows() as session:
        assert session.scalar(select(func.count(Message.id)).where(Message.status == MessageStatus.HELD)) == 1


def test_acceptance_14_a_profile_that_a_new_vocabulary_broke_is_told_of_once(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Alice", an_association(session, "Foreningen", topics=["og", "?"], target_groups=[]))
    run_matching(office.url)
    office.run()
    run_matching(office.url, rematch=True)
    for days in (0, 1, 8):
        office.run(now=NOW + timedelta(days=days))

    (mail,) = [one for one in office.mailbox("Alice") if "profil" in one["Subject"]]
    assert mail["Subject"] == "Jeres profil hos Dagsordenvagt kan ikke finde noget"
    assert "ingen ord, som vi kan finde i en dagsorden" in text_of(mail)
    assert "/indstillinger/" in text_of(mail)


OUT_OF_OFFICE = """\
From: Alice <alice@example.org>
To: vagt@vagt.example.dk
Subject: Automatisk svar: Aarhus: Budgetforslag
Auto-Submitted: auto-replied
In-Reply-To: {message_id}
Content-Type: text/plain; charset=utf-8

Jeg er ikke på kontoret. Din mail er ikke læst. Er det vigtigt, så skriv til min kollega.
"""


def test_acceptance_15_out_of_office_is_no_bounce(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session))
    office.run()
    answer = OUT_OF_OFFICE.format(message_id=office.only_mail("Alice")["Message-ID"]).encode()

    count = BounceCount()
    report = take_in(office.url, answer, None, NOW + timedelta(minutes=1), count)

    assert report.verdict == "auto_reply"
    assert (count.auto_reply, count.hard, count.soft) == (1, 0, 0)
    with office.rows() as session:
        assert session.scalars(select(Bounce)).all() == []
        assert not session.scalars(select(Recipient)).one().bounced
