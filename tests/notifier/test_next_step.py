"""A case that goes on to another committee is told there too, whatever its words; and nothing that merely looks so."""

from datetime import timedelta

from sqlalchemy import select

from storage.models import Association, Feedback, Frequency, Grade, Meeting, Verdict
from tests.factories import MEETING, NOW, a_match, a_meeting, a_reading, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice, text_of

CASE = "27.15.12-A00-1-26"
DAY = timedelta(days=1)
LATER = NOW + 8 * DAY


def told_in_the_committee(office: PostOffice, *, case: str = CASE, grade: Grade = Grade.STRONG) -> None:
    """Alice watches for Sind Aarhus and was told of a case, surely or in her weekly digest."""
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session, case=case), grade=grade)
    office.run(digest=True, now=NOW + 5 * DAY)


def comes_up(office: PostOffice, committee: str = "Byrådet", *, case: str = CASE, **item: object) -> None:
    """The case on a later agenda, with words that say nothing to the association."""
    with office.rows() as session:
        meeting = a_meeting(session, committee, starts_at=MEETING + 14 * DAY)
        row = an_item(session, "Endelig fordeling", meeting=meeting, case=case, **{"seen_at": LATER} | item)
        a_reading(session, row)


def mails_about_it(office: PostOffice) -> list[str]:
    return [text for mail in office.mailbox("Alice") if "Endelig fordeling" in (text := text_of(mail))]


def test_the_next_committee_is_told_though_the_words_do_not_match(office: PostOffice) -> None:
    told_in_the_committee(office)
    comes_up(office)

    office.run(now=LATER)
    office.run(digest=True, now=LATER + DAY)

    (text,) = mails_about_it(office)
    assert "I fik besked om sagen, da den var i Social- og Beskæftigelsesudvalget." in text
    first, second = office.mailbox("Alice")[0], office.mailbox("Alice")[-1]
    assert first["Message-ID"] in second["References"]


def test_a_doubtful_find_of_a_known_case_is_sure(office: PostOffice) -> None:
    told_in_the_committee(office)
    comes_up(office)
    with office.rows() as session:
        meeting = session.scalars(select(Meeting).order_by(Meeting.id.desc())).first()
        assert meeting is not None
        a_match(session, session.scalars(select(Association)).one(), meeting.items[0], grade=Grade.WEAK)

    office.run(now=LATER)

    (text,) = mails_about_it(office)
    assert "Emnet psykisk sårbarhed" in text
    assert "Muligt fund" not in text


def test_what_was_doubtful_or_unwanted_before_is_not_followed(office: PostOffice) -> None:
    told_in_the_committee(office, grade=Grade.WEAK)
    comes_up(office)
    office.run(now=LATER)
    assert not mails_about_it(office)


def test_a_case_that_was_called_irrelevant_is_left_alone(office: PostOffice) -> None:
    told_in_the_committee(office)
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        session.add(Feedback(association_id=sind.id, item_id=1, verdict=Verdict.NOT_RELEVANT, about=[], given_at=NOW))
    comes_up(office)
    office.run(now=LATER)
    assert not mails_about_it(office)


def test_the_same_committees_next_meeting_is_no_step(office: PostOffice) -> None:
    told_in_the_committee(office)
    comes_up(office, "Social- og Beskæftigelsesudvalget")
    office.run(now=LATER)
    assert not mails_about_it(office), "a yearly number covers the reports of every month"


def test_the_archive_a_late_sight_and_the_past_are_no_steps(office: PostOffice) -> None:
    told_in_the_committee(office)
    comes_up(office, "Byrådet", backfill=True)
    comes_up(office, "Økonomiudvalget", seen_at=MEETING + 15 * DAY)
    office.run(now=MEETING + 16 * DAY)
    comes_up(office, "Magistraten")
    office.run(now=MEETING + 30 * DAY)
    assert not mails_about_it(office)


def test_a_new_step_reaches_weekly_readers_in_their_digest(office: PostOffice) -> None:
    told_in_the_committee(office)
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        a_subscription(session, "Bo", sind, frequency=Frequency.WEEKLY, confirmed_at=LATER - DAY)
    comes_up(office)
    office.run(now=LATER)
    assert not [mail for mail in office.mailbox("Bo") if "Endelig fordeling" in text_of(mail)]
    office.run(now=LATER + 4 * DAY)
    assert [mail for mail in office.mailbox("Bo") if "Endelig fordeling" in text_of(mail)]
