"""Digests: when they come, what stands in them, and what they say of their own ground."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import COPENHAGEN
from storage.models import (
    AgendaItem,
    CrawlOutcome,
    Frequency,
    Grade,
    PublicationStatus,
    Revision,
    Stage,
    Subscription,
    SubscriptionStatus,
)
from tests.factories import (
    NOW,
    a_match,
    a_meeting,
    a_municipality,
    a_publication,
    a_revision,
    a_subscription,
    a_visit,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=COPENHAGEN)


def weekly_reader(office: PostOffice, name: str = "Alice", confirmed_at: datetime = NOW) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, name, sind, frequency=Frequency.WEEKLY, confirmed_at=confirmed_at)
        a_match(session, sind, an_item(session))


def test_a_weekly_digest_comes_on_monday_at_seven_and_once(office: PostOffice) -> None:
    weekly_reader(office)

    for moment in (NOW, MONDAY - timedelta(minutes=1)):
        office.run(now=moment)
    assert office.server.mails == []
    for moment in (MONDAY, MONDAY + timedelta(hours=3), MONDAY + timedelta(days=6)):
        office.run(now=moment)

    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Aarhus: Budgetforslag Social- og beskæftigelsesområdet – uge 41"
    assert "Ugens sager for Sind Aarhus" in html_of(mail)


def test_after_a_long_stop_there_is_one_digest_with_everything_that_waited(office: PostOffice) -> None:
    weekly_reader(office)
    office.run(now=MONDAY + timedelta(days=22))
    assert "Budgetforslag" in text_of(office.only_mail("Alice"))


def test_forcing_a_digest_twice_in_a_week_makes_one_mail(office: PostOffice) -> None:
    weekly_reader(office)
    office.run(digest=True, now=MONDAY + timedelta(days=1))
    office.run(digest=True, now=MONDAY + timedelta(days=2))
    office.run(now=MONDAY + timedelta(days=2))
    assert len(office.mailbox("Alice")) == 1


def test_a_daily_digest_comes_the_next_morning_and_not_on_empty_days(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=Frequency.DAILY, confirmed_at=NOW)
        a_match(session, sind, an_item(session), grade=Grade.WEAK)

    friday = datetime(2026, 10, 2, 7, 0, tzinfo=COPENHAGEN)
    for moment in (NOW, friday - timedelta(minutes=1), friday, friday + timedelta(days=1)):
        office.run(now=moment)

    mail = office.only_mail("Alice")
    assert mail["Subject"].endswith("– fredag den 2. oktober")
    assert "Muligt fund" in text_of(mail)


def test_weak_finds_wait_for_the_weekly_digest_also_of_an_immediate_reader(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session)
        a_match(session, sind, an_item(session, "Sikker sag", meeting=meeting))
        a_match(session, sind, an_item(session, "Mulig sag", meeting=meeting), grade=Grade.WEAK)

    office.run()
    office.run(now=MONDAY)
    office.run(now=MONDAY + timedelta(days=7))

    first, second = office.mailbox("Alice")
    assert "Sikker sag" in text_of(first)
    assert "Mulig sag" not in text_of(first)
    assert "Mulig sag" in text_of(second)
    assert "Sikker sag" not in text_of(second)
    assert "sendt besked om 1 sag i andre mails" in text_of(second)


def test_an_immediate_reader_hears_of_the_silence_after_four_weeks(office: PostOffice) -> None:
    with office.rows() as session:
        a_municipality(session)
        a_subscription(session, "Alice", an_association(session), confirmed_at=NOW)

    for week in range(9):
        office.run(now=MONDAY + timedelta(weeks=week))

    dates = [mail["Date"].datetime.astimezone(COPENHAGEN).date().isoformat() for mail in office.mailbox("Alice")]
    assert dates == ["2026-11-02", "2026-11-30"]


def test_the_same_item_never_stands_in_two_digests_of_one_person(office: PostOffice) -> None:
    with office.rows() as session:
        item = an_item(session)
        for name in ("Sind Aarhus", "Baglandet"):
            association = an_association(session, name)
            a_subscription(session, "Alice", association, frequency=Frequency.WEEKLY, confirmed_at=NOW)
            a_match(session, association, item)

    office.run(now=MONDAY)

    first, second = (text_of(mail) for mail in office.mailbox("Alice"))
    assert "1. Budgetforslag" in first
    assert "Baglandet:" in first
    assert "Budgetforslag" not in second
    assert "sendt besked om 1 sag i andre mails" in second


def test_an_empty_week_still_says_what_was_read_and_what_comes(office: PostOffice) -> None:
    with office.rows() as session:
        aarhus = a_municipality(session, last_success_at=MONDAY - timedelta(hours=4))
        meeting = a_meeting(session, "Kulturudvalget", municipality=aarhus)
        an_item(session, "Cykelsti", meeting=meeting)
        sind = an_association(session, municipality_codes=[751])
        a_subscription(session, "Alice", sind, frequency=Frequency.WEEKLY, confirmed_at=NOW)

    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Ingen nye sager for Sind Aarhus – uge 41"
    text = text_of(mail)
    assert "1 dagsorden eller referat med 1 punkt fra Aarhus Kommune" in text
    assert "Aarhus: senest læst mandag den 5. oktober kl. 3. Udvalg: Kulturudvalget." in text
    assert "Ingen fejl: alt det, vi følger, kunne læses." in text
    assert "Kulturudvalget, Aarhus: torsdag den 8. oktober kl. 16 (1 punkt)" in text


def test_the_receipt_names_what_failed_and_since_when(office: PostOffice) -> None:
    with office.rows() as session:
        broken = {
            "failure_streak": 3,
            "last_error": "Siden svarede 503.",
            "last_success_at": MONDAY - timedelta(days=6),
        }
        randers = a_municipality(session, "Randers", 730, **broken)
        for days in (5, 3, 1):
            a_visit(session, randers, MONDAY - timedelta(days=days), CrawlOutcome.FAILED)
        aarhus = a_municipality(session, last_success_at=MONDAY - timedelta(hours=4))
        lost = a_publication(session, a_meeting(session, "Byrådet", municipality=aarhus), Stage.SUPPLEMENTARY)
        lost.status, lost.error = PublicationStatus.FAILED, "HTTP 500"
        viborg = a_municipality(session, "Viborg", 791, last_success_at=None)
        a_visit(session, viborg, MONDAY - timedelta(days=1), CrawlOutcome.UNSUPPORTED)
        a_subscription(session, "Alice", an_association(session), frequency=Frequency.WEEKLY, confirmed_at=NOW)

    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    assert "men noget kunne ikke læses" in mail["Subject"]
    for said in (text_of(mail), html_of(mail)):
        assert "Randers: Siden kunne ikke læses ved de seneste 3 besøg (siden onsdag den 30. september" in said
        assert "Aarhus: Byrådet: 1 dagsorden kunne ikke læses" in said
        assert "Kan ikke læses endnu: Viborg" in said
        assert "Ingen fejl" not in said


def test_the_receipt_names_a_municipality_of_which_a_part_or_only_minutes_can_be_read(office: PostOffice) -> None:
    with office.rows() as session:
        fresh = {"last_success_at": MONDAY - timedelta(hours=4), "last_outcome": CrawlOutcome.PARTIAL}
        a_municipality(session, "Hedensted", 766, flawed_since=MONDAY - timedelta(days=3), **fresh)
        aalborg = a_municipality(session, "Aalborg", 851, **fresh)
        meeting = a_meeting(session, "Byrådet", municipality=aalborg, starts_at=MONDAY - timedelta(days=9))
        meeting.publications[0].stage = Stage.MINUTES
        for _ in range(9):
            a_publication(session, meeting, Stage.MINUTES)
        here = an_association(session, municipality_codes=[766, 851])
        a_subscription(session, "Alice", here, frequency=Frequency.WEEKLY, confirmed_at=NOW)
        a_subscription(session, "Bo", an_association(session, "Alle"), frequency=Frequency.WEEKLY, confirmed_at=NOW)

    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    for said in (text_of(mail), html_of(mail)):
        assert "Hedensted: Læst, men en del af kommunens liste over møder kan ikke læses (siden fredag" in said
        assert "Aalborg: Læst, men kommunen lægger kun referater ud" in said
        assert "Ingen fejl" not in said
    # Who watches all municipalities is not told of a custom of one each week.
    [everywhere] = office.mailbox("Bo")
    assert "kun referater" not in text_of(everywhere)
    assert "Hedensted: Læst, men en del" in text_of(everywhere)


@pytest.mark.parametrize("why", ["no adapter", "left the catalogue"])
def test_silence_from_where_nobody_reads_is_not_called_good_news(office: PostOffice, why: str) -> None:
    with office.rows() as session:
        viborg = a_municipality(session, "Viborg", 791, last_success_at=None, active=why == "no adapter")
        if why == "no adapter":
            a_visit(session, viborg, MONDAY - timedelta(days=1), CrawlOutcome.UNSUPPORTED)
        sind = an_association(session, municipality_codes=[791])
        a_subscription(session, "Alice", sind, frequency=Frequency.WEEKLY, confirmed_at=NOW)

    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    assert "men noget kunne ikke læses" in mail["Subject"]
    for said in (text_of(mail), html_of(mail)):
        assert "Kan ikke læses endnu: Viborg. Sager derfra ser vi ikke." in said
        assert "vi læser ingen dagsordener derfra endnu" in said
        assert "Ingen fejl" not in said
        assert "at der er kigget efter" not in said


def test_many_municipalities_are_all_named_with_the_time_since_which_they_were_read(office: PostOffice) -> None:
    names = [f"Kommune{number}" for number in range(8)]
    with office.rows() as session:
        for number, name in enumerate(names):
            a_municipality(session, name, 101 + number, last_success_at=MONDAY - timedelta(hours=4 + number))
        a_subscription(session, "Alice", an_association(session), frequency=Frequency.WEEKLY, confirmed_at=NOW)

    office.run(now=MONDAY)

    mail = office.only_mail("Alice")
    told = "Alle er læst siden søndag den 4. oktober kl. 20: Kommune0, Kommune1,"
    assert told in " ".join(text_of(mail).split())
    assert told in html_of(mail)
    assert "Kommune6 og Kommune7." in text_of(mail)


def test_a_digest_shows_the_strongest_fifteen_and_counts_the_rest(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=Frequency.WEEKLY, confirmed_at=NOW)
        meeting = a_meeting(session)
        for number in range(60):
            a_match(session, sind, an_item(session, f"Sag {number}", meeting=meeting), score=number / 100)

    office.run(now=MONDAY)
    office.run(now=MONDAY + timedelta(days=7))

    first, second = (text_of(mail) for mail in office.mailbox("Alice"))
    assert first.count("Behandles af:") == 15
    assert "1. Sag 59\r\n" in first
    assert "15. Sag 45\r\n" in first
    assert "Der er 45 sager mere, som ikke er vist her." in first
    assert "Behandles af:" not in second


def test_a_meeting_that_left_the_list_is_not_among_the_next_ones(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Wilma", sind, frequency=Frequency.WEEKLY)
        a_meeting(session, "Ældreudvalget")
        a_meeting(session, "Kulturudvalget", withdrawn_at=NOW)
    office.run(now=MONDAY)

    ahead = text_of(office.only_mail("Wilma")).split("De næste møder")[1]
    assert "Ældreudvalget" in ahead
    assert "Kulturudvalget" not in ahead


def test_a_whole_meeting_that_is_withdrawn_is_told_as_such(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session)
        a_match(session, sind, item)
    office.run()
    with office.rows() as session:
        item = session.scalars(select(AgendaItem)).one()
        a_revision(session, item, changes=["withdrawn"], seen_at=NOW + timedelta(days=2))
        item.withdrawn_at = item.meeting.withdrawn_at = NOW + timedelta(days=2)
    office.run(now=NOW + timedelta(days=2))

    _, mail = office.mailbox("Alice")
    text = " ".join(text_of(mail).split())
    assert "Hele mødet er taget af kommunens liste" in text
    assert "Kommunen viser ikke længere mødet i Social- og Beskæftigelsesudvalget torsdag den 8. oktober." in text
    assert "Sagen er taget af dagsordenen" not in text
    assert mail.get_content_type() == "multipart/mixed"
    assert any(part.get_filename() == "aflyst.ics" for part in mail.iter_attachments())


def test_pausing_holds_a_queued_digest_back_until_resumed(office: PostOffice) -> None:
    weekly_reader(office)
    office.faults.greylist.add("alice@example.org")
    office.run(now=MONDAY)
    for status in (SubscriptionStatus.PAUSED, SubscriptionStatus.CONFIRMED):
        with office.rows() as session:
            session.query(Subscription).one().status = status
        office.run(now=MONDAY + timedelta(hours=1))
        assert len(office.mailbox("Alice")) == (status is SubscriptionStatus.CONFIRMED)


def test_only_revisions_that_were_told_or_covered_are_marked(office: PostOffice) -> None:
    weekly_reader(office)
    office.run(now=MONDAY)
    with office.rows() as session:
        (told,) = [entry for message in office.outbox() for entry in session.merge(message).entries]
        assert told.revision_id == session.query(Revision).one().id
        assert [kept["association"] for kept in told.reasons] == ["Sind Aarhus"]
