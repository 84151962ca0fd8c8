"""Lists of coming cases in the database: editions, moves, what vanished, whom they concern, what they became."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import COPENHAGEN
from matcher.run import run_matching
from storage.engine import reading, transaction
from storage.models import (
    AnnouncedCase,
    AnnouncedList,
    AnnouncedMatch,
    CaseState,
    Document,
    DocumentStatus,
    DocumentTables,
    Match,
    Report,
    TableStatus,
)
from tests.factories import a_meeting, a_revision, an_item
from tests.matcher.factories import association

HEAD = ["Sag", "Afd.", "Forventet behandlet"]
LONELY = "Handleplan mod ensomhed blandt ældre"
ROADS = "Asfalt på Ringvejen"


def a_list(
    session: Session,
    day: date,
    *rows: list[str],
    title: str = "Sager på vej – Social",
    status: str = "read",
    **values: Any,
) -> None:
    """An item whose one paper is a list of that day, with its tables read."""
    meeting = a_meeting(session, starts_at=datetime(day.year, day.month, day.day, 16, tzinfo=COPENHAGEN))
    item = an_item(session, f"Orientering {day}", meeting=meeting, attachments=[title], **values)
    text = f"{title}\nAjourført: {day.day}.{day.month}.{day.year}"
    paper = Document(sha256=f"{title}{day}", size=1, text=text, page_map=[{"page": 1, "start": 0}])
    paper.status, paper.fetched_at = DocumentStatus.READ, meeting.starts_at
    session.add(paper)
    session.flush()
    item.newest.attachments[0].document_id = paper.id
    tables = [{"page": 1, "rows": [HEAD, *rows]}] if rows else []
    session.add(DocumentTables(document_id=paper.id, status=TableStatus(status), reason="Ingen tabel.", tables=tables))


def cases(url: str) -> dict[str, AnnouncedCase]:
    with reading(url) as session:
        rows = session.scalars(select(AnnouncedCase)).all()
        session.expunge_all()
    return {row.title: row for row in rows}


def test_the_rows_of_a_list_become_announced_cases_once(database_url: str) -> None:
    with transaction(database_url) as session:
        a_list(session, date(2026, 9, 1), [LONELY, "Social", "November"], [ROADS, "Teknik", "1. kvartal 2027"])

    first, second = run_matching(database_url), run_matching(database_url)

    assert (first.reports_new, first.coming_new, second.coming_new) == (1, 2, 0)
    found = cases(database_url)
    assert found.keys() == {LONELY, ROADS}
    lonely = found[LONELY]
    assert (lonely.state, lonely.department, lonely.expected, lonely.page) == (
        CaseState.COMING,
        "Social",
        "November",
        1,
    )
    assert (lonely.expected_first, lonely.expected_last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (lonely.first_seen_on, lonely.history) == (date(2026, 9, 1), [])


def test_a_case_that_moves_comes_through_or_vanishes_keeps_its_story(database_url: str) -> None:
    with transaction(database_url) as session:
        a_list(
            session,
            date(2026, 9, 1),
            [LONELY, "Social", "November"],
            [ROADS, "Teknik", "Maj 2027"],
            ["Ny skole", "Børn", "Maj"],
        )
    run_matching(database_url)
    with transaction(database_url) as session:
        a_list(
            session,
            date(2026, 10, 1),
            [LONELY, "Social", "Januar 2027"],
            ["Ny skole", "Børn", "Vedtaget. Byrådet 2. september"],
        )
    run_matching(database_url)

    found = cases(database_url)
    assert found[LONELY].history == [{"on": "2026-10-01", "what": "moved", "from": "November", "to": "Januar 2027"}]
    assert (found[ROADS].state, found[ROADS].last_seen_on) == (CaseState.GONE, date(2026, 9, 1))
    assert found[ROADS].history == [{"on": "2026-10-01", "what": "state", "from": "coming", "to": "gone"}]
    assert found["Ny skole"].state is CaseState.FINISHED


def test_an_older_edition_read_later_changes_no_case(database_url: str) -> None:
    with transaction(database_url) as session:
        a_list(session, date(2026, 10, 1), [LONELY, "Social", "Januar 2027"])
    run_matching(database_url)
    with transaction(database_url) as session:
        a_list(session, date(2026, 9, 1), [LONELY, "Social", "November"], [ROADS, "Teknik", "Maj 2027"])
    run_matching(database_url)

    (case,) = cases(database_url).values()
    assert (case.expected, case.first_seen_on, case.history) == ("Januar 2027", date(2026, 9, 1), [])


def test_a_list_that_cannot_be_read_says_why_and_makes_no_case(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        a_list(session, date(2026, 9, 1), status="none")
        a_list(session, date(2026, 9, 2), ["x"], title="Opgaveoversigt")
        tables = session.scalars(select(DocumentTables).order_by(DocumentTables.document_id)).all()
        tables[1].tables = [{"page": 1, "rows": [["Navn", "Telefon"], ["Ole", "1"]]}]
    run_matching(sqlite_url)
    with reading(sqlite_url) as session:
        lists = session.scalars(select(AnnouncedList).order_by(AnnouncedList.id)).all()
        assert [(one.status.value, one.reason) for one in lists] == [
            ("no_table", "Ingen tabel."),
            ("not_understood", lists[1].reason),
        ]
        assert "kolonner" in lists[1].reason
    assert cases(sqlite_url) == {}


def test_cases_meet_profiles_and_profiles_that_change(database_url: str) -> None:
    with transaction(database_url) as session:
        a_list(session, date(2026, 9, 1), [LONELY, "Social", "November"], [ROADS, "Teknik", "Maj 2027"])
        association(session, "besoegsvenner")
    run_matching(database_url)
    run_matching(database_url)

    def found() -> list[str]:
        with reading(database_url) as session:
            return [row.announced_case.title for row in session.scalars(select(AnnouncedMatch))]

    assert found() == [LONELY]
    with transaction(database_url) as session:
        association(session, "besoegsvenner", topics=["asfalt"], target_groups=[])
    run_matching(database_url)
    assert found() == [ROADS]
    with reading(database_url) as session:  # never a match of the ordinary kind, which could mail at once
        assert session.scalars(select(Match)).all() == []


def test_the_item_that_a_case_became_is_tied_to_it_once(database_url: str) -> None:
    with transaction(database_url) as session:
        a_list(
            session, date(2026, 9, 1), [LONELY, "Social", "November"], ["Boligplan for plejeboliger", "Teknik", "Maj"]
        )
    run_matching(database_url)
    with transaction(database_url) as session:
        meeting = a_meeting(session, starts_at=datetime(2026, 11, 5, 16, tzinfo=COPENHAGEN))
        item = an_item(session, "2. Godkendelse af handleplan mod ensomhed blandt ældre", meeting=meeting)
        an_item(session, "Salg af plejeboliger", meeting=meeting)
        number = item.id
    run_matching(database_url)

    found = cases(database_url)
    assert found[LONELY].item_id == number
    assert found["Boligplan for plejeboliger"].item_id is None


def test_lists_of_the_archive_are_never_mailable_until_a_fresh_one_comes(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        a_list(session, date(2026, 9, 1), [LONELY, "Social", "November"], backfill=True)
    run_matching(sqlite_url)
    assert not cases(sqlite_url)[LONELY].mailable
    with transaction(sqlite_url) as session:
        a_list(session, date(2026, 10, 1), [LONELY, "Social", "November"])
    run_matching(sqlite_url)
    assert cases(sqlite_url)[LONELY].mailable


def test_reports_follow_the_newest_revision(database_url: str) -> None:
    with transaction(database_url) as session:
        meeting = a_meeting(session)
        item = an_item(
            session, "Økonomi", meeting=meeting, attachments=["Budgetopfølgning pr. 31. august 2026", "Kort"]
        )
    run_matching(database_url)
    with transaction(database_url) as session:
        item = session.merge(item)
        a_revision(session, item, attachments=["Kort", "Ledelsesinformation"])
    run_matching(database_url)
    with reading(database_url) as session:
        rows = session.scalars(select(Report).order_by(Report.id)).all()
        assert [(row.kind, row.current, row.period_last) for row in rows] == [
            ("budget_follow_up", False, date(2026, 8, 31)),
            ("management_report", True, None),
        ]
