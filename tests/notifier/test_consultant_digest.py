"""The consultant's weekly digest of one municipality."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import COPENHAGEN
from storage.models import (
    AgendaItem,
    Association,
    Frequency,
    Stage,
)
from tests.factories import (
    MEETING,
    NOW,
    a_civil_society_profile,
    a_match,
    a_meeting,
    a_municipality,
    a_reading,
    a_revision,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=COPENHAGEN)


@pytest.fixture
def consulted(office: PostOffice) -> PostOffice:
    """Carol is the consultant of Aarhus; an association there and one elsewhere have matches, and so has § 18."""
    with office.rows() as session:
        aarhus = a_municipality(session, last_success_at=MONDAY - timedelta(hours=4))
        randers = a_municipality(session, "Randers", 730)
        a_subscription(session, "Carol", aarhus, confirmed_at=NOW)
        sind, cykel = an_association(session, "Sind Aarhus"), an_association(session, "Cyklisterne")
        a_subscription(session, "Alice", sind)
        budget = an_item(session)
        a_match(session, sind, budget, said=["Emnet psykisk sårbarhed: 'kriserådgivning' i Resume."])
        a_match(session, cykel, an_item(session, "Cykelsti", meeting=a_meeting(session, "Teknisk Udvalg")), score=0.6)
        elsewhere = a_meeting(session, "Byrådet", municipality=randers)
        a_match(session, cykel, an_item(session, "Cykelpuljen i Randers", meeting=elsewhere))
        grants = an_item(session, "Fordeling af § 18-midler", meeting=a_meeting(session, "Kulturudvalget"))
        a_match(session, a_civil_society_profile(session), grants, said=["Emnet § 18: '§ 18-midler' i Overskrift."])
    return office


def test_the_consultant_reads_the_week_and_what_each_association_was_told(consulted: PostOffice) -> None:
    consulted.run()
    consulted.run(now=MONDAY)
    consulted.run(now=MONDAY + timedelta(days=1))

    mail = consulted.only_mail("Carol")
    assert mail["Subject"].startswith("Aarhus: ")
    text = text_of(mail)
    assert "Fordeling af § 18-midler" in text
    assert "Sind Aarhus: fik besked torsdag den 1. oktober" in text
    assert "Emnet psykisk sårbarhed" in text
    assert "Cyklisterne: har ikke fået besked endnu" in text
    assert "Randers" not in text
    assert "Aarhus: senest læst" in text
    assert "/svar/" not in text


def test_the_consultant_hears_of_decisions_and_whether_the_association_did(
    consulted: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    consulted.run()
    consulted.run(now=MONDAY)
    with consulted.rows() as session:
        item = session.query(AgendaItem).filter(AgendaItem.title.startswith("Budgetforslag")).one()
        after = MEETING + timedelta(hours=20)
        a_revision(session, item, changes=["decision"], decision="Godkendt.", seen_at=after, stage=Stage.MINUTES)

    consulted.run(now=MEETING + timedelta(days=1))
    consulted.run(now=MONDAY + timedelta(days=7))

    _, second = consulted.mailbox("Carol")
    assert "Godkendt." in text_of(second)
    assert "Sind Aarhus: fik besked fredag den 9. oktober" in text_of(second)
    assert "Fordeling af § 18-midler" not in text_of(second)


def test_the_consultant_hears_of_what_associations_were_told_after_the_last_digest(consulted: PostOffice) -> None:
    with consulted.rows() as session:
        cykel = session.scalars(select(Association).where(Association.name == "Cyklisterne")).one()
        a_subscription(session, "Bob", cykel, frequency=Frequency.DAILY, confirmed_at=MONDAY)
    consulted.run(now=MONDAY)
    consulted.run(now=MONDAY + timedelta(days=1))
    consulted.run(now=MONDAY + timedelta(days=7))
    consulted.run(now=MONDAY + timedelta(days=14))

    first, second, third = consulted.mailbox("Carol")
    assert "Cyklisterne: har ikke fået besked endnu" in text_of(first)
    assert "FORENINGERNE OGSÅ" not in text_of(first)
    also = " ".join(text_of(second).partition("DET HAR FORENINGERNE OGSÅ FÅET BESKED OM")[2].split())
    assert "- Cykelsti Cyklisterne (tirsdag den 6. oktober) https://vagt.example.dk/sager/" in also
    assert "Budgetforslag" not in also, "the first digest told who heard of it"
    assert "Randers" not in also
    assert "Cyklisterne (tirsdag den 6. oktober)" in html_of(second)
    assert "FORENINGERNE OGSÅ" not in text_of(third)


def test_the_consultant_finds_funds_to_apply_for_apart_from_hearings(consulted: PostOffice) -> None:
    with consulted.rows() as session:
        (grants,) = session.scalars(select(AgendaItem).where(AgendaItem.title.contains("§ 18")))
        a_reading(session, grants, "application 2026-10-20", "hearing 2026-10-16")
    consulted.run(now=MONDAY)

    text = text_of(consulted.only_mail("Carol"))
    pools = text[text.index("PULJER OG ANSØGNINGSFRISTER") : text.index("HØRINGER OG FRISTER")]
    assert "tirsdag den 20. oktober: Ansøgningsfrist" in pools
    assert "Fordeling af § 18-midler" in pools
    assert "Høringsfrist" not in pools
    assert "fredag den 16. oktober: Høringsfrist" in text[text.index("HØRINGER OG FRISTER") :]


def test_a_deadline_of_a_case_that_stands_on_several_agendas_is_named_once(consulted: PostOffice) -> None:
    with consulted.rows() as session:
        sind = session.scalars(select(Association).where(Association.name == "Sind Aarhus")).one()
        for number, day in enumerate(("2026-10-13", "2026-10-15")):
            starts_at = datetime.fromisoformat(f"{day}T16:00").replace(tzinfo=COPENHAGEN)
            meeting = a_meeting(session, f"Udvalg {number}", starts_at=starts_at)
            item = an_item(session, "Ny politik", meeting=meeting, case="26/4711")
            a_match(session, sind, item)
            a_reading(session, item, "hearing 2026-10-30", *(["hearing 2026-11-02"] if number else []))
            last = item.id
    consulted.run(now=MONDAY)

    text = text_of(consulted.only_mail("Carol"))
    hearings = text[text.index("HØRINGER OG FRISTER") : text.index("DET HAR VI LÆST")]
    assert hearings.count("fredag den 30. oktober: Høringsfrist") == 1
    assert hearings.count("mandag den 2. november: Høringsfrist") == 1
    assert hearings.split().count(f"https://vagt.example.dk/sager/{last}") == 2, "where the case stands now"


def test_without_anything_to_apply_for_the_digest_has_no_such_heading(consulted: PostOffice) -> None:
    consulted.run(now=MONDAY)
    text = text_of(consulted.only_mail("Carol")).upper()
    assert "PULJER OG ANSØGNINGSFRISTER" not in text
    assert "HØRINGER OG FRISTER" not in text


def test_a_consultant_gets_a_mail_also_of_an_empty_week(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Carol", a_municipality(session), confirmed_at=NOW)
    office.run(now=MONDAY)
    mail = office.only_mail("Carol")
    assert mail["Subject"].startswith("Aarhus: ingen nye sager for civilsamfundet")
