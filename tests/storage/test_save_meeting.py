"""Saving publications of a meeting: tying, revisions, withdrawal, and saving twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import COPENHAGEN
from storage.engine import transaction
from storage.keys import title_key
from storage.models import AgendaItem, Case, Meeting, Municipality, Publication, PublicationStatus, Revision, Source
from storage.retry import publication_failed
from storage.save_list import ListRefused, save_list
from storage.save_meeting import save_meeting
from storage.tie import tie

SEEN = datetime(2026, 10, 1, 6, 0, tzinfo=COPENHAGEN)
MEETING = datetime(2026, 10, 8, 16, 0, tzinfo=COPENHAGEN)


@dataclass(frozen=True)
class SectionRecord:
    kind: str
    heading: str
    text: str
    html: str = ""
    own_decision: bool = False


@dataclass(frozen=True)
class AttachmentRecord:
    title: str
    platform_id: str = "a"
    url: str = "https://example.dk/bilag"
    has_pdf: bool = True


@dataclass(frozen=True)
class ItemRecord:
    number: str
    title: str
    case_number: str = ""
    platform_id: str = "i"
    sorting: int = 0
    is_open: bool = True
    url: str = "https://example.dk/punkt"
    sections: tuple[SectionRecord, ...] = (SectionRecord("summary", "Resume", "Om sagen."),)
    attachments: tuple[AttachmentRecord, ...] = ()
    unread: bool = False


@dataclass(frozen=True)
class MeetingRecord:
    platform_id: str
    items: tuple[ItemRecord, ...]
    stage: str = "agenda"
    committee_name: str = "Social- og Sundhedsudvalget 2026-2029"
    committee_platform_id: str = "c"
    group_name: str = "Udvalg"
    starts_at: datetime = MEETING
    ends_at: datetime | None = None
    time_known: bool = True
    place: str = "Rådhuset "
    url: str = "https://example.dk/vis?id=1"
    fingerprint: str = "1"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListedRecord:
    platform_id: str
    committee_name: str = "Udvalget"
    name: str = "Dagsorden"
    stage: str = "agenda"
    starts_at: datetime | None = MEETING
    released_at: datetime | None = None
    fingerprint: str = "1"


AGENDA = MeetingRecord(
    "one",
    (
        ItemRecord("1", "Godkendelse af dagsorden"),
        ItemRecord("2", "Ny handleplan mod ensomhed", "26/100", attachments=(AttachmentRecord("Handleplan"),)),
        ItemRecord("3", "Orientering om demensindsatsen", "26/200"),
    ),
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with transaction(database_url) as session:
        session.add(Municipality(code=751, name="Aarhus"))
        session.flush()
        session.add(Source(municipality_code=751, platform="firstagenda", base_url="https://example.dk"))
        session.flush()
        yield session


def source(session: Session) -> Source:
    return session.scalars(select(Source)).one()


def save(
    session: Session, record: MeetingRecord, days: int = 0, listed: tuple[str, ...] = (), reader: str = ""
) -> list[int]:
    """Saves as a crawl does: the list first, so that what left it is superseded, then the publication."""
    at = SEEN + timedelta(days=days)
    every = listed or (record.platform_id,)
    save_list(session, source(session), listed=[ListedRecord(one) for one in every], every_id=every, seen_at=at)
    saved = save_meeting(session, source(session), record, seen_at=at, reader=reader)
    return [*saved.new, *saved.revised, *saved.withdrawn]


def test_saving_the_same_publication_twice_changes_nothing(session: Session) -> None:
    assert len(save(session, AGENDA)) == 3
    assert save(session, AGENDA, days=1) == []
    assert session.scalar(select(func.count()).select_from(Revision)) == 3
    assert session.scalars(select(Meeting)).one().place == "Rådhuset"


def handled(words: str, papers: tuple[AttachmentRecord, ...] = (AttachmentRecord("Handleplan"),)) -> MeetingRecord:
    """The agenda with another text of the second item."""
    item = replace(AGENDA.items[1], sections=(SectionRecord("summary", "Resume", words),), attachments=papers)
    return replace(AGENDA, items=(AGENDA.items[0], item, AGENDA.items[2]))


def newest(session: Session) -> tuple[list[str], bool]:
    row = session.scalars(
        select(Revision).join(AgendaItem).where(AgendaItem.number == "2").order_by(Revision.number.desc())
    ).first()
    assert row is not None
    return row.changes, row.material


def test_a_text_that_only_our_new_code_reads_otherwise_is_no_news(session: Session) -> None:
    save(session, AGENDA, reader="old")
    save(session, handled("Om sagen. Se bilag."), days=1, reader="new")
    assert newest(session) == (["text"], False)
    save(session, handled("Om sagen, som nu er rettet."), days=2, reader="new")
    assert newest(session) == (["text"], True), "read by the same code twice: the municipality wrote it"


def test_an_item_that_only_our_new_code_no_longer_sees_is_gone_without_a_word(session: Session) -> None:
    save(session, AGENDA, reader="old")
    save(session, replace(AGENDA, items=(AGENDA.items[0], AGENDA.items[2])), days=1, reader="new")
    assert newest(session) == (["withdrawn"], False)


def test_what_the_site_announces_is_news_also_with_new_code(session: Session) -> None:
    save(session, AGENDA, reader="old")
    save(session, replace(handled("Rettet."), fingerprint="2"), days=1, reader="new")
    assert newest(session) == (["text"], True)


def test_a_paper_that_new_code_finds_is_news(session: Session) -> None:
    save(session, AGENDA, reader="old")
    papers = (AttachmentRecord("Handleplan"), AttachmentRecord("Notat"))
    save(session, handled("Om sagen.", papers), days=1, reader="new")
    assert newest(session) == (["attachment_added"], True)


def test_what_was_read_before_papers_remembered_their_code_was_read_by_another(session: Session) -> None:
    save(session, AGENDA)
    save(session, handled("Om sagen. Se bilag."), days=1, reader="new")
    assert newest(session) == (["text"], False)


def test_a_paper_that_failed_in_between_is_still_one_that_other_code_read(session: Session) -> None:
    save(session, AGENDA, reader="old")
    publication_failed(session, source(session), AGENDA.platform_id, "Væk.", seen_at=SEEN)
    save(session, handled("Om sagen. Se bilag."), days=1, reader="new")
    assert newest(session) == (["text"], False)


def test_a_paper_that_failed_and_was_issued_anew_is_news(session: Session) -> None:
    save(session, AGENDA, reader="old")
    publication_failed(session, source(session), AGENDA.platform_id, "Væk.", seen_at=SEEN)
    line = ListedRecord(AGENDA.platform_id, fingerprint="2")
    save_list(session, source(session), listed=[line], every_id=[line.platform_id], seen_at=SEEN + timedelta(hours=1))
    save(session, replace(handled("Rettet."), fingerprint="2"), days=1, reader="new")
    assert newest(session) == (["text"], True)


def test_an_item_that_new_code_could_not_read_at_first_is_still_one_that_other_code_read(session: Session) -> None:
    save(session, AGENDA, reader="old")
    unread = replace(AGENDA.items[1], sections=(), unread=True)
    partly = replace(AGENDA, items=(AGENDA.items[0], unread, AGENDA.items[2]), problems=("Væk.",))
    save(session, partly, days=1, reader="new")
    publication_failed(session, source(session), AGENDA.platform_id, "Væk.", seen_at=SEEN)
    save(session, handled("Om sagen. Se bilag."), days=2, reader="new")
    assert newest(session) == (["text"], False)


def test_a_republished_agenda_keeps_its_items_and_says_what_changed(session: Session) -> None:
    save(session, AGENDA)
    second = ItemRecord(
        "2",
        "Ny handleplan mod ensomhed",
        "26/100",
        platform_id="new",
        url="https://example.dk/ny",
        attachments=(AttachmentRecord("Handleplan"), AttachmentRecord("Høringssvar fra Ældrerådet")),
    )
    save(session, replace(AGENDA, platform_id="two", items=(AGENDA.items[0], second, AGENDA.items[2])), days=1)

    item = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/100")).one()
    assert [revision.changes for revision in item.revisions] == [["published"], ["attachment_added"]]
    assert item.newest.material
    assert item.url == "https://example.dk/ny"
    assert session.scalar(select(func.count()).select_from(AgendaItem)) == 3
    old = session.scalars(select(Publication).where(Publication.platform_id == "one")).one()
    assert old.status is PublicationStatus.SUPERSEDED


def test_a_cosmetic_change_is_kept_but_not_material(session: Session) -> None:
    texts = [
        'Om sagen - og "svaret"...',
        'Om  sagen - og "svaret"... ',
        "Om sagen – og »svaret«…",
        "Om sagen og svaret",
    ]
    for days, text in enumerate(texts):
        one = replace(AGENDA.items[1], sections=(SectionRecord("summary", "RESUME:"[: 6 + days % 2], text),))
        save(session, replace(AGENDA, fingerprint=str(days), items=(AGENDA.items[0], one, AGENDA.items[2])), days=days)

    item = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/100")).one()
    assert [revision.material for revision in item.revisions] == [True, False, False, True]


def test_a_cosmetic_change_is_none_whatever_the_older_digest_was_made_of(session: Session) -> None:
    """As after a change of what is folded, or a paper that was put up anew."""
    save(session, AGENDA)
    item = session.scalars(select(AgendaItem).where(AgendaItem.number == "2")).one()
    item.newest.meaning_hash = "of another kind"
    save(session, replace(handled("Om  sagen. "), fingerprint="2"), days=1)
    assert newest(session) == ([], False)
    session.expire_all()
    assert (item.newest.number, item.newest.meaning_hash) == (2, "of another kind")


def test_minutes_bring_the_decision_and_a_late_agenda_does_not_take_it_back(session: Session) -> None:
    save(session, AGENDA)
    decided = replace(
        AGENDA.items[1],
        sections=(*AGENDA.items[1].sections, SectionRecord("decision", "Beslutning", "Godkendt.", own_decision=True)),
    )
    minutes = replace(AGENDA, platform_id="minutes", stage="minutes", items=(AGENDA.items[0], decided, AGENDA.items[2]))
    save(session, minutes, days=8, listed=("one", "minutes"))
    save(session, replace(AGENDA, fingerprint="late"), days=9, listed=("one", "minutes"))

    item = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/100")).one()
    assert [revision.changes for revision in item.revisions] == [["published"], ["decision"]]
    assert item.newest.sections[-1].text == "Godkendt."
    assert item.meeting.stage == "minutes"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The same agenda again: the id is kept, whatever became of the rest.
        (
            ItemRecord("2", "Ny handleplan", platform_id="e4c5d7a6-3cf7-4a3e-9b1e-aaaaaaaaaaaa"),
            ItemRecord("3", "Færre ensomme ældre", platform_id="e4c5d7a6-3cf7-4a3e-9b1e-aaaaaaaaaaaa"),
        ),
        # Published anew, from a municipality that gives no case numbers.
        (
            ItemRecord("2", "Ny handelplan mod ensomhed 2027", platform_id="/dagsorden/punkt-2"),
            ItemRecord("2", "Ny handleplan mod ensomhed i 2027 (revideret)", platform_id="/referat/punkt-2"),
        ),
    ],
)
def test_a_matter_whose_title_is_put_right_stays_one_matter(
    session: Session, before: ItemRecord, after: ItemRecord
) -> None:
    save(session, replace(AGENDA, items=(AGENDA.items[0], before)))
    save(session, replace(AGENDA, items=(AGENDA.items[0], after)), days=1)
    item = session.scalars(select(AgendaItem).where(AgendaItem.title == after.title)).one()
    assert [revision.changes for revision in item.revisions] == [["published"], ["title"]]
    assert session.scalar(select(func.count()).select_from(AgendaItem)) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [("Lokalplan 112, endelig vedtagelse", "Lokalplan 114, endelig vedtagelse"), ("Budget", "Natcafé i Nordby")],
)
def test_another_matter_under_the_same_number_is_its_own(session: Session, before: str, after: str) -> None:
    save(session, replace(AGENDA, items=(ItemRecord("2", before),)))
    save(session, replace(AGENDA, items=(ItemRecord("2", after),)), days=1)
    gone, new = session.scalars(select(AgendaItem).order_by(AgendaItem.id))
    assert (gone.withdrawn_at is not None, new.title) == (True, after)


def test_an_item_that_leaves_its_agenda_is_withdrawn_and_can_come_back(session: Session) -> None:
    save(session, AGENDA)
    save(session, replace(AGENDA, fingerprint="2", items=AGENDA.items[:2]), days=1)
    item = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/200")).one()
    assert item.withdrawn_at is not None
    assert item.newest.changes == ["withdrawn"]
    assert item.newest.sections[0].text == "Om sagen."

    save(session, replace(AGENDA, fingerprint="3"), days=2)
    session.refresh(item)
    assert item.withdrawn_at is None
    assert item.newest.changes == ["published"]


def test_a_date_that_gets_its_clock_time_is_no_move(session: Session) -> None:
    midnight = MEETING.replace(hour=0)
    item = ItemRecord("1", "Budget 2027")
    save(session, MeetingRecord("1", (item,), starts_at=midnight, time_known=False))
    save(session, MeetingRecord("1", (item,)), days=1)
    save(session, MeetingRecord("1", (item,), starts_at=midnight, time_known=False), days=2)
    [meeting] = session.scalars(select(Meeting))
    assert (meeting.starts_at, meeting.time_known) == (MEETING, True)
    assert session.scalar(select(func.count(Revision.id))) == 1
    save(session, MeetingRecord("1", (item,), starts_at=MEETING + timedelta(hours=2)), days=3)
    assert [row.changes for row in session.scalars(select(Revision).order_by(Revision.number))][-1] == ["moved"]


def test_an_item_that_could_not_be_read_this_time_stands_as_it_was(session: Session) -> None:
    save(session, AGENDA)
    unread = replace(AGENDA.items[1], sections=(), attachments=(), unread=True)
    new = ItemRecord("4", "Ny sag om herberg", sections=(), unread=True)
    save(session, replace(AGENDA, items=(AGENDA.items[0], unread, AGENDA.items[2], new), problems=("Væk.",)), days=1)
    known, added = session.scalars(
        select(AgendaItem).where(AgendaItem.number.in_(["2", "4"])).order_by(AgendaItem.number)
    )
    assert (known.newest.sections[0].text, known.withdrawn_at, added.title) == ("Om sagen.", None, "Ny sag om herberg")
    save(session, replace(AGENDA, items=(*AGENDA.items, replace(new, unread=False, sections=AGENDA.items[0].sections))))
    assert [revision.changes for revision in added.revisions] == [["published"], ["text"]]


def test_a_decision_that_is_taken_back_is_a_change_of_the_text(session: Session) -> None:
    decision = SectionRecord("decision", "Beslutning", "Godkendt.", own_decision=True)
    decided = replace(AGENDA.items[1], sections=(*AGENDA.items[1].sections, decision))
    minutes = replace(AGENDA, stage="minutes", items=(decided,))
    save(session, minutes)
    save(session, replace(minutes, items=(AGENDA.items[1],)), days=1)
    item = session.scalars(select(AgendaItem)).one()
    assert [revision.changes for revision in item.revisions] == [["published"], ["text"]]


def test_minutes_that_give_the_hour_at_which_it_really_began_are_of_the_same_meeting(session: Session) -> None:
    save(session, AGENDA)
    decision = SectionRecord("decision", "Beslutning", "Godkendt.", own_decision=True)
    decided = tuple(replace(item, sections=(*item.sections, decision)) for item in AGENDA.items)
    really = MEETING - timedelta(minutes=15)
    minutes = replace(AGENDA, platform_id="minutes", stage="minutes", items=decided, starts_at=really)
    for days in (8, 9):
        read_all(session, days, AGENDA, minutes)
    [meeting] = session.scalars(select(Meeting))
    assert (meeting.starts_at, meeting.stage) == (MEETING, "minutes")
    items = session.scalars(select(AgendaItem)).all()
    assert [[revision.changes for revision in item.revisions] for item in items] == [[["published"], ["decision"]]] * 3


def test_another_meeting_of_the_committee_on_the_same_day_is_its_own(session: Session) -> None:
    save(session, AGENDA)
    extra = MeetingRecord("extra", (ItemRecord("1", "Et ekstraordinært møde om budgettet for 2027"),), stage="minutes")
    save(session, replace(extra, starts_at=MEETING + timedelta(hours=2)), days=8, listed=("one", "extra"))
    assert session.scalar(select(func.count()).select_from(Meeting)) == 2


def test_a_supplementary_agenda_withdraws_nothing(session: Session) -> None:
    save(session, AGENDA)
    extra = replace(
        AGENDA,
        platform_id="extra",
        stage="supplementary",
        items=(ItemRecord("4", "Tilføjet sag om herberg", "26/300"),),
    )
    save(session, extra, days=1, listed=("one", "extra"))

    items = session.scalars(select(AgendaItem)).all()
    assert len(items) == 4
    assert [item.title for item in items if item.supplementary] == ["Tilføjet sag om herberg"]
    assert not any(item.withdrawn_at for item in items)
    assert len(session.scalars(select(Meeting)).all()) == 1


def read_all(session: Session, days: int, *papers: MeetingRecord, released: tuple[int | None, ...] = ()) -> None:
    """One sweep: the list with when each paper was released (hours), then the papers in this order."""
    at = SEEN + timedelta(days=days)
    times = [None if hours is None else SEEN + timedelta(hours=hours) for hours in released or [None] * len(papers)]
    lines = [
        ListedRecord(paper.platform_id, stage=paper.stage, released_at=time)
        for paper, time in zip(papers, times, strict=True)
    ]
    save_list(session, source(session), listed=lines, every_id=[one.platform_id for one in lines], seen_at=at)
    for paper in papers:
        save_meeting(session, source(session), paper, seen_at=at)


@pytest.mark.parametrize("stages", [("agenda", "supplementary"), ("minutes", "minutes")])
def test_of_two_papers_that_hold_the_same_item_the_one_issued_last_counts(
    session: Session, stages: tuple[str, str]
) -> None:
    """Both are open and read again each night, in any order: that is no change."""
    first = replace(AGENDA, stage=stages[0])
    corrected = replace(AGENDA.items[1], sections=(SectionRecord("summary", "Resume", "Rettet."),))
    second = replace(AGENDA, platform_id="two", stage=stages[1], items=(corrected,))
    read_all(session, 0, first)
    read_all(session, 1, second, first)
    read_all(session, 2, second, first)
    item = session.scalars(select(AgendaItem).where(AgendaItem.case_number == "26/100")).one()
    assert [revision.sections[0].text for revision in item.revisions] == ["Om sagen.", "Rettet."]
    assert not any(one.withdrawn_at for one in session.scalars(select(AgendaItem)))
    # Taken off the later paper, the item stands as the other one has it.
    read_all(session, 3, replace(second, items=(ItemRecord("9", "Et helt andet punkt"),)), first)
    assert (item.withdrawn_at, item.newest.sections[0].text) == (None, "Om sagen.")


def test_a_paper_that_is_released_anew_counts_again(session: Session) -> None:
    extra = replace(AGENDA, platform_id="two", stage="supplementary")
    renewed = replace(AGENDA, items=(replace(AGENDA.items[0], attachments=(AttachmentRecord("Ny"),)),))
    read_all(session, 0, extra, renewed, released=(2, 1))
    item = session.scalars(select(AgendaItem).where(AgendaItem.number == "1")).one()
    assert not item.newest.attachments
    for days in (1, 2):
        read_all(session, days, extra, renewed, released=(2, 3))
        assert [[one.title for one in revision.attachments] for revision in item.revisions] == [[], ["Ny"]]


def test_a_case_is_followed_into_the_next_committee(session: Session) -> None:
    save(session, AGENDA)
    council = MeetingRecord(
        "council",
        (ItemRecord("7", "Ny handleplan mod ensomhed (B)", "26/100"), ItemRecord("8", "Budget for veje", "26/100")),
        committee_name="Byrådet",
        starts_at=MEETING + timedelta(days=20),
    )
    save(session, council, days=10, listed=("one", "council"))

    cases = session.scalars(select(Case).where(Case.case_number == "26/100")).all()
    assert sorted(len(case.items) for case in cases) == [1, 2]


def test_a_list_that_lost_most_of_its_meetings_is_refused(session: Session) -> None:
    ids = [str(n) for n in range(10)]
    save_list(session, source(session), listed=[ListedRecord(one) for one in ids], every_id=ids, seen_at=SEEN)
    with pytest.raises(ListRefused, match="viser 4 møder, sidst viste den 10"):
        save_list(session, source(session), listed=[], every_id=ids[:4], seen_at=SEEN)
    assert session.scalar(select(func.count()).select_from(Publication).where(Publication.status == "listed")) == 10


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from(["", "x", "y"]), st.sampled_from(["Sag a", "Sag b"])),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from(["", "x", "y"]), st.sampled_from(["Sag a", "Sag b"])),
        max_size=6,
    ),
)
def test_tying_never_gives_one_known_item_to_two(
    old: list[tuple[str, str, str]], new: list[tuple[str, str, str]]
) -> None:
    known = [stored(n, c, t) for n, c, t in old]
    pairs = tie(known, [ItemRecord(n, t, c) for n, c, t in new])
    used = [id(item) for _, item in pairs if item is not None]
    assert len(pairs) == len(new)
    assert len(used) == len(set(used))


def stored(number: str, case_number: str, title: str) -> AgendaItem:
    return AgendaItem(platform_id="i", number=number, case_number=case_number, title=title, title_key=title_key(title))


@pytest.mark.timeout(60)  # comparing each with each takes many minutes
def test_a_meeting_with_thousands_of_alike_items_is_tied() -> None:
    items = [ItemRecord(str(number), f"Sag {number % 50}", case_number="26/1") for number in range(8_000)]
    assert len(tie([], items)) == len(items)
    known = [stored(item.number, item.case_number, item.title) for item in items]
    assert all(old and old.number == new.number for new, old in tie(known[:50], items[:50]))
    assert len(tie(known, items)) == len(items)


def test_signs_that_sql_reads_as_any_text_tie_no_cases(session: Session) -> None:
    """A title of percent signs is a title, not a pattern."""
    for place, title in enumerate(("Renovering af svømmehallen i Nordby", "%" * 30)):
        save(session, MeetingRecord(f"m{place}", (ItemRecord("1", title),), starts_at=MEETING + timedelta(days=place)))
    assert session.scalar(select(func.count()).select_from(Case)) == 2
