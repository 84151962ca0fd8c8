"""What stands in a mail: headers, words, links, the calendar file; and what hostile text cannot do to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from config.clock import COPENHAGEN
from config.glossary import read_glossary
from notifier import letters
from notifier.message import sender_for
from notifier.story import Story
from notifier.view import ItemView
from notifier.words import clock, day, day_and_time, distance, listed, one_line, shortened
from storage.models import Association, CommitteeKind, Recipient
from tests.factories import (
    MEETING,
    NOW,
    a_match,
    a_meeting,
    a_municipality,
    a_reading,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of
from tests.notifier.worlds import one_match

HOSTILE = "Sag\r\nBcc: alle@example.org\r\n\r\n<script>alert(1)</script> {{ 7 * 7 }} {% raw %} \u202e & <b>fed</b>"


class Reader(HTMLParser):
    """Collects the tags and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def mail_about(office: PostOffice, title: str, **match: object) -> EmailMessage:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session, title), **match)  # type: ignore[arg-type]
    office.run()
    return office.only_mail("Alice")


def test_the_headers_that_mail_programs_ask_for(office: PostOffice) -> None:
    mail = mail_about(office, "Krisecenter")

    assert mail["From"] == "Dagsordenvagt <vagt@vagt.example.dk>"
    assert mail["Reply-To"] == "hjaelp@vagt.example.dk"
    assert mail["To"] == "Alice <alice@example.org>"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"].endswith("@vagt.example.dk>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Dagsordenvagt <dagsordenvagt.vagt.example.dk>"
    assert mail["List-Unsubscribe"].startswith("<https://vagt.example.dk/afmeld-et-klik/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def test_hostile_text_stays_text(office: PostOffice) -> None:
    mail = mail_about(office, HOSTILE, said=[HOSTILE], quote=HOSTILE)

    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Aarhus: Sag Bcc: alle@example.org")
    assert [rcpt for rcpt, _ in office.server.raw] == ["alice@example.org"]
    for said in (text_of(mail), html_of(mail)):
        assert "{{ 7 * 7 }}" in said
        assert "\u202e" not in said
    assert "script" not in Reader(html_of(mail)).tags
    assert "b" not in Reader(html_of(mail)).tags


def test_a_hostile_name_and_address_of_a_link_stay_inert(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session, "Sind <img src=x>")
        subscription = a_subscription(session, "Alice", sind)
        subscription.recipient.name = "Alice\r\nBcc: x@example.org <script>"
        item = an_item(session, "Krisecenter")
        item.url, item.meeting.url = "javascript:alert(1)", "data:text/html,x"
        a_match(session, sind, item)

    office.run()

    mail = office.only_mail("Alice")
    assert mail["Bcc"] is None
    read = Reader(html_of(mail))
    assert not {"script", "img"} & set(read.tags)
    assert all(link.startswith("https://") for link in read.links)
    assert "https://vagt.example.dk/sager/" in html_of(mail)


def test_a_title_of_2000_characters_keeps_the_subject_short(office: PostOffice) -> None:
    mail = mail_about(office, "Ombygning " * 200)
    assert len(mail["Subject"]) <= 150
    assert "Ombygning" in mail["Subject"]


@pytest.mark.parametrize(
    "title",
    [
        'Ungestrategi "Plads til alle unge" - endelig vedtagelse',
        "Ældre og ældre ældre 12 unge vedtagelse Børne- § til",
        "Høring – Kvalitetsstandard for ledsageordning efter servicelovens § 97 til 2027",
        "Kulturhuset Kornmagasinet fortsætter i de kendte rammer og søger en ny leder og § 18",
    ],
)
def test_a_subject_reads_as_it_was_written(office: PostOffice, title: str) -> None:
    assert mail_about(office, title)["Subject"] == f"Aarhus: {title}"


def test_the_mail_says_what_the_case_is_and_what_it_says_of_our_matter(office: PostOffice) -> None:
    mail = mail_about(office, "Ombygning af Algade 7", quote="2. at kriserådgivningen får to lokaler | 25.000 kr.")
    for said in (text_of(mail), html_of(mail)):
        assert "Det handler om" in said
        assert "Der står blandt andet" in said
        assert "At kriserådgivningen får to lokaler, 25.000 kr." in said, "without list marks and bars of tables"


def test_the_mail_names_the_money_that_it_does_not_name_already(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session, "Støtte på 300.000 kr. til krisecentret")
        a_match(session, sind, item)
        a_reading(session, item, amounts=("300.000 kr.", "45.000 kr.", "1,2 mio. kr."))
    office.run()
    mail = office.only_mail("Alice")
    assert "Andre beløb: 45.000 kr., 1,2 mio. kr." in text_of(mail)
    assert "45.000 kr. · 1,2 mio. kr." in html_of(mail)


def test_a_smaller_sum_is_not_taken_for_the_end_of_a_larger_one(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session, "Støtte på 250.000 kr. til krisecentret")
        a_match(session, sind, item)
        a_reading(session, item, amounts=("250.000 kr.", "50.000 kr."))
    office.run()
    assert "Andre beløb: 50.000 kr." in text_of(office.only_mail("Alice"))


def test_the_title_is_not_quoted_as_what_the_case_is_about(office: PostOffice) -> None:
    mail = mail_about(office, "Ombygning af Algade 7 i Aarhus", quote="Ombygning af Algade 7 i Aarhus")
    assert "Der står blandt andet" not in text_of(mail)


def test_the_heading_of_a_paper_is_not_quoted(office: PostOffice) -> None:
    title = "Ombygning af Algade 7 i Aarhus"
    mail = mail_about(office, title, quote=f"Bilag til punkt 4: {title}")
    assert "Der står blandt andet" not in text_of(mail)


def test_a_sentence_that_names_the_case_is_quoted(office: PostOffice) -> None:
    mail = mail_about(office, "Varmestue på havnen", quote="Foreningerne driver Varmestue på havnen uden tilskud.")
    assert "Foreningerne driver Varmestue på havnen uden tilskud." in text_of(mail)


def test_a_mail_of_many_long_items_is_shown_whole_by_gmail(office: PostOffice) -> None:
    with office.rows() as session:
        sind, town = an_association(session), a_municipality(session)
        a_subscription(session, "Alice", sind)
        a_subscription(session, "Carol", town, confirmed_at=NOW)
        others = [an_association(session, f"Forening nummer {number}") for number in range(25)]
        meeting = a_meeting(session, municipality=town)
        for number in range(25):
            title = f"Sag {number}: en overskrift, som kun en kommune kan skrive den, med tal og paragraffer"
            item = an_item(session, title, meeting=meeting, decision="Udvalget godkendte indstillingen. " * 40)
            a_reading(session, item, "hearing 2026-11-20", "application 2026-11-27")
            for association in (sind, *others):
                a_match(session, association, item, said=[f"Emnet {word}: 'ord' i Resume." for word in "abcd"])
    office.run(now=NOW)
    office.run(now=NOW + timedelta(days=4))

    for name, items in (("Alice", 25), ("Carol", 15)):
        (mail,) = [one for one in office.mailbox(name) if "Sag 0" in html_of(one)]
        html = html_of(mail)
        assert len(html.encode()) < 100_000
        assert html.count('class="item"') == items
        assert "står i kort form, så hele mailen kan vises" in html
        assert "Afmeld" in html
        assert "står i kort form, så hele mailen kan vises" in text_of(mail)


def test_policy_goals_and_briefs_have_their_place_and_leave_no_trace_while_empty(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_match(office)
    with office.rows() as session:
        a_subscription(session, "Bob", session.scalars(select(Association)).one(), confirmed_at=NOW)
    plain = letters.item_view

    def with_more(story: Story, recipient: Recipient, *rest: Any) -> ItemView:
        view = plain(story, recipient, *rest)
        more = {"goals": ("Færre <ensomme> ældre",), "brief": "https://vagt.example.dk/oplaeg/1"}
        return replace(view, **more) if recipient.name == "Bob" else view

    monkeypatch.setattr(letters, "item_view", with_more)
    office.run()
    for name, there in (("Alice", False), ("Bob", True)):
        mail = office.only_mail(name)
        for said in (text_of(mail), html_of(mail)):
            assert ("Sagen rører ved kommunens mål" in said) is there
            assert ("https://vagt.example.dk/oplaeg/1" in said) is there
        assert ("Færre &lt;ensomme&gt; ældre" in html_of(mail)) is there


def test_outlook_gets_a_frame_that_it_understands(office: PostOffice) -> None:
    one_match(office)
    office.run()
    html = html_of(office.only_mail("Alice"))
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 2


def test_nothing_is_loaded_from_elsewhere(office: PostOffice) -> None:
    """No pictures, style sheets or fonts from a server: opening a mail tells nobody."""
    html = html_of(mail_about(office, "Krisecenter"))
    assert not {"img", "link", "iframe", "object"} & set(Reader(html).tags)
    assert "url(" not in html
    assert "@import" not in html


def test_style_is_inline_and_dark_mode_is_kept(office: PostOffice) -> None:
    html = html_of(mail_about(office, "Krisecenter"))
    assert 'style="' in html
    assert "prefers-color-scheme: dark" in html


def test_the_preview_line_holds_the_best_hit(office: PostOffice) -> None:
    html = html_of(mail_about(office, "Krisecenter", quote="Drift af krisecentret"))
    preview = html.split("<body", 1)[1].split("Dagsordenvagt</p>", 1)[0]
    assert "Social- og Beskæftigelsesudvalget, torsdag den 8. oktober kl. 16. Drift af krisecentret" in preview


def test_officialese_is_explained_once(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session)
        for title in ("Indstilling om § 18-midler", "Ny indstilling"):
            a_match(session, sind, an_item(session, title, meeting=meeting), quote="Forvaltningen indstiller")
    office.run()

    text = text_of(office.only_mail("Alice"))
    assert text.count("Det, som forvaltningen foreslår politikerne at beslutte.") == 1
    assert text.count("§ 18-midler:") == 1
    assert "magistrat" not in text


def test_every_word_of_the_glossary_is_found_by_itself() -> None:
    glossary = read_glossary()
    for entry in glossary.entries:
        assert entry in glossary.used_in(f"Se {entry.word}.", at_most=99), entry.word
    assert glossary.used_in("Cykelstien og Høringsholm", at_most=9) == []


def test_the_calendar_file_holds_the_meeting(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session, place="Rådhuset, lokale 300; 1. sal")
        for title in ("Krisecenter", "Værested"):
            a_match(session, sind, an_item(session, title, meeting=meeting))
    office.run()

    (part,) = office.only_mail("Alice").iter_attachments()
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == MEETING
    assert event.decoded("dtend") == MEETING + timedelta(hours=2)
    assert str(event["summary"]) == "Social- og Beskæftigelsesudvalget, Aarhus Kommune"
    assert str(event["location"]) == "Rådhuset, lokale 300; 1. sal"
    assert str(event["uid"]).endswith("@vagt.example.dk")


def test_advice_fits_the_moment(office: PostOffice) -> None:
    mail = text_of(mail_about(office, "Krisecenter"))
    assert "Vil I have indflydelse, så skriv eller ring inden da til et medlem af " in mail


@pytest.mark.parametrize(
    ("frequency_moment", "expected"),
    [(MEETING - timedelta(hours=1), "Mødet holdes i dag"), (MEETING + timedelta(days=1), "Mødet var i går")],
)
def test_a_late_mail_says_where_the_meeting_is_now(
    office: PostOffice, frequency_moment: datetime, expected: str
) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session))
    office.run(now=frequency_moment)
    assert expected in text_of(office.only_mail("Alice"))


