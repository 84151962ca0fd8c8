"""Each reader, each item, once: what makes a mail and what does not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import COPENHAGEN
from storage.models import (
    Association,
    FollowedCase,
    MatchOrigin,
    MessageKind,
    MessageStatus,
    Subscription,
    SubscriptionStatus,
)
from tests.factories import (
    MEETING,
    NOW,
    a_match,
    a_meeting,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of
from tests.notifier.worlds import AFTER, one_match


def test_an_agenda_makes_one_mail_that_says_all_that_matters(office: PostOffice) -> None:
    one_match(office)

    report = office.run()

    assert report.all_fine
    assert {name: count for name, count in report.counts().items() if count} == {"queued": 1, "sent": 1}
    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Aarhus: Budgetforslag Social- og beskæftigelsesområdet"
    for said in (text_of(mail), html_of(mail)):
        assert "Social- og Beskæftigelsesudvalget" in said
        assert "torsdag den 8. oktober kl. 16" in said
        assert "Budgetforslag Social- og beskæftigelsesområdet" in said
        assert "kriserådgivningen for psykisk sårbare fortsætter" in said
        assert "Sind Aarhus" in said
        assert "Mødet holdes om 7 dage" in said
        assert "https://aarhus.example.dk" in said
        assert "punktid=" in said
        assert "/svar/" in said
        assert "/afmeld/" in said
        assert "/indstillinger/" in said


def test_running_again_sends_nothing(office: PostOffice) -> None:
    one_match(office)
    office.run()
    again = office.run()
    later = office.run(now=NOW + timedelta(days=1))

    assert again.counts()["queued"] == again.counts()["sent"] == later.counts()["queued"] == 0
    assert len(office.server.mails) == 1


def test_two_associations_of_one_person_make_one_entry_with_two_reasons(office: PostOffice) -> None:
    with office.rows() as session:
        sind, baglandet = an_association(session, "Sind Aarhus"), an_association(session, "Baglandet")
        item = an_item(session)
        a_subscription(session, "Alice", sind)
        a_subscription(session, "Alice", baglandet)
        a_match(session, sind, item, said=["Emnet psykisk sårbarhed: 'kriserådgivning' i Resume."])
        a_match(session, baglandet, item, said=["Målgruppen anbragte unge: 'unge' i Resume."])

    office.run()

    text = text_of(office.only_mail("Alice"))
    assert text.count("Budgetforslag Social- og beskæftigelsesområdet") == 1
    assert "Emnet psykisk sårbarhed" in text
    assert "Målgruppen anbragte unge" in text
    assert "kontakt for Sind Aarhus og Baglandet" in text


def test_nobody_sees_what_is_meant_for_another(office: PostOffice) -> None:
    with office.rows() as session:
        for name, association, title in (("Alice", "Sind", "Krisecenter"), ("Bob", "Cykel", "Cykelsti")):
            row = an_association(session, association)
            a_subscription(session, name, row)
            a_match(session, row, an_item(session, title, meeting=a_meeting(session, association)))

    office.run()

    assert "Cykelsti" not in text_of(office.only_mail("Alice"))
    assert "Krisecenter" not in text_of(office.only_mail("Bob"))


def test_a_pending_address_gets_its_confirmation_once_and_nothing_else(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, status=SubscriptionStatus.PENDING)
        a_match(session, sind, an_item(session))

    office.run(digest=True)
    office.run(digest=True, now=NOW + timedelta(days=8))

    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Bekræft, at du vil have mail fra Dagsordenvagt"
    assert "/bekraeft/" in text_of(mail)
    assert "Budgetforslag" not in text_of(mail)


@pytest.mark.parametrize("status", [SubscriptionStatus.PAUSED, SubscriptionStatus.UNSUBSCRIBED])
def test_who_paused_or_left_gets_nothing(office: PostOffice, status: SubscriptionStatus) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, status=status)
        a_match(session, sind, an_item(session))

    office.run(digest=True)

    assert office.server.mails == []


def test_who_leaves_while_a_mail_waits_does_not_get_it(office: PostOffice) -> None:
    one_match(office)
    office.faults.greylist.add("alice@example.org")
    office.run()
    with office.rows() as session:
        session.get_one(Subscription, 1).status = SubscriptionStatus.UNSUBSCRIBED

    report = office.run(now=NOW + timedelta(hours=1))

    assert office.server.mails == []
    assert report.all_fine
    assert report.counts()["dropped"] == 1
    assert office.outbox()[0].status is MessageStatus.DEAD


@pytest.mark.parametrize(
    "why",
    ["backfill", "seen after the meeting", "held before signing up", "our own reprocessing", "no longer found"],
)
def test_the_archive_and_our_own_work_never_mail(office: PostOffice, why: str) -> None:
    with office.rows() as session:
        sind = an_association(session)
        confirmed = MEETING + timedelta(hours=1) if why == "held before signing up" else NOW - timedelta(days=30)
        a_subscription(session, "Alice", sind, confirmed_at=confirmed)
        seen = MEETING + timedelta(hours=1) if why == "seen after the meeting" else NOW
        item = an_item(session, seen_at=seen, backfill=why == "backfill")
        origin = MatchOrigin.VOCABULARY if why == "our own reprocessing" else MatchOrigin.PUBLISHED
        a_match(session, sind, item, origin=origin, current=why != "no longer found")

    office.run(digest=True, now=AFTER)

    assert "Budgetforslag" not in "".join(text_of(mail) for mail in office.server.mails)


def test_a_changed_profile_starts_with_what_lies_ahead_of_the_change(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session, changed_at=MEETING + timedelta(hours=1))
        a_subscription(session, "Alice", sind)
        past = an_item(session, "Sag fra sidste møde")
        ahead = an_item(session, "Sag på næste møde", meeting=a_meeting(session, starts_at=MEETING + timedelta(days=9)))
        a_match(session, sind, past, origin=MatchOrigin.PROFILE)
        a_match(session, sind, ahead, origin=MatchOrigin.PROFILE)

    office.run(now=MEETING + timedelta(hours=2))

    text = text_of(office.only_mail("Alice"))
    assert "Sag på næste møde" in text
    assert "Sag fra sidste møde" not in text


def test_a_meeting_known_by_its_date_alone_lies_ahead_until_that_day_is_over(office: PostOffice) -> None:
    midnight = datetime(2026, 10, 8, 0, 0, tzinfo=COPENHAGEN)
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session, starts_at=midnight, time_known=False)
        a_match(session, sind, an_item(session, meeting=meeting, seen_at=midnight + timedelta(hours=8)))

    office.run(now=midnight + timedelta(hours=9))

    assert "Møde: torsdag den 8. oktober (i dag)" in text_of(office.only_mail("Alice"))


def test_a_followed_case_is_told_whatever_its_words(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session, case="27.15.12-A00-1-26")
        assert item.case is not None
        session.flush()
        session.add(FollowedCase(association_id=sind.id, case_id=item.case_id or 0, note="vores ansøgning", since=NOW))
        council = a_meeting(session, "Byrådet", starts_at=MEETING + timedelta(days=14))
        an_item(session, "Endelig fordeling", meeting=council, case="27.15.12-A00-1-26", seen_at=AFTER)

    office.run(now=AFTER)
    office.run(now=AFTER + timedelta(days=1))

    text = text_of(office.only_mail("Alice"))
    assert "Endelig fordeling" in text
    assert "I følger sagen (vores ansøgning)" in text


def test_the_next_committee_of_a_told_case_joins_the_thread(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session, case="27.15.12-A00-1-26"))
    office.run()
    with office.rows() as session:
        council = a_meeting(session, "Byrådet", starts_at=MEETING + timedelta(days=14))
        again = an_item(session, "Endelig fordeling", meeting=council, case="27.15.12-A00-1-26", seen_at=AFTER)
        a_match(session, session.scalars(select(Association)).one(), again)

    office.run(now=AFTER)

    first, second = office.mailbox("Alice")
    assert second["In-Reply-To"] == first["Message-ID"]
    assert "Sagen var med i en tidligere mail" in text_of(second)


def test_one_mail_for_a_whole_agenda(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session)
        for number, score in enumerate((0.5, 0.9, 0.7)):
            a_match(session, sind, an_item(session, f"Sag {number}", meeting=meeting), score=score)

    office.run()

    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Aarhus: Sag 1 (+2)"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["moeder.ics"]


def test_what_a_full_mail_only_counts_is_told_too(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session)
        for number in range(60):
            a_match(session, sind, an_item(session, f"Sag nummer {number}", meeting=meeting))

    office.run()
    office.run(digest=True, now=NOW + timedelta(days=1))

    mail = office.only_mail("Alice")
    assert mail["Subject"].endswith("(+59)")
    text = text_of(mail)
    assert text.count("Behandles af:") == 15
    assert "Der er 45 sager mere, som ikke er vist her." in text
    assert "Jeres profil er nok for bred" in text
    assert "https://vagt.example.dk/sager?forening=sind-aarhus&fund=1" in text


def test_a_dry_run_lists_mails_and_writes_nothing(office: PostOffice) -> None:
    one_match(office)

    report = office.run(digest=True, dry_run=True)

    assert [note.kind for note in report.queued] == [MessageKind.IMMEDIATE]
    assert office.outbox() == []
    assert office.server.mails == []
    assert office.run().counts()["sent"] == 1
