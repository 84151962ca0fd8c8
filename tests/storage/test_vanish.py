"""What leaves a site's list is superseded, or withdrawn when it is missed twice; nothing is erased."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.catalogue import Catalogue
from config.catalogue import Municipality as Entry
from storage.engine import transaction
from storage.models import AgendaItem, Meeting, Publication, PublicationStatus, Source
from storage.retry import publication_failed, publication_not_ready
from storage.save_catalogue import save_catalogue
from storage.save_list import save_list
from storage.save_meeting import save_meeting
from tests.storage.test_save_meeting import MEETING, SEEN, ItemRecord, ListedRecord, MeetingRecord

ENTRY = Entry(code=751, name="Aarhus", platform="firstagenda", url="https://dagsordener.aarhus.dk")
COMMITTEE = "Socialudvalget"
NATCAFE = ItemRecord("1", "Ny natcafé i den gamle brandstation", "26/1")
BUDGET = ItemRecord("2", "Udmøntning af puljen til frivilligt socialt arbejde", "26/2", platform_id="b")
AGENDA = MeetingRecord("a1", (NATCAFE, BUDGET), committee_name=COMMITTEE)
OTHER = ListedRecord("other", committee_name="Byrådet", starts_at=MEETING + timedelta(days=1))


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    with transaction(sqlite_url) as session:
        save_catalogue(session, Catalogue(path=Path("x"), municipalities=(ENTRY,)))
        yield session


def source(session: Session) -> Source:
    return session.scalars(select(Source)).one()


def line(platform_id: str, **more: object) -> ListedRecord:
    return ListedRecord(platform_id, committee_name=COMMITTEE, **more)  # type: ignore[arg-type]


def sees(session: Session, hours: float, *lines: ListedRecord, **more: bool) -> None:
    """A visit that reads this list, ``hours`` after the first."""
    every = [OTHER, *lines]
    at = SEEN + timedelta(hours=hours)
    save_list(session, source(session), listed=every, every_id=[one.platform_id for one in every], seen_at=at, **more)


def reads(session: Session, published: MeetingRecord, hours: float = 0) -> None:
    save_meeting(session, source(session), published, seen_at=SEEN + timedelta(hours=hours))


def paper(session: Session, platform_id: str = "a1") -> Publication:
    session.flush()
    session.expire_all()
    return session.scalars(select(Publication).where(Publication.platform_id == platform_id)).one()


def items(session: Session) -> dict[str, list[list[str]]]:
    rows = session.scalars(select(AgendaItem).order_by(AgendaItem.id))
    return {one.number: [revision.changes for revision in one.revisions] for one in rows}


def start(session: Session) -> None:
    sees(session, 0, line("a1"))
    reads(session, AGENDA)


def test_a_meeting_missed_once_stays_and_missed_twice_is_withdrawn_with_its_items(session: Session) -> None:
    start(session)
    sees(session, 9)
    assert paper(session).status is PublicationStatus.STORED
    assert items(session) == {"1": [["published"]], "2": [["published"]]}
    # A second look a few minutes later is the same gap in the same list.
    sees(session, 9.2)
    assert paper(session).status is PublicationStatus.STORED

    sees(session, 15)
    gone = paper(session)
    assert gone.status is PublicationStatus.WITHDRAWN
    assert gone.meeting is not None
    assert gone.meeting.withdrawn_at == SEEN + timedelta(hours=15)
    assert items(session) == {"1": [["published"], ["withdrawn"]], "2": [["published"], ["withdrawn"]]}
    # The old text stays readable, and a third look adds nothing.
    sees(session, 40)
    assert [len(one.revisions) for one in session.scalars(select(AgendaItem))] == [2, 2]
    assert all(one.newest.sections for one in session.scalars(select(AgendaItem)))


def test_a_meeting_that_comes_back_is_restored(session: Session) -> None:
    start(session)
    sees(session, 9)
    sees(session, 12, line("a1"))
    assert paper(session).missing_since is None
    sees(session, 20)
    sees(session, 30)
    assert paper(session).status is PublicationStatus.WITHDRAWN
    sees(session, 40, line("a1"))
    assert (paper(session).status, paper(session).fingerprint) == (PublicationStatus.LISTED, "1")
    reads(session, AGENDA, 40)
    meeting = paper(session).meeting
    assert meeting is not None
    assert meeting.withdrawn_at is None
    assert items(session)["1"] == [["published"], ["withdrawn"], ["published"]]
    assert all(one.withdrawn_at is None for one in session.scalars(select(AgendaItem)))


def test_a_newer_paper_of_the_meeting_takes_the_place_at_once(session: Session) -> None:
    start(session)
    sees(session, 9, line("a2"))
    assert paper(session).status is PublicationStatus.SUPERSEDED
    reads(session, replace(AGENDA, platform_id="a2"), 9)
    sees(session, 20, line("a2"))
    assert items(session) == {"1": [["published"]], "2": [["published"]]}


def test_a_supplementary_agenda_takes_no_agendas_place_and_loses_only_its_own_items(session: Session) -> None:
    start(session)
    sees(session, 1, line("a1"), line("t1", stage="supplementary"))
    extra = ItemRecord("9", "Ekstra punkt om varmestuen", "26/9", platform_id="x")
    reads(session, MeetingRecord("t1", (extra,), stage="supplementary", committee_name=COMMITTEE), 1)
    sees(session, 9, line("a1"))
    sees(session, 19, line("a1"))
    assert paper(session, "t1").status is PublicationStatus.WITHDRAWN
    assert items(session) == {"1": [["published"]], "2": [["published"]], "9": [["published"], ["withdrawn"]]}
    meeting = paper(session).meeting
    assert meeting is not None
    assert meeting.withdrawn_at is None


@pytest.mark.parametrize("how", [{"whole": False}, {"flawed": True}], ids=["window", "flawed"])
def test_a_list_that_does_not_show_everything_says_nothing_of_what_is_missing(
    session: Session, how: dict[str, bool]
) -> None:
    start(session)
    sees(session, 9, **how)
    sees(session, 19, **how)
    assert (paper(session).status, paper(session).missing_since) == (PublicationStatus.STORED, None)


def test_when_every_meeting_ahead_is_gone_at_once_the_list_is_doubted(session: Session) -> None:
    ahead = [line(f"m{day}", starts_at=MEETING + timedelta(days=day)) for day in range(3)]
    held = [line(f"h{day}", starts_at=SEEN - timedelta(days=day + 1)) for day in range(5)]
    for hours, lines in ((0, [*ahead, *held]), (9, held), (19, held)):
        every = [one.platform_id for one in lines]
        at = SEEN + timedelta(hours=hours)
        save_list(session, source(session), listed=lines, every_id=every, seen_at=at)
    assert paper(session, "m1").missing_since is None


def test_old_papers_that_a_site_clears_out_keep_their_text(session: Session) -> None:
    held = MEETING - timedelta(days=20)
    sees(session, 0, line("a1", starts_at=held))
    reads(session, replace(AGENDA, starts_at=held))
    sees(session, 9)
    sees(session, 19)
    assert paper(session).status is PublicationStatus.WITHDRAWN
    assert items(session) == {"1": [["published"]], "2": [["published"]]}


@pytest.mark.parametrize("days", [0.1, 7], ids=["later the same day", "a week later"])
def test_a_meeting_that_is_published_anew_at_another_time_is_moved_not_doubled(session: Session, days: float) -> None:
    start(session)
    later = MEETING + timedelta(days=days)
    sees(session, 9, line("a2", starts_at=later))
    reads(session, replace(AGENDA, platform_id="a2", starts_at=later), 9)
    sees(session, 19, line("a2", starts_at=later))
    assert [one.starts_at for one in session.scalars(select(Meeting))] == [later]
    assert items(session) == {"1": [["published"], ["moved"]], "2": [["published"], ["moved"]]}


def test_another_meeting_of_the_committee_is_not_taken_for_one_that_vanished(session: Session) -> None:
    start(session)
    later = MEETING + timedelta(days=7)
    sees(session, 9, line("n1", starts_at=later))
    other = ItemRecord("1", "Ny lokalplan for havnefronten i Nordbyen", "26/7")
    reads(session, MeetingRecord("n1", (other,), committee_name=COMMITTEE, starts_at=later), 9)
    assert {one.starts_at for one in session.scalars(select(Meeting))} == {MEETING, later}


def test_when_a_municipality_changes_its_system_nothing_counts_as_withdrawn(session: Session) -> None:
    start(session)
    save_catalogue(
        session, Catalogue(path=Path("x"), municipalities=(ENTRY.model_copy(update={"url": "https://ny.aarhus.dk"}),))
    )
    sees(session, 9)
    sees(session, 19)
    assert paper(session).status is PublicationStatus.SUPERSEDED
    assert items(session) == {"1": [["published"]], "2": [["published"]]}


def pauses(session: Session, starts_at: datetime, times: int) -> list[float]:
    """Hours until the next attempt, after each of so many failures."""
    sees(session, 0, line("a1", starts_at=starts_at))
    found = []
    for _ in range(times):
        row = publication_failed(session, source(session), "a1", "HTTP 500", seen_at=SEEN)
        session.flush()
        assert row is not None
        found.append((row.next_attempt_at - SEEN).total_seconds() / 3600 if row.next_attempt_at else 0)
    return found


def test_a_paper_that_keeps_failing_is_asked_for_more_seldom_one_ahead_every_night(session: Session) -> None:
    assert pauses(session, SEEN - timedelta(days=9), 7) == [0, 0, 20, 40, 80, 160, 168]
    # A new sign in the list clears the slate.
    sees(session, 1, line("a1", starts_at=SEEN - timedelta(days=9), fingerprint="2"))
    assert (paper(session).attempts, paper(session).next_attempt_at) == (0, None)
    assert pauses(session, MEETING, 4) == [0, 0, 20, 20]


def test_a_meeting_far_off_without_an_agenda_is_asked_for_once_a_night(session: Session) -> None:
    sees(session, 0, line("a1"), line("far", starts_at=MEETING + timedelta(days=40)))
    for one in ("a1", "far"):
        publication_not_ready(session, source(session), one, seen_at=SEEN)
    assert paper(session, "a1").next_attempt_at is None
    assert paper(session, "far").next_attempt_at == SEEN + timedelta(hours=20)
