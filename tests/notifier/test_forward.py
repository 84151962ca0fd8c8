"""An item that a person passes on: one mail with a note, which is the association's mail for that revision."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.forward import Forwarded, forward
from notifier.message import sender_for
from notifier.silent import silent_associations
from storage.models import AgendaItem, Association, Match, Recipient, Role, Subscription
from storage.subscription_life import pause
from tests.factories import (
    LONG_AGO,
    NOW,
    a_match,
    a_municipality,
    a_reading,
    a_revision,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of

HOUR = timedelta(hours=1)


def send_on(office: PostOffice, *slugs: str, note: str = "Ring til mig om den.", at=NOW) -> list[Forwarded]:
    with office.rows() as session:
        item = session.scalars(select(AgendaItem.id)).one()
    return forward(
        office.url, sender_for(office.settings), item, slugs, note=note, by="frivilligkonsulent Karen", now=at
    )


def people(office: PostOffice, *, matched: bool = False, deputy: bool = False) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        if deputy:
            a_subscription(session, "Bo", sind).role = Role.DEPUTY
        item = an_item(session, "Varmestue på havnen")
        if matched:
            a_match(session, sind, item)


def one(session: Session, name: str) -> Subscription:
    return session.scalars(select(Subscription).join(Recipient).where(Recipient.name == name)).one()


def test_an_item_is_passed_on_with_a_note_and_its_later_steps_follow(office: PostOffice) -> None:
    people(office)
    evil = "Ring til mig <script>alert(1)</script>\n{{ 7*7 }}"
    assert [(done.state, done.queued) for done in send_on(office, "sind-aarhus", note=evil)] == [("queued", 1)]
    office.run()
    mail = office.only_mail("Alice")
    text = text_of(mail)
    assert "frivilligkonsulent Karen har sendt jer denne sag" in text
    assert text.count("{{ 7*7 }}") == 1
    assert "Varmestue på havnen" in str(mail["Subject"])
    assert "<script>" not in html_of(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with office.rows() as session:
        item = session.scalars(select(AgendaItem)).one()
        a_revision(session, item, changes=["decision"], decision="Godkendt.", seen_at=NOW + HOUR)
    office.run(now=NOW + 2 * HOUR)
    assert "Beslutningen er kommet" in text_of(office.mailbox("Alice")[-1])


def test_what_is_passed_on_names_the_deadline_and_the_money(office: PostOffice) -> None:
    people(office)
    with office.rows() as session:
        item = session.scalars(select(AgendaItem)).one()
        a_reading(session, item, "hearing 2026-10-30", amounts=("45.000 kr.",))
        a_revision(session, item, changes=["attachment_added"], attachments=["Bilag"])  # not read yet
    send_on(office, "sind-aarhus")
    office.run()
    mail = office.only_mail("Alice")
    assert "HØRINGSFRIST: fredag den 30. oktober" in text_of(mail)
    assert "Beløb: 45.000 kr." in text_of(mail)
    assert "Høringsfrist" in "".join(part.get_content() for part in mail.walk() if part.get_filename())


def test_it_is_the_one_mail_for_that_revision(office: PostOffice) -> None:
    people(office, matched=True)
    assert send_on(office, "sind-aarhus")[0].state == "queued"
    office.run()
    office.run(digest=True, now=NOW + HOUR)
    assert sum("Varmestue" in text_of(mail).partition("DET HAR VI LÆST")[0] for mail in office.mailbox("Alice")) == 1
    assert send_on(office, "sind-aarhus", at=NOW + HOUR)[0].state == "told", "never twice"
    office.run(now=NOW + 2 * HOUR)
    assert sum("sendt af" in str(mail["Subject"]) for mail in office.mailbox("Alice")) == 1


def test_what_was_mailed_before_is_not_passed_on(office: PostOffice) -> None:
    people(office, matched=True)
    office.run()
    assert send_on(office, "sind-aarhus")[0].state == "told"
    with office.rows() as session:
        a_revision(session, session.scalars(select(AgendaItem)).one(), changes=["attachment_added"])
    assert send_on(office, "sind-aarhus")[0].state == "queued", "a new revision may be"


def test_a_pause_is_kept_and_the_deputy_gets_it(office: PostOffice) -> None:
    people(office, deputy=True)
    with office.rows() as session:
        pause(session, one(session, "Alice"), date(2026, 10, 20))
    assert send_on(office, "sind-aarhus")[0].state == "queued"
    office.run()
    assert len(office.mailbox("Bo")) == 1
    assert not office.mailbox("Alice")


def test_nobody_who_listens_is_said_plainly(office: PostOffice) -> None:
    people(office)
    with office.rows() as session:
        pause(session, one(session, "Alice"))
    assert send_on(office, "sind-aarhus")[0].state == "nobody"
    with office.rows() as session:
        session.scalars(select(Association)).one().closed_at = NOW
    assert send_on(office, "sind-aarhus")[0].state == "closed"
    with pytest.raises(LookupError, match="findes-ikke"):
        send_on(office, "sind-aarhus", "findes-ikke")


def test_the_consultant_sees_whom_nothing_was_found_for(office: PostOffice) -> None:
    with office.rows() as session:
        aarhus = a_municipality(session)
        a_subscription(session, "Karen", aarhus)
        old = NOW - timedelta(days=100)
        found = an_association(session, "Fandt noget", municipality_codes=[751])
        for name in ("Fandt noget", "Stille", "Ny", "Hele landet"):
            row = found if name == "Fandt noget" else an_association(session, name, municipality_codes=[751])
            row.created_at = LONG_AGO if name == "Ny" else old
            if name == "Hele landet" and row.profile:
                row.profile.municipality_codes = []
        a_match(session, found, an_item(session))
        assert [line.name for line in silent_associations(session, 751, NOW)] == ["Stille"]
        session.scalars(select(Match)).one().current = False
        assert [line.name for line in silent_associations(session, 751, NOW)] == ["Fandt noget", "Stille"]
    office.run(digest=True)
    text = text_of(office.only_mail("Karen"))
    assert "FORENINGER UDEN FUND I 60 DAGE" in text
    assert "Stille: endnu ingen fund" in text
    assert "I overså denne" in text
