"""What is asked for at a visit: news always, what is open once a day, what failed when its time comes."""

from datetime import datetime, timedelta

import pytest

from config.clock import COPENHAGEN
from crawler.freshness import to_read
from crawler.items import Known, ListedMeeting, Stage

NIGHT = datetime(2026, 3, 10, 3, 15, tzinfo=COPENHAGEN)
MIDDAY, EVENING = NIGHT.replace(hour=12, minute=30), NIGHT.replace(hour=18)
NEXT_NIGHT = NIGHT + timedelta(days=1)


def line(days: float = 5, platform_id: str = "m", stage: Stage = "agenda", fingerprint: str = "1") -> ListedMeeting:
    """A line whose meeting begins at 16, ``days`` from the night."""
    return ListedMeeting(
        platform_id=platform_id,
        committee_name="Byrådet",
        name="",
        stage=stage,
        starts_at=NIGHT.replace(hour=16, minute=0) + timedelta(days=days),
        fingerprint=fingerprint,
    )


def asked(moment: datetime, one: ListedMeeting, known: Known | None, *, minutes_listed: bool = True) -> bool:
    reading = to_read([one], {one.platform_id: known} if known else {}, moment, minutes_listed=minutes_listed)
    return reading.wanted == (one,)


def read(at: datetime) -> Known:
    return Known(fingerprint="1", read_at=at)


def test_what_is_new_or_changed_or_shows_no_sign_of_change_is_asked_for() -> None:
    assert asked(MIDDAY, line(), None)
    assert asked(MIDDAY, line(fingerprint="2"), read(NIGHT))
    assert asked(MIDDAY, line(fingerprint=""), Known(fingerprint="", read_at=NIGHT))
    assert not asked(MIDDAY, line(), read(NIGHT))


@pytest.mark.parametrize(
    ("days", "minutes_listed", "again"),
    [(60, True, True), (1, True, True), (-13, True, True), (-16, True, False), (-16, False, True), (-40, False, False)],
)
def test_open_meetings_are_read_again_each_night_and_not_in_between(
    days: float, minutes_listed: bool, again: bool
) -> None:
    assert asked(NEXT_NIGHT, line(days), read(NIGHT), minutes_listed=minutes_listed) is again
    assert not asked(MIDDAY, line(days), read(NIGHT), minutes_listed=minutes_listed)
    assert not asked(EVENING, line(days), read(NIGHT), minutes_listed=minutes_listed)


def test_a_night_that_was_missed_is_made_up_for_at_midday() -> None:
    assert asked(MIDDAY + timedelta(days=1), line(), read(NIGHT))


def test_on_its_own_day_a_meeting_is_read_again_at_midday_and_in_the_evening() -> None:
    today = line(0)
    assert asked(MIDDAY, today, read(NIGHT))
    assert asked(EVENING, today, read(MIDDAY))
    # A sweep right after another asks for nothing.
    assert not asked(MIDDAY + timedelta(minutes=5), today, read(MIDDAY))


def test_an_agenda_whose_minutes_are_listed_is_history() -> None:
    agenda, minutes = line(-1, "a"), line(-1, "r", "minutes")
    known = {"a": read(NIGHT), "r": read(NIGHT)}
    reading = to_read([agenda, minutes], known, NEXT_NIGHT, minutes_listed=True)
    assert (reading.wanted, reading.again) == ((minutes,), 1)


def test_what_failed_waits_for_its_time_but_for_a_new_sign_or_the_meeting_day() -> None:
    failed = Known(fingerprint="1", next_attempt_at=EVENING)
    assert not asked(MIDDAY, line(), failed)
    assert asked(EVENING, line(), failed)
    assert asked(MIDDAY, line(fingerprint="2"), failed)
    assert asked(MIDDAY, line(0), failed)
    assert asked(MIDDAY, line(), Known(fingerprint="1"))


def test_soonest_ahead_first_then_backwards_and_the_agenda_before_its_minutes() -> None:
    late = [line(9, "extra", "supplementary"), line(9, "later")]
    lines = [line(-20, "old"), line(-2, "r", "minutes"), line(-2, "a"), *late, line(1, "soon")]
    wanted = to_read(lines, {}, NIGHT, minutes_listed=True).wanted
    assert [one.platform_id for one in wanted] == ["soon", "later", "extra", "a", "r", "old"]
