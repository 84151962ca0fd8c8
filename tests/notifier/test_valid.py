"""Mails as others read them: HTML by a strict parser, calendars by another library, headers as RFC 8058 demands."""

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import html5lib
import pytest
from icalendar import Calendar as OurCalendar
from ics import Calendar

from storage.models import AgendaItem, Association, Frequency, MessageKind, ProfileCheck, SubscriptionStatus
from tests.factories import (
    MEETING,
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

LATER = MEETING.replace(month=11)


@pytest.fixture
def every_kind(office: PostOffice) -> PostOffice:
    """An office that has sent a mail of each kind that this package makes for readers."""
    with office.rows() as session:
        sind = an_association(session)
        for name, frequency in (("Alice", Frequency.IMMEDIATE), ("Dora", Frequency.DAILY), ("Wilma", Frequency.WEEKLY)):
            a_subscription(session, name, sind, frequency=frequency)
        a_subscription(session, "Kim", sind, frequency=Frequency.WEEKLY).compact = True
        a_subscription(session, "Pia", sind, status=SubscriptionStatus.PENDING)
        a_subscription(session, "Carol", a_municipality(session))
        meeting = a_meeting(session, place="Rådhuset; lokale 3, 1. sal")
        item = an_item(session, 'Indstilling om § 18-midler & "ældre" <unge>', meeting=meeting)
        a_reading(session, item, f"hearing {LATER:%Y-%m-%d} 12:00", f"application {LATER:%Y-%m-%d}")
        a_match(session, sind, item)
        empty = an_association(session, "Ordløs")
        a_subscription(session, "Olga", empty)
        assert empty.profile is not None
        session.add(
            ProfileCheck(
                profile_id=empty.profile.id,
                profile_hash=empty.profile.content_hash,
                version="1",
                origin="published",
                finished=True,
                problem="Profilen har ingen ord.",
            )
        )
        number = item.id
    office.run(digest=True)
    with office.rows() as session:
        item = session.get_one(AgendaItem, number)
        a_match(
            session,
            session.query(Association).filter_by(name="Sind Aarhus").one(),
            item,
            revision=a_revision(session, item, changes=["attachment_added"], attachments=["Bilag A"]),
        )
        a_reading(session, item, f"hearing {LATER:%Y-%m-%d}")
    office.run(now=NOW.replace(day=2))
    office.run(now=LATER.replace(day=1))
    with office.rows() as session:
        item = session.get_one(AgendaItem, number)
        item.meeting.starts_at, item.withdrawn_at = LATER, NOW
        a_revision(session, item, changes=["withdrawn"], seen_at=LATER.replace(day=2))
    office.run(now=LATER.replace(day=3))
    kinds = {one.kind for one in office.outbox()}
    assert kinds >= {
        MessageKind.CONFIRM,
        MessageKind.IMMEDIATE,
        MessageKind.DAILY,
        MessageKind.WEEKLY,
        MessageKind.REMINDER,
        MessageKind.CONSULTANT_WEEKLY,
        MessageKind.NOTICE,
    }
    return office


def test_every_mail_is_valid_in_each_of_its_parts(every_kind: PostOffice) -> None:
    for mail, (_, raw) in zip(every_kind.server.mails, every_kind.server.raw, strict=True):
        html5lib.HTMLParser(strict=True).parse(html_of(mail))
        assert (text := text_of(mail)).strip()
        assert "<" not in re.sub(r"<unge>", "", text), "the text part is written, not derived"
        assert html_of(mail).count("<h1") == 1
        assert 'lang="da"' in html_of(mail)
        again = BytesParser(policy=policy.SMTP).parsebytes(raw)
        assert not list(again.defects)
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        for word in ("None", "{{", "{%", "Undefined"):
            assert word not in text


def test_every_mail_can_be_left_in_one_click(every_kind: PostOffice) -> None:
    """RFC 8058, 3.1: both headers, one https address in angle brackets."""
    for mail in every_kind.server.mails:
        assert re.fullmatch(r"<https://vagt\.example\.dk/afmeld-et-klik/[A-Za-z0-9._-]+>", mail["List-Unsubscribe"])
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert len(mail.get_all("Message-ID")) == len(mail.get_all("Date")) == len(mail.get_all("From")) == 1


def calendar_parts(mail: EmailMessage) -> list[tuple[str, str]]:
    return [
        (str(part["Content-Type"].params["method"]), str(part.get_content()))
        for part in mail.iter_attachments()
        if part.get_content_type() == "text/calendar"
    ]


def test_another_library_accepts_each_calendar_file(every_kind: PostOffice) -> None:
    seen = set()
    for mail in every_kind.server.mails:
        for method, content in calendar_parts(mail):
            read = Calendar(content)
            assert read.method == method
            assert read.events
            for event in read.events:
                assert event.uid.endswith("@vagt.example.dk")
                assert event.organizer is not None
                seen.add((method, event.uid.split("-")[0], event.all_day))
            for event in OurCalendar.from_ical(content).walk("VEVENT"):
                assert int(event["sequence"]) >= 0
                assert (event.get("status") == "CANCELLED") == (method == "CANCEL")
            assert all(len(line.encode()) <= 75 for line in content.splitlines())
    assert {("PUBLISH", "moede", False), ("PUBLISH", "frist", True), ("CANCEL", "frist", True)} <= seen


def test_one_deadline_keeps_its_name_and_is_called_off_when_it_goes(every_kind: PostOffice) -> None:
    events = [
        (method, str(event["uid"]), int(event["sequence"]))
        for mail in every_kind.mailbox("Alice")
        for method, content in calendar_parts(mail)
        for event in OurCalendar.from_ical(content).walk("VEVENT")
        if "application" in str(event["uid"])
    ]
    (first, last) = events[0], events[-1]
    assert (first[0], last[0]) == ("PUBLISH", "CANCEL")
    assert first[1] == last[1]
    assert last[2] > first[2]
