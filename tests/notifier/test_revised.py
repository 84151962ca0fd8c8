"""What readers hear of an item that changes after they were told of it."""

from datetime import timedelta

from icalendar import Calendar

from storage.models import (
    AgendaItem,
    Analysis,
    Frequency,
    Grade,
    Stage,
)
from tests.factories import (
    MEETING,
    NOW,
    a_match,
    a_reading,
    a_subscription,
    an_association,
)
from tests.notifier.conftest import PostOffice, html_of, text_of
from tests.notifier.worlds import AFTER, one_match, revise


def test_minutes_of_a_told_item_come_as_a_follow_up_in_the_thread(office: PostOffice) -> None:
    item, sind = one_match(office)
    office.run()
    decision = "Udvalget godkendte indstillingen og afsatte 2 mio. kr. til kriserådgivningen."
    revise(office, item, changes=["decision"], seen_at=AFTER, stage=Stage.MINUTES, decision=decision, matched=sind)

    office.run(now=AFTER)

    first, second = office.mailbox("Alice")
    assert second["Subject"].startswith("Aarhus: Budgetforslag")
    assert "beslutningen er kommet" in second["Subject"]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in second["References"]
    assert decision in text_of(second)
    assert decision in html_of(second)
    office.run(now=AFTER + timedelta(days=1))
    assert len(office.mailbox("Alice")) == 2


def test_minutes_are_told_even_when_the_new_text_matches_nothing(office: PostOffice) -> None:
    item, _ = one_match(office)
    office.run()
    revise(office, item, changes=["decision"], seen_at=AFTER, stage=Stage.MINUTES, decision="Udsat.", text="Resume.")

    office.run(now=AFTER)

    assert "Udsat." in text_of(office.mailbox("Alice")[1])


def test_a_changed_text_shows_what_is_new_in_it(office: PostOffice) -> None:
    item, sind = one_match(office, quote="")
    old = "Forvaltningen indstiller, at kriserådgivningen for psykisk sårbare fortsætter."
    office.run()
    fresh = "Tilskuddet sættes ned med 1,2 mio. kr. jf. bilag 2. Det sker fra 1. januar."
    revise(office, item, changes=["text"], text=f"{old}\n{fresh}", matched=sind)

    office.run(now=NOW + timedelta(days=1))

    mail = office.mailbox("Alice")[1]
    assert "NYT: Teksten er ændret" in text_of(mail)
    assert f"»{fresh}«" in " ".join(text_of(mail).split())
    assert "Nyt i teksten" in html_of(mail)
    assert f'">{fresh}</p>' in html_of(mail)


def test_a_sum_in_what_is_new_is_not_said_again(office: PostOffice) -> None:
    item, sind = one_match(office, quote="")
    old = " ".join(f"Forvaltningen har i runde {number} spurgt alle foreninger i kommunen." for number in range(20))
    revise(office, item, changes=["text"], text=old, matched=sind)
    office.run()
    revise(office, item, changes=["text"], text=f"{old}\nTilskuddet sættes ned med 1,2 mio. kr. i 2027.", matched=sind)
    with office.rows() as session:
        a_reading(session, session.get_one(AgendaItem, item), amounts=("1,2 mio. kr.",))

    office.run(now=NOW + timedelta(days=1))

    said = text_of(office.mailbox("Alice")[1])
    assert said.count("1,2 mio. kr.") == 1
    assert "eløb" not in said


def test_a_text_that_lost_something_or_is_all_new_quotes_nothing(office: PostOffice) -> None:
    item, sind = one_match(office, quote="")
    office.run()
    for days, text in ((2, "Noget helt andet. Og mere."), (4, "Noget helt andet.")):
        revise(office, item, changes=["text"], text=text, matched=sind)
        office.run(now=NOW + timedelta(days=days))
    mails = office.mailbox("Alice")[1:]
    assert len(mails) == 2
    assert not [mail for mail in mails if "Nyt i teksten" in text_of(mail)]