def test_an_address_outside_ascii_keeps_its_form_where_it_can(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        subscription = a_subscription(session, "Alice", sind)
        subscription.recipient.email = "alice@ældresagen.example.dk"
        a_match(session, sind, an_item(session))
    office.run()
    assert [rcpt for rcpt, _ in office.server.raw] == ["alice@xn--ldresagen-f3a.example.dk"]


def test_one_reader_whose_mail_cannot_be_made_stops_nobody(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob"):
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))
        session.query(Recipient).filter(Recipient.name == "Alice").one().email = "alice\r\nBcc: x@example.org"

    report = office.run()

    assert len(office.mailbox("Bob")) == 1
    assert len(office.server.mails) == 1
    assert not report.all_fine
    assert set(report.problems) == {"En mail kunne ikke laves (ValueError); se `dagsordenvagt mails`."}


def test_the_sender_is_who_the_settings_say(office: PostOffice, office_with: Callable[..., PostOffice]) -> None:
    plain = sender_for(office_with(mail_from="vagt@localhost", contact="", base_url="http://127.0.0.1:8000").settings)
    assert (plain.name, plain.address, plain.reply_to) == ("Dagsordenvagt", "vagt@localhost", "vagt@localhost")
    assert plain.host == "127.0.0.1"


def test_committee_kinds_are_explained(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        meeting = a_meeting(session, "Handicaprådet", municipality=a_municipality(session))
        assert meeting.committee.kind is CommitteeKind.ADVISORY
        a_match(session, sind, an_item(session, meeting=meeting))
    office.run()
    assert "Handicaprådet (råd, der rådgiver politikerne)" in text_of(office.only_mail("Alice"))


MONTHS = ("januar", "februar", "marts", "april", "maj", "juni")
MONTHS += ("juli", "august", "september", "oktober", "november", "december")


@pytest.mark.parametrize(("month", "name"), list(enumerate(MONTHS, start=1)))
def test_months_are_danish(month: int, name: str) -> None:
    assert day(date(2026, month, 1)).endswith(f" den 1. {name}")


def test_dates_as_danes_write_them() -> None:
    moment = datetime(2026, 10, 8, 16, 30, tzinfo=COPENHAGEN)
    assert day_and_time(moment) == "torsdag den 8. oktober kl. 16.30"
    assert day_and_time(moment, time_known=False) == "torsdag den 8. oktober"
    assert day(moment, today=date(2025, 12, 1)) == "torsdag den 8. oktober 2026"
    assert clock(moment.replace(minute=0)) == "kl. 16"
    assert [day(date(2026, 10, 5 + n)).split()[0] for n in range(7)] == [
        "mandag",
        "tirsdag",
        "onsdag",
        "torsdag",
        "fredag",
        "lørdag",
        "søndag",
    ]


def test_days_are_counted_by_the_calendar_also_over_a_night_of_25_hours() -> None:
    evening = datetime(2026, 10, 24, 23, 0, tzinfo=COPENHAGEN)
    assert distance(datetime(2026, 10, 25, 0, 30, tzinfo=COPENHAGEN), evening) == "i morgen"
    assert distance(datetime(2026, 10, 26, 23, 30, tzinfo=COPENHAGEN), evening) == "om 2 dage"
    assert distance(datetime(2026, 10, 21, 10, 0, tzinfo=COPENHAGEN), evening) == "for 3 dage siden"


def test_lists_and_long_texts() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b og c"
    assert one_line("soft\u00adhyphen\nog\tmere") == "softhyphen og mere"
    assert one_line("et to tre fire fem", 12) == "et to tre…"
    assert shortened("Første linje.\n\nAnden linje.", 100) == "Første linje.\nAnden linje."
    assert shortened("Første linje.\n" * 20, 60).endswith("…")
