"""Immediate mails at a bearable pace: nights, holidays, one at a time, flapping items, profiles that are too broad."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import COPENHAGEN
from notifier.quiet import QuietHours, is_holiday, read_quiet_hours
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    JobRun,
    Match,
    MatchOrigin,
    ProfileCheck,
    Subscription,
    SubscriptionStatus,
)
from storage.subscription_life import pause
from tests.factories import (
    MEETING,
    NOW,
    a_match,
    a_meeting,
    a_revision,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, text_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


QUIET = [
    # moment, quiet?, when it ends
    ("2026-10-01T19:59", False, "2026-10-01T19:59"),
    ("2026-10-01T20:00", True, "2026-10-02T07:00"),
    ("2026-10-02T00:00", True, "2026-10-02T07:00"),
    ("2026-10-02T06:59", True, "2026-10-02T07:00"),
    ("2026-10-02T07:00", False, "2026-10-02T07:00"),
    ("2026-10-24T23:30", True, "2026-10-25T07:00"),  # the night of 25 hours
    ("2027-03-27T23:30", True, "2027-03-28T07:00"),  # the night of 23 hours is Easter Saturday's; Easter Day is off
    ("2026-04-01T21:00", True, "2026-04-04T07:00"),  # Maundy Thursday and Good Friday are off, the Saturday is not
    ("2026-04-05T12:00", True, "2026-04-07T07:00"),  # Easter Day and Monday
    ("2026-05-01T10:00", False, "2026-05-01T10:00"),  # most people work on the first of May
    ("2026-05-14T10:00", True, "2026-05-15T07:00"),  # Ascension Day
    ("2026-06-05T10:00", True, "2026-06-06T07:00"),  # Constitution Day
    ("2026-12-23T21:00", True, "2026-12-27T07:00"),  # Christmas: three days in a row
    ("2026-12-31T10:00", True, "2027-01-02T07:00"),  # New Year's Eve and Day
    ("2028-02-28T22:00", True, "2028-02-29T07:00"),  # a leap day
]


@pytest.mark.parametrize(("moment", "quiet", "ends"), [row for row in QUIET if row[0] != "2027-03-27T23:30"])
def test_nights_and_holidays_are_quiet(moment: str, quiet: bool, ends: str) -> None:
    hours = QuietHours()
    assert hours.over(at(moment)) is quiet
    assert hours.end_after(at(moment)) == at(ends)


def test_easter_of_2027_falls_on_the_night_the_clocks_go_forward() -> None:
    assert is_holiday(date(2027, 3, 28))
    assert QuietHours().end_after(at("2027-03-27T23:30")) == at("2027-03-30T07:00")


def test_quiet_hours_are_read_from_the_settings() -> None:
    assert read_quiet_hours("22-6") == QuietHours(22, 6)
    assert read_quiet_hours("") is None
    assert QuietHours(1, 5).at_night(at("2026-10-01T03:00"))
    assert not QuietHours(1, 5).at_night(at("2026-10-01T23:00"))


def found(office: PostOffice, count: int = 1, *, starts_at: datetime = MEETING, title: str = "Sag") -> list[int]:
    """Alice watches for Sind Aarhus, and items of one meeting were found."""
    with office.rows() as session:
        sind = session.query(Association).first()
        if sind is None:
            sind = an_association(session)
            a_subscription(session, "Alice", sind)
        meeting = a_meeting(session, f"{title}udvalget", starts_at=starts_at)
        items = [an_item(session, f"{title} {number}", meeting=meeting) for number in range(count)]
        for item in items:
            a_match(session, sind, item)
        return [item.id for item in items]


def revise(office: PostOffice, item: int, seen_at: datetime, **revision: object) -> None:
    with office.rows() as session:
        a_revision(session, session.get_one(AgendaItem, item), seen_at=seen_at, **revision)  # type: ignore[arg-type]


EVENING, MORNING = at("2026-10-01T21:00"), at("2026-10-02T07:00")


def test_a_mail_found_at_night_comes_in_the_morning(office: PostOffice) -> None:
    found(office)
    office.serve(now=EVENING)
    office.serve(now=MORNING - timedelta(minutes=1))
    assert office.mailbox("Alice") == []
    office.serve(now=MORNING)
    assert len(office.mailbox("Alice")) == 1


def test_a_pause_that_ends_at_midnight_wakes_nobody(office: PostOffice) -> None:
    found(office)
    with office.rows() as session:
        one = session.scalars(select(Subscription)).one()
        pause(session, one, (EVENING + timedelta(days=1)).date())
    office.serve(now=MORNING - timedelta(hours=4))
    assert office.mailbox("Alice") == []
    office.serve(now=MORNING)
    assert "Velkommen tilbage" in text_of(office.only_mail("Alice"))


def test_a_broken_profile_found_by_the_night_sweep_is_told_of_in_the_morning(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        assert sind.profile is not None
        check = ProfileCheck(profile_id=sind.profile.id, profile_hash=sind.profile.content_hash, version="1")
        check.origin, check.problem = MatchOrigin.PUBLISHED, "Emnet findes ikke længere."
        session.add(check)
    office.serve(now=MORNING - timedelta(hours=4))
    assert office.mailbox("Alice") == []
    office.serve(now=MORNING)
    assert "kan ikke finde noget" in office.only_mail("Alice")["Subject"]


def test_a_second_try_waits_for_the_morning_and_a_confirmation_does_not(office: PostOffice) -> None:
    found(office)
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        a_subscription(session, "Bo", sind, status=SubscriptionStatus.PENDING)
    office.faults.greylist |= {"alice@example.org", "bo@example.org"}
    office.serve(now=EVENING.replace(hour=19))
    office.serve(now=MORNING - timedelta(hours=4))
    assert (len(office.mailbox("Alice")), len(office.mailbox("Bo"))) == (0, 1)
    office.serve(now=MORNING)
    assert len(office.mailbox("Alice")) == 1


def test_a_meeting_within_two_days_is_told_at_any_hour(office: PostOffice) -> None:
    found(office, starts_at=EVENING + timedelta(hours=47))
    office.serve(now=EVENING)
    assert len(office.mailbox("Alice")) == 1


def test_a_deadline_within_two_days_is_told_at_any_hour(office: PostOffice) -> None:
    (item,) = found(office)
    with office.rows() as session:
        deadline = {
            "kind": "hearing",
            "day": "2026-10-02",
            "clock": None,
            "sentence": "Frist 2/10",
            "year_given": False,
        }
        revision = session.get_one(AgendaItem, item).newest
        signals = {"deadlines": [deadline]}
        session.add(Analysis(revision_id=revision.id, version="1", terms={}, signals=signals, analysed_at=NOW))
    office.serve(now=EVENING)
    assert "HØRINGSFRIST: fredag den 2. oktober (i morgen)" in text_of(office.only_mail("Alice"))


def test_who_runs_one_round_by_hand_waits_for_no_morning(office: PostOffice) -> None:
    """Nobody knows when the next round comes: a timer at three at night would never mail anything."""
    found(office)
    office.run(now=EVENING)
    assert len(office.mailbox("Alice")) == 1


def test_news_of_ten_minutes_make_one_mail(office: PostOffice) -> None:
    found(office, title="Første")
    office.serve(now=NOW)
    for minutes in (2, 4, 6):
        found(office, title=f"Efter {minutes}")
        office.serve(now=NOW + timedelta(minutes=minutes))
    assert len(office.mailbox("Alice")) == 1
    office.serve(now=NOW + timedelta(minutes=10))
    _, second = office.mailbox("Alice")
    assert text_of(second).count("Behandles af:") == 3


def test_while_an_agenda_is_being_read_the_mail_waits_but_not_for_ever(office: PostOffice) -> None:
    found(office)
    with office.rows() as session:
        session.add(JobRun(job="match", started_at=NOW, summary={}))
        session.query(Match).one().found_at = NOW
    office.serve(now=NOW + timedelta(minutes=1))
    assert office.mailbox("Alice") == []
    office.serve(now=NOW + timedelta(minutes=10))
    assert len(office.mailbox("Alice")) == 1


def test_a_reading_that_has_ended_holds_nothing_back(office: PostOffice) -> None:
    found(office)
    with office.rows() as session:
        session.add(JobRun(job="match", started_at=NOW - timedelta(hours=1), summary={}))  # it was killed
        session.add(JobRun(job="match", started_at=NOW, finished_at=NOW, summary={}))
        session.query(Match).one().found_at = NOW
    office.serve(now=NOW + timedelta(minutes=1))
    assert len(office.mailbox("Alice")) == 1


def test_a_flapping_item_makes_one_mail_of_changes_a_day(office: PostOffice) -> None:
    (item,) = found(office)
    office.run()
    for hours, name in ((1, "Bilag A"), (3, "Bilag B"), (5, "Bilag C")):
        moment = NOW + timedelta(hours=hours)
        revise(office, item, moment, changes=["attachment_added"], attachments=[name])
        office.run(now=moment)
    assert len(office.mailbox("Alice")) == 2
    office.run(now=NOW + timedelta(hours=25))
    news, first, second = office.mailbox("Alice")
    assert "Bilag A" in text_of(first)
    assert "Bilag C" in text_of(second)
    assert second["References"].split() == [news["Message-ID"], first["Message-ID"]]


def test_a_moved_meeting_that_is_near_does_not_cool_down(office: PostOffice) -> None:
    start = NOW + timedelta(hours=30)
    (item,) = found(office, starts_at=start)
    office.run()
    revise(office, item, NOW + timedelta(hours=1), changes=["attachment_added"], attachments=["Bilag"])
    office.run(now=NOW + timedelta(hours=1))
    revise(office, item, NOW + timedelta(hours=2), changes=["moved"])
    office.run(now=NOW + timedelta(hours=2))
    assert "mødet er flyttet" in office.mailbox("Alice")[2]["Subject"]


def test_an_item_that_came_back_to_what_was_told_makes_no_mail(office: PostOffice) -> None:
    (item,) = found(office)
    office.run()
    revise(office, item, NOW, changes=["text"], text="Noget andet.")
    revise(office, item, NOW, changes=["text"])
    with office.rows() as session:
        revisions = session.get_one(AgendaItem, item).revisions
        revisions[2].meaning_hash = revisions[0].meaning_hash
    office.run(digest=True, now=NOW + timedelta(days=1))
    assert len(office.mailbox("Alice")) == 1


def test_withdrawn_and_back_again_before_anybody_was_told_makes_no_mail(office: PostOffice) -> None:
    (item,) = found(office)
    office.run()
    revise(office, item, NOW, changes=["withdrawn"])
    revise(office, item, NOW, changes=["published"])
    with office.rows() as session:
        revisions = session.get_one(AgendaItem, item).revisions
        for one in revisions:
            one.meaning_hash = revisions[0].meaning_hash
    office.run(digest=True, now=NOW + timedelta(days=1))
    assert len(office.mailbox("Alice")) == 1


def test_more_than_thirty_items_a_day_make_one_mail_that_says_how_to_get_fewer(office: PostOffice) -> None:
    found(office, 20, title="Morgen")
    office.run()
    found(office, 15, title="Middag")
    office.run(now=NOW + timedelta(hours=3))
    found(office, 5, title="Aften")
    office.run(now=NOW + timedelta(hours=9))

    first, second = office.mailbox("Alice")
    assert "Jeres profil er nok for bred" not in text_of(first)
    text = text_of(second)
    assert text.count("Behandles af:") == 15
    assert "Jeres profil er nok for bred" in text
    assert "/indstillinger/" in text
    office.run(now=NOW + timedelta(days=1))
    assert text_of(office.mailbox("Alice")[2]).count("Behandles af:") == 5


def test_a_near_meeting_is_told_also_on_a_day_of_too_much(office: PostOffice) -> None:
    found(office, 40)
    office.run()
    found(office, 1, starts_at=NOW + timedelta(hours=30), title="Haster")
    office.run(now=NOW + timedelta(hours=1))
    assert "Haster" in office.mailbox("Alice")[1]["Subject"]


def test_settings_that_make_no_sense_are_refused(office_with: Callable[..., PostOffice]) -> None:
    assert office_with(quiet_hours="22 - 6").settings.quiet_hours == "22-6"
    for value in ("20", "20-25", "7-7", "aften"):
        with pytest.raises(ValueError, match="two hours of the day"):
            office_with(quiet_hours=value)
