"""Reminders of deadlines: 7 and 2 days before, once, and only to those whom it helps."""

from datetime import date, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from config.clock import COPENHAGEN
from storage.models import (
    AgendaItem,
    Association,
    Feedback,
    FollowedCase,
    Frequency,
    HandledDeadline,
    Message,
    MessageKind,
    Role,
    Subscription,
    SubscriptionStatus,
    Verdict,
)
from storage.subscription_life import pause
from storage.take_down import take_down
from tests.factories import (
    NOW,
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
from web.server import in_background

DAY = "2026-11-20"  # a Friday, seven weeks after the agenda


def on(day: str, clock: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=COPENHAGEN)


def told(office: PostOffice, *deadlines: str, frequency: Frequency = Frequency.IMMEDIATE) -> tuple[int, int]:
    """Alice was told of an item with deadlines. Gives the ids of item and association."""
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=frequency)
        item = an_item(session, "Ny psykiatriplan i høring")
        a_reading(session, item, *(deadlines or (f"hearing {DAY} 12:00",)))
        a_match(session, sind, item)
        numbers = item.id, sind.id
    office.run(digest=frequency is not Frequency.IMMEDIATE)
    return numbers


def reminders(office: PostOffice, name: str = "Alice") -> list[str]:
    kinds = {one.message_id: one.kind for one in office.outbox()}
    mails = office.mailbox(name)
    return [text_of(mail) for mail in mails if kinds[str(mail["Message-ID"])] is MessageKind.REMINDER]


def each_day(office: PostOffice, first: str, last: str) -> None:
    day = on(first)
    while day <= on(last):
        office.run(now=day)
        day += timedelta(days=1)


def test_a_deadline_is_recalled_seven_and_two_days_before_in_the_thread(office: PostOffice) -> None:
    told(office)
    each_day(office, "2026-11-12", "2026-11-21")

    news, first, second = (mail for mail in office.mailbox("Alice") if "Ingen nye sager" not in mail["Subject"])
    assert [one["Date"].datetime.astimezone(COPENHAGEN).day for one in (first, second)] == [13, 18]
    assert first["Subject"] == "Aarhus: høringsfrist om 7 dage – Ny psykiatriplan i høring"
    assert second["Subject"] == "Aarhus: høringsfrist om 2 dage – Ny psykiatriplan i høring"
    assert first["In-Reply-To"] == news["Message-ID"]
    assert "HØRINGSFRIST: fredag den 20. november kl. 12 (om 7 dage)" in text_of(first)
    for said in (text_of(first), html_of(first)):
        assert "Fristen er 2026-11-20." in said
        assert "/frist/" in said
        assert "/indstillinger/" in said
    assert len(reminders(office)) == 2


def test_the_deadline_stands_in_the_calendar_file_under_one_name(office: PostOffice) -> None:
    told(office)
    office.run(now=on("2026-11-13"))
    events = [
        event
        for mail in office.mailbox("Alice")
        for part in mail.iter_attachments()
        for event in Calendar.from_ical(part.get_content()).walk("VEVENT")
        if str(event["uid"]).startswith("frist-")
    ]
    assert [str(event["summary"]) for event in events] == ["Høringsfrist kl. 12: Ny psykiatriplan i høring"] * 2
    assert len({str(event["uid"]) for event in events}) == 1


def test_a_stop_of_the_service_makes_one_late_reminder_not_two(office: PostOffice) -> None:
    told(office)
    each_day(office, "2026-11-19", "2026-11-20")
    assert len(reminders(office)) == 1


