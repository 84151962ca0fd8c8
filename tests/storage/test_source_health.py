"""What a source is called, and why: compared with what normally comes."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from config.clock import COPENHAGEN
from storage.engine import reading, transaction
from storage.models import CrawlOutcome, CrawlRun, PublicationStatus, SourceState
from storage.quiet_time import after_busy_days, busy_days, is_quiet, usual_gap
from storage.rhythm import note_rhythm
from storage.source_health import Facts, Judgement, judge
from storage.source_report import one_cause, source_reports, summary
from tests.factories import NOW, a_meeting, a_municipality, a_visit

OCTOBER = NOW
JULY = datetime(2026, 7, 20, 9, 0, tzinfo=COPENHAGEN)
NEW_COUNCIL = datetime(2030, 1, 25, 9, 0, tzinfo=COPENHAGEN)

GOOD: dict[str, Any] = {"outcome": CrawlOutcome.OK, "listed": 20, "ahead": 4, "stored": 20, "list_is_whole": True}
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


def judged(now: datetime = OCTOBER, **facts: Any) -> Judgement:
    given = GOOD | {"last_success_at": now - 3 * HOURS, "newest_at": now - 2 * DAYS, "usual_gap_days": 4} | facts
    return judge(Facts(name="Vejle", **given), now)


CASES = [
    ("read this morning", SourceState.HEALTHY, {}, OCTOBER),
    ("never visited", SourceState.NEVER, {"outcome": None, "last_success_at": None}, OCTOBER),
    ("no adapter", SourceState.UNSUPPORTED, {"outcome": CrawlOutcome.UNSUPPORTED}, OCTOBER),
    ("wrong entry", SourceState.FAILING, {"config_problem": "'url' is missing."}, OCTOBER),
    ("left the catalogue", SourceState.INACTIVE, {"active": False}, OCTOBER),
    ("empty after many", SourceState.EMPTY, {"outcome": CrawlOutcome.EMPTY, "meetings_listed": 40}, OCTOBER),
    (
        "empty at its first visit ever",
        SourceState.EMPTY,
        {"outcome": CrawlOutcome.EMPTY, "last_success_at": None, "newest_at": None, "listed": None},
        OCTOBER,
    ),
    ("a whole list empty in July", SourceState.EMPTY, {"outcome": CrawlOutcome.EMPTY}, JULY),
    (
        "a window empty in July",
        SourceState.HEALTHY,
        {"outcome": CrawlOutcome.EMPTY, "list_is_whole": False, "failure_streak": 3},
        JULY,
    ),
    (
        "a window empty since April",
        SourceState.EMPTY,
        {"outcome": CrawlOutcome.EMPTY, "list_is_whole": False, "last_success_at": JULY - 90 * DAYS},
        JULY,
    ),
    ("an old system left behind", SourceState.EMPTY, {"listed": 0, "ahead": 0, "newest_at": None}, OCTOBER),
    ("nothing recent in July", SourceState.HEALTHY, {"listed": 0, "ahead": 0, "newest_at": None}, JULY),
    ("failed once", SourceState.FAILING, {"outcome": CrawlOutcome.FAILED, "failure_streak": 1}, OCTOBER),
    ("refused", SourceState.BLOCKED, {"outcome": CrawlOutcome.BLOCKED, "failure_streak": 1}, OCTOBER),
    ("not read for two days", SourceState.LATE, {"last_success_at": OCTOBER - 2 * DAYS}, OCTOBER),
    ("read yesterday", SourceState.HEALTHY, {"last_success_at": OCTOBER - 30 * HOURS}, OCTOBER),
    ("no news for a month", SourceState.LATE, {"newest_at": OCTOBER - 30 * DAYS}, OCTOBER),
    (
        "no news for a month, always slow",
        SourceState.HEALTHY,
        {"newest_at": OCTOBER - 30 * DAYS, "usual_gap_days": 12},
        OCTOBER,
    ),
    ("no news in July", SourceState.HEALTHY, {"newest_at": JULY - 20 * DAYS}, JULY),
    ("no news while a new council forms", SourceState.HEALTHY, {"newest_at": NEW_COUNCIL - 45 * DAYS}, NEW_COUNCIL),
    (
        "nothing ahead, as never before",
        SourceState.LATE,
        {"ahead": 0, "always_ahead": True, "ahead_until": OCTOBER - 6 * DAYS},
        OCTOBER,
    ),
    (
        "nothing ahead since yesterday",
        SourceState.HEALTHY,
        {"ahead": 0, "always_ahead": True, "ahead_until": OCTOBER - DAYS},
        OCTOBER,
    ),
    ("nothing ahead, as often", SourceState.HEALTHY, {"ahead": 0, "ahead_until": OCTOBER - 6 * DAYS}, OCTOBER),
    (
        "nothing ahead in July",
        SourceState.HEALTHY,
        {"ahead": 0, "always_ahead": True, "ahead_until": JULY - 15 * DAYS},
        JULY,
    ),
    ("most papers fail", SourceState.FAILING, {"outcome": CrawlOutcome.PARTIAL, "stored": 1, "failed": 19}, OCTOBER),
]


@pytest.mark.parametrize(("state", "facts", "now"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_state_follows_from_what_normally_comes(state: SourceState, facts: dict[str, Any], now: datetime) -> None:
    found = judged(now, **facts)
    assert found.state is state
    assert found.why.endswith(".")
    assert found.advice or state in {SourceState.HEALTHY, SourceState.INACTIVE}


def test_a_few_failed_papers_are_a_remark_and_a_streak_is_counted() -> None:
    few = judged(outcome=CrawlOutcome.PARTIAL, failed=2)
    assert (few.state, few.remark) == (SourceState.HEALTHY, True)
    assert few.why == "Læst, men 2 dagsordener og referater kunne ikke læses."
    failing = judged(outcome=CrawlOutcome.FAILED, failure_streak=4, last_error="HTTP 503", failing_since=OCTOBER - DAYS)
    assert failing.why == "Siden kunne ikke læses ved de seneste 4 besøg."
    assert (failing.detail, failing.since) == ("HTTP 503", OCTOBER - DAYS)
    empty = judged(outcome=CrawlOutcome.EMPTY, meetings_listed=41)
    assert "Sidst var der 41 møder på den." in empty.why
    assert "`dagsordenvagt sources check Vejle`" in empty.advice


def test_a_part_of_the_list_that_cannot_be_read_for_a_day_is_told_of() -> None:
    for hours, lasting in ((23, False), (25, True)):
        since = OCTOBER - timedelta(hours=hours)
        found = judged(outcome=CrawlOutcome.PARTIAL, flawed_since=since, last_error="Børneudvalget: HTTP 404")
        assert (found.state, found.remark, found.lasting) == (SourceState.HEALTHY, True, lasting)
    assert "en del af kommunens liste" in found.why
    assert (found.detail, found.since) == ("Børneudvalget: HTTP 404", since)
    july = OCTOBER.replace(month=7)
    assert not judged(july, flawed_since=july - 3 * DAYS, last_success_at=july).lasting
    # Worse things come first.
    assert judged(outcome=CrawlOutcome.BLOCKED, flawed_since=since).state is SourceState.BLOCKED


def test_of_a_municipality_without_agendas_readers_are_told_that_silence_proves_little() -> None:
    only = judged(minutes=40)
    assert (only.state, only.gap, only.lasting) == (SourceState.HEALTHY, True, False)
    assert "kun referater" in only.why
    assert not judged(minutes=40, agendas=1).gap
    assert not judged(minutes=3).gap


def test_councils_rest_in_summer_at_christmas_and_when_they_are_new() -> None:
    assert is_quiet(date(2026, 7, 1))
    assert is_quiet(date(2026, 12, 24))
    assert is_quiet(date(2027, 1, 5))
    assert is_quiet(date(2026, 1, 28))
    assert not is_quiet(date(2027, 1, 28))
    assert not is_quiet(date(2026, 10, 15))
    assert busy_days(date(2026, 6, 28), date(2026, 8, 16)) == 4
    assert after_busy_days(date(2026, 6, 28), 2) == date(2026, 8, 15)


def test_the_usual_gap_is_that_of_nine_in_ten() -> None:
    start = date(2026, 9, 1)
    weekly = [start + timedelta(days=7 * week) for week in range(12)]
    assert usual_gap(weekly) == 7
    assert usual_gap([*weekly, *weekly]) == 7
    assert usual_gap(weekly[:4]) is None


def visited(session: Any, municipality: Any, days_ago: float, ahead: int, listed: int = 9) -> None:
    run = a_visit(session, municipality, NOW - timedelta(days=days_ago), CrawlOutcome.OK)
    run.ahead, run.listed = ahead, listed


def test_a_list_that_always_had_meetings_ahead_and_has_none_is_late(database_url: str) -> None:
    with transaction(database_url) as session:
        vejle = a_municipality(session, "Vejle", 630)
        sometimes = a_municipality(session, "Fanø", 563)
        for day in range(40, 6, -1):
            visited(session, vejle, day, ahead=3)
            visited(session, sometimes, day, ahead=day % 2)
        for day in range(6, -1, -1):
            visited(session, vejle, day, ahead=0)
            visited(session, sometimes, day, ahead=0)
        # A read of the archive says nothing of what lies ahead.
        session.add(CrawlRun(source_id=vejle.source.id, started_at=NOW, outcome=CrawlOutcome.OK, listed=0))  # type: ignore[union-attr]
    with reading(database_url) as session:
        reports = source_reports(session, NOW)
    assert [(one.municipality.name, one.state) for one in reports] == [
        ("Vejle", SourceState.LATE),
        ("Fanø", SourceState.HEALTHY),
    ]
    assert reports[0].judgement.why.startswith("Siden har ikke vist møder forude siden 24-09-2026")
    assert summary(reports) == "1 frisk, 1 forsinket"


def test_the_rhythm_is_that_of_the_papers_not_of_calendar_entries(database_url: str) -> None:
    with transaction(database_url) as session:
        aarhus = a_municipality(session)
        for week in range(2, 10):
            held = a_meeting(session, "Byrådet", starts_at=NOW - timedelta(weeks=week), municipality=aarhus)
            held.publications[0].first_seen_at = NOW
        planned = a_meeting(session, "Kulturudvalget", municipality=aarhus).publications[0]
        planned.status = PublicationStatus.LISTED
        source = aarhus.source
        assert source is not None
        note_rhythm(session, source, NOW)
        assert source.newest_at == NOW - timedelta(weeks=2)
        assert source.usual_gap_days == 7


def test_when_all_fail_at_once_the_fault_is_called_ours(sqlite_url: str) -> None:
    names = {"Vejle": 630, "Fanø": 563, "Aarhus": 751}
    with transaction(sqlite_url) as session:
        for name, code in names.items():
            a_visit(session, a_municipality(session, name, code, failure_streak=1), NOW - HOURS, CrawlOutcome.FAILED)
    with reading(sqlite_url) as session:
        reports = source_reports(session, NOW)
    assert "Ingen af de 3 kommuners sider" in one_cause(reports, NOW - HOURS, NOW)
    assert one_cause(reports[:2], NOW - HOURS, NOW) == ""
    assert "i 30 timer: tjenesten har ikke kørt" in one_cause(reports, NOW - 30 * HOURS, NOW)