def test_a_republished_agenda_with_a_new_attachment_says_so(office: PostOffice) -> None:
    item, sind = one_match(office)
    office.run()
    revise(office, item, changes=["attachment_added"], attachments=["Høringssvar fra Handicaprådet"], matched=sind)

    office.run(now=NOW + timedelta(days=1))

    _, second = office.mailbox("Alice")
    assert "nyt bilag" in second["Subject"]
    assert "Høringssvar fra Handicaprådet" in text_of(second)


def test_a_cosmetic_change_makes_no_mail(office: PostOffice) -> None:
    item, sind = one_match(office)
    office.run()
    revise(office, item, changes=["text"], material=False, matched=sind)
    revise(office, item, changes=[], matched=sind)

    office.run(digest=True, now=NOW + timedelta(days=1))

    assert len(office.mailbox("Alice")) == 1


def test_a_withdrawn_item_is_told_to_those_who_knew_and_its_text_is_not_repeated(office: PostOffice) -> None:
    item, _ = one_match(office)
    with office.rows() as session:
        other = an_association(session, "Baglandet")
        a_subscription(session, "Bob", other, frequency=Frequency.WEEKLY, confirmed_at=NOW)
        a_match(session, other, session.get_one(AgendaItem, item))
    office.run()
    revise(office, item, changes=["withdrawn"])

    office.run(digest=True, now=NOW + timedelta(days=1))

    _, second = office.mailbox("Alice")
    assert "taget af dagsordenen" in second["Subject"]
    assert "kriserådgivningen for" not in text_of(second)
    (part,) = second.iter_attachments()
    (lost,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    (kept,) = Calendar.from_ical(next(iter(office.mailbox("Alice")[0].iter_attachments())).get_content()).walk("VEVENT")
    assert part["Content-Type"].params["method"] == "CANCEL"
    assert (lost["uid"], lost["status"]) == (kept["uid"], "CANCELLED")
    assert int(lost["sequence"]) > int(kept["sequence"])
    assert "Budgetforslag" not in text_of(office.only_mail("Bob"))


def test_a_moved_meeting_is_told_with_its_new_time_and_corrects_the_calendar(office: PostOffice) -> None:
    item, sind = one_match(office)
    office.run()
    with office.rows() as session:
        session.get_one(AgendaItem, item).meeting.starts_at = MEETING + timedelta(days=7, hours=1)
    revise(office, item, changes=["moved"], matched=sind)

    office.run(now=NOW + timedelta(days=1))

    first, second = office.mailbox("Alice")
    assert "mødet er flyttet" in second["Subject"]
    assert "torsdag den 15. oktober kl. 17" in text_of(second)
    events = [
        Calendar.from_ical(next(mail.iter_attachments()).get_content()).walk("VEVENT")[0] for mail in (first, second)
    ]
    assert events[0]["uid"] == events[1]["uid"]
    assert [int(event["sequence"]) for event in events] == [0, 1]


def test_only_the_newest_of_several_revisions_is_told_and_the_older_never_come_later(office: PostOffice) -> None:
    item, sind = one_match(office)
    revise(office, item, changes=["text"], text="Ny tekst.", matched=sind)
    revise(office, item, changes=["attachment_added"], attachments=["Bilag 1"], matched=sind)

    office.run()
    office.run(digest=True, now=NOW + timedelta(days=1))
    office.run(digest=True, now=NOW + timedelta(days=8))

    assert len(office.mailbox("Alice")) == 1


def test_an_item_that_waited_for_a_digest_is_told_with_its_decision(office: PostOffice) -> None:
    """The minutes came before Monday did: what lay ahead when it was seen is not lost."""
    item, sind = one_match(office, grade=Grade.WEAK)
    revise(office, item, changes=["decision"], seen_at=AFTER, stage=Stage.MINUTES, decision="Godkendt.", matched=sind)

    office.run(digest=True, now=AFTER)

    assert "Godkendt." in text_of(office.only_mail("Alice"))


def test_a_newer_text_that_no_longer_concerns_the_profile_is_not_told(office: PostOffice) -> None:
    item, _ = one_match(office)
    revise(office, item, changes=["text"], text="Om noget helt andet.")
    with office.rows() as session:
        newest = session.get_one(AgendaItem, item).newest
        session.add(Analysis(revision_id=newest.id, version="1", terms={}, signals={}, analysed_at=NOW))

    office.run()

    assert office.server.mails == []
