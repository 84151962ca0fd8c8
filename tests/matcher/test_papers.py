"""What stands inside papers: dense pages find associations, words in passing do not, late papers are told once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.clock import now
from matcher.compiled import compile_profiles
from matcher.find import Found, find
from matcher.item import Attachment, ItemText
from matcher.paper_reading import PaperReading, read_paper
from matcher.profile import Profile
from matcher.run import run_matching
from matcher.topics import load_thesaurus
from notifier.waiting import recipients_with_news
from storage import papers
from storage.engine import reading, transaction
from storage.models import AgendaItem, Match, MatchOrigin
from storage.models import Attachment as AttachmentRow
from tests.factories import a_meeting, a_municipality, a_revision, a_subscription, an_association, an_item

FILLER = "Lokalplanen fastlægger bebyggelsesprocent, vejadgang, parkering og facadernes farve i området ved havnen. "
DENSE = (
    "Mange ældre borgere er ensomme. Besøgsvenner mindsker ensomhed blandt ældre, og ensomhed rammer især dem, der "
    "bor alene. Kommunen vil støtte besøgstjenester, så færre ældre føler sig ensomme. Ensomhed koster livskvalitet. "
    * 2
)
PASSING = FILLER * 12 + "En bænk ved stien kan også modvirke ensomhed. " + FILLER * 12
VISITORS = Profile("besog", topics=("ensomhed", "besøgsvenner"), target_groups=("ældre",))


def found(*pages: str, profile: Profile = VISITORS, title: str = "Forslag til lokalplan 1114") -> list[Found]:
    item = ItemText(title, attachments=(Attachment("Bilag 1", pages),))
    return find(item, compile_profiles([profile], load_thesaurus()))


def test_a_page_where_topic_and_group_meet_is_found_with_its_number_and_quoted() -> None:
    [hit] = found(FILLER, FILLER, DENSE, FILLER)
    assert hit.grade == "strong"
    assert hit.reasons[0].section_name == "»Bilag 1«, side 3"
    assert "ensom" in hit.passage.casefold()


@pytest.mark.parametrize("pages", [(PASSING,), (FILLER,) * 60 + (PASSING,) + (FILLER,) * 139, (PASSING,) * 200])
def test_words_in_passing_are_silent_however_many_pages_there_are(pages: tuple[str, ...]) -> None:
    assert found(*pages) == []


def test_a_table_of_contents_is_no_evidence() -> None:
    assert found("\n".join(f"{number}. Ensomhed blandt ældre ............ {number}" for number in range(1, 20))) == []


def test_the_associations_own_name_is_found_on_any_page() -> None:
    named = Profile("x", topics=("badminton",), own_names=("Natteravnene Havnen",))
    [hit] = found(*[FILLER] * 80, f"{FILLER} Natteravnene Havnen får 20.000 kr.", profile=named)
    assert (hit.score, hit.reasons[0].section_name) == (1.0, "»Bilag 1«, side 81")


def test_an_excluded_word_silences_its_page_and_routine_items_their_papers() -> None:
    without = Profile("x", topics=VISITORS.topics, target_groups=("ældre",), exclude=("besøgstjeneste",))
    assert found(DENSE, profile=without) == []
    assert found(DENSE, title="Godkendelse af dagsorden") == []


def test_in_a_crowd_everybody_hears_of_a_page_what_they_would_hear_alone() -> None:
    thesaurus = load_thesaurus()
    named = f"{DENSE} Natteravnene Havnen hjælper."
    item = ItemText("Ensomhed i lokalplan 1114", attachments=(Attachment("A", (FILLER,)), Attachment("B", (named,))))
    crowd = [
        VISITORS,
        replace(VISITORS, id="same"),
        replace(VISITORS, id="named", own_names=("Natteravnene Havnen",)),
        replace(VISITORS, id="excluding", exclude=("livskvalitet",)),
        replace(VISITORS, id="elsewhere", committees=("Byrådet",)),
        Profile("topic", topics=("ensomhed",)),
        Profile("other", topics=("badminton",)),
    ]
    together = {hit.profile_id: hit for hit in find(item, compile_profiles(crowd, thesaurus))}
    alone = {hit.profile_id: hit for one in crowd for hit in find(item, compile_profiles([one], thesaurus))}
    assert set(together) == set(alone) >= {"besog", "same", "named", "topic"}
    for id_, hit in alone.items():
        assert together[id_].score == pytest.approx(hit.score)
        assert together[id_].reasons == hit.reasons


def test_a_reading_is_packed_and_unpacked_whole() -> None:
    read = read_paper([DENSE, "", "Servicelovens § 18 og fritids- og kulturtilbud", *[FILLER * 10] * 9])
    assert PaperReading.from_bytes(read.to_bytes()) == read
    assert len(read.to_bytes()) < len(FILLER) * 90 / 3


class _Read:
    status, content_type, page_count, reason = "read", "application/pdf", 1, ""
    page_map = [{"page": 1, "start": 0}]  # noqa: RUF012
    text = DENSE


def _arrive(url: str) -> None:
    """The files of all waiting papers come."""
    with transaction(url) as session:
        while papers.take_places(session, 100, now()):
            pass
        document = papers.keep_document(session, _Read(), sha256="a" * 64, size=9, moment=now())
        for one in papers.whose_turn(session, 100, now()):
            papers.fetched(session, one.id, document, now())


def _origins(url: str) -> list[tuple[MatchOrigin, bool]]:
    with reading(url) as session:
        return [(one.origin, one.current) for one in session.scalars(select(Match).order_by(Match.id))]


def _publish(url: str, days: int) -> None:
    with transaction(url) as session:
        town = a_municipality(session)
        meeting = a_meeting(session, starts_at=now() + timedelta(days=days), municipality=town)
        for number in (1, 2):
            item = an_item(session, f"Lokalplan {number}", meeting=meeting, text=FILLER, attachments=["Notat"])
            item.newest.attachments[0].url = f"https://example.dk/{number}"
            item.newest.seen_at = now() - timedelta(days=30)
        who = an_association(session, topics=["ensomhed", "besøgsvenner"], target_groups=["ældre"])
        a_subscription(session, "Alice", who)


def test_a_paper_that_comes_after_its_item_was_read_is_news_once(database_url: str) -> None:
    _publish(database_url, days=7)
    assert run_matching(database_url).matches_new == 0
    _arrive(database_url)
    first, second = run_matching(database_url), run_matching(database_url)
    assert (first.analysed, first.matches_new, second.analysed) == (2, 2, 0)
    assert _origins(database_url) == [(MatchOrigin.PUBLISHED, True)] * 2
    with reading(database_url) as session:
        assert len(recipients_with_news(session, now())) == 1
        reasons = session.scalars(select(Match)).first()
        assert reasons
        assert "i bilag »Notat«, side 1" in " ".join(one["said"] for one in reasons.reasons)


def test_the_same_paper_under_a_text_that_says_nothing_new_is_no_news(sqlite_url: str) -> None:
    _publish(sqlite_url, days=7)
    _arrive(sqlite_url)
    run_matching(sqlite_url)
    with transaction(sqlite_url) as session:
        for one in session.scalars(select(Match)):
            one.origin = MatchOrigin.VOCABULARY
        item = session.scalars(select(AgendaItem)).first()
        assert item
        paper = item.newest.attachments[0]
        again = a_revision(session, item, text=FILLER, material=False, attachments=["Notat"])
        again.attachments[0].url = paper.url
    _arrive(sqlite_url)
    assert run_matching(sqlite_url).matches_new == 1
    assert {origin for origin, _ in _origins(sqlite_url)} == {MatchOrigin.VOCABULARY}


def test_a_paper_that_comes_after_the_meeting_is_kept_and_mailed_to_nobody(sqlite_url: str) -> None:
    _publish(sqlite_url, days=-1)
    run_matching(sqlite_url)
    _arrive(sqlite_url)
    run_matching(sqlite_url)
    assert _origins(sqlite_url) == [(MatchOrigin.VOCABULARY, True)] * 2
    with reading(sqlite_url) as session:
        assert recipients_with_news(session, now()) == []


def test_a_paper_that_is_there_in_time_counts_at_once_and_meets_new_profiles(sqlite_url: str) -> None:
    _publish(sqlite_url, days=7)
    _arrive(sqlite_url)
    assert run_matching(sqlite_url).matches_new == 2
    with transaction(sqlite_url) as session:
        an_association(session, "En til", topics=["besøgsvenner", "ensomhed"], target_groups=["ældre"])
    assert run_matching(sqlite_url).matches_new == 2
    with reading(sqlite_url) as session:
        assert len(session.scalars(select(AgendaItem)).all()) == len(session.scalars(select(AttachmentRow)).all())