def test_a_case_on_two_agendas_is_recalled_once_and_dealt_with_once(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        first = an_item(session, "Ny psykiatriplan i høring", case="26/100")
        second = an_item(session, "Psykiatriplan i høring", meeting=a_meeting(session, "Byrådet"), case="26/100")
        for item in (first, second):
            a_reading(session, item, f"hearing {DAY} 12:00")
            a_match(session, sind, item)
        number, association = first.id, sind.id
    office.run()
    each_day(office, "2026-11-12", "2026-11-14")
    assert len(reminders(office)) == 1
    assert reminders(office)[0].count("HØRINGSFRIST") == 1
    with office.rows() as session:
        due = date.fromisoformat(DAY)
        session.add(HandledDeadline(association_id=association, item_id=number, due_on=due, handled_at=NOW))
    each_day(office, "2026-11-15", "2026-11-20")
    assert len(reminders(office)) == 1


def test_nobody_is_reminded_after_the_hour(office: PostOffice) -> None:
    told(office)
    office.run(now=on(DAY, "12:01"))
    assert reminders(office) == []


def test_the_deputy_is_reminded_of_what_the_watcher_was_told(office: PostOffice) -> None:
    told(office)
    with office.rows() as session:
        a_subscription(session, "Bo", session.scalars(select(Association)).one()).role = Role.DEPUTY
    each_day(office, "2026-11-12", "2026-11-13")
    assert (len(reminders(office)), len(reminders(office, "Bo"))) == (1, 0)
    with office.rows() as session:
        alice = session.scalars(select(Subscription).order_by(Subscription.id)).first()
        assert alice is not None
        pause(session, alice, on("2026-12-01").date())
    each_day(office, "2026-11-14", "2026-11-20")
    (text,) = reminders(office, "Bo")
    assert "(om 2 dage)" in text, "the first one has been read by Alice"
    assert len(reminders(office)) == 1


def test_a_consultants_digest_reminds_nobody_of_an_association(office: PostOffice) -> None:
    with office.rows() as session:
        sind, town = an_association(session), a_municipality(session)
        a_subscription(session, "Carol", town)
        a_subscription(session, "Alice", sind, confirmed_at=on("2026-11-12"))
        item = an_item(session, "Ny psykiatriplan i høring")
        a_reading(session, item, f"hearing {DAY} 12:00")
        a_match(session, sind, item)
    office.run(digest=True)
    each_day(office, "2026-11-13", "2026-11-20")
    assert reminders(office) == []


def test_an_answer_that_is_set_aside_stops_no_reminder(office: PostOffice) -> None:
    item_id, association_id = told(office)
    with office.rows() as session:
        given = {"association_id": association_id, "item_id": item_id, "given_at": NOW, "set_aside_at": NOW}
        session.add(Feedback(verdict=Verdict.NOT_RELEVANT, about=[], **given))
    each_day(office, "2026-11-13", "2026-11-20")
    assert len(reminders(office)) == 2


def test_what_was_told_a_moment_ago_is_not_recalled(office: PostOffice) -> None:
    """The item came on 1 October: its mail says all that a reminder of 7 October could."""
    told(office, "hearing 2026-10-07")
    each_day(office, "2026-10-02", "2026-10-04")
    assert reminders(office) == []
    each_day(office, "2026-10-05", "2026-10-07")
    assert len(reminders(office)) == 1


@pytest.mark.parametrize("why", ["handled", "irrelevant", "withdrawn", "left", "moved"])
def test_reminders_stop_when_they_would_not_help(office: PostOffice, why: str) -> None:
    item_id, association_id = told(office)
    with office.rows() as session:
        item, association = session.get_one(AgendaItem, item_id), session.get_one(Association, association_id)
        day = on(DAY).date()
        if why == "handled":
            session.add(HandledDeadline(association_id=association.id, item_id=item.id, due_on=day, handled_at=NOW))
        elif why == "irrelevant":
            given = {"association_id": association.id, "item_id": item.id, "given_at": NOW}
            session.add(Feedback(verdict=Verdict.NOT_RELEVANT, **given))
        elif why == "withdrawn":
            item.withdrawn_at = NOW
        elif why == "left":
            subscription = a_subscription(session, "Bob", association)
            subscription.status = SubscriptionStatus.UNSUBSCRIBED
        else:
            revision = a_revision(session, item, material=False)
            a_reading(session, item, "hearing 2027-03-01", revision=revision)
    each_day(office, "2026-11-13", "2026-11-20")
    assert reminders(office, "Bob") == []
    assert len(reminders(office)) == (2 if why == "left" else 0)


def test_a_followed_case_is_recalled_too(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session, "Endelig plan", case="27.15.12-A00-1-26", seen_at=NOW)
        a_reading(session, item, f"comments {DAY}")
        session.flush()
        follow = FollowedCase(association_id=sind.id, case_id=item.case_id or 0, since=NOW + timedelta(days=1))
        session.add(follow)
    office.run(now=on("2026-11-18"))
    assert "FRIST FOR BEMÆRKNINGER: fredag den 20. november (om 2 dage)" in reminders(office)[0]


def test_deadlines_of_a_day_make_one_mail_soonest_first(office: PostOffice) -> None:
    told(office, f"comments {DAY}", "hearing 2026-11-19", "application 2026-11-26")
    office.run(now=on("2026-11-19", "08:00"))
    (text,) = reminders(office)
    assert [text.index(word) for word in ("HØRINGSFRIST", "FRIST FOR BEM", "ANSØGNINGSFRIST")] == sorted(
        text.index(word) for word in ("HØRINGSFRIST", "FRIST FOR BEM", "ANSØGNINGSFRIST")
    )


def test_weekly_readers_are_reminded_on_the_day_not_on_monday(office: PostOffice) -> None:
    told(office, frequency=Frequency.WEEKLY)
    office.run(now=on("2026-11-18"))
    assert len(reminders(office)) == 1


def test_reminders_keep_the_night_but_no_holiday(office: PostOffice) -> None:
    told(office, "hearing 2026-12-26")
    office.serve(now=on("2026-12-24", "06:00"))
    assert reminders(office) == []
    office.serve(now=on("2026-12-24", "07:00"))
    assert len(reminders(office)) == 1


def test_a_taken_down_item_leaves_the_reminders_that_quote_it(office: PostOffice) -> None:
    item_id, _ = told(office)
    with office.rows() as session:
        a_subscription(session, "Carol", a_municipality(session), confirmed_at=NOW)
    office.run(now=on("2026-11-16"))
    assert "HØRINGER OG FRISTER" in text_of(office.only_mail("Carol"))
    with office.rows() as session:
        take_down(session, session.get_one(AgendaItem, item_id), "Fortroligt.", on("2026-11-17"))
    with office.rows() as session:
        assert not [one for one in session.query(Message) if one.mime and b"psykiatriplan" in one.mime]
        assert not [one for one in session.query(Message) if "psykiatriplan" in one.subject]


def test_the_link_in_the_reminder_ends_them_by_a_button_and_not_by_looking(office: PostOffice) -> None:
    told(office)
    office.run(now=on("2026-11-13"))
    path = text_of(office.mailbox("Alice")[1]).split("https://vagt.example.dk/frist/")[1].split()[0]
    with in_background(office.settings) as address, httpx.Client(base_url=address) as client:
        assert "holde op med at minde om fristen" in client.get(f"/frist/{path}").text
        assert "flere påmindelser" in client.get(f"/frist/{path}").text
        with office.rows() as session:
            assert session.query(HandledDeadline).count() == 0
        for _ in range(2):
            done = client.post(f"/frist/{path}", headers={"Origin": address}, follow_redirects=True)
            assert "I får ikke flere påmindelser" in done.text
        assert client.get(f"/frist/{path[:-3]}abc").status_code == 404
    each_day(office, "2026-11-14", "2026-11-20")
    assert len(reminders(office)) == 1
