"""Words that a profile could have too: akin in the thesaurus, or standing beside what it finds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from config.clock import now
from matcher.advice import ENOUGH_ITEMS, advice, advice_on, advice_on_matches
from matcher.archive_sample import AT_A_TIME, Sample, sampled
from matcher.companions import LEAST_LIKELIHOOD, Companion, log_likelihood
from matcher.profile import Profile, Resolver
from matcher.run import run_matching
from matcher.suggestions import MOST, suggestions
from matcher.would_find import rates, thesaurus, would_find
from storage.engine import reading, transaction
from storage.models import Profile as ProfileRow
from storage.models import ProfileCheck
from tests.factories import a_meeting, a_municipality, an_association, an_item


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(thesaurus())


def words(found: list) -> list[str]:
    return [one.word for one in found]


def test_relatives_of_what_was_typed_are_suggested_with_their_reason(resolver: Resolver) -> None:
    found = suggestions(Profile("a", topics=("plejehjem", "ensomhed")), resolver)
    why = {one.word: one.why for one in found}
    assert why["demens"] == "hænger ofte sammen med »plejehjem«"
    assert any(sentence.startswith("hører ligesom »plejehjem« under »") for sentence in why.values())
    assert len(found) <= MOST
    assert len(set(words(found))) == len(found)


def test_a_slip_of_the_finger_and_an_unknown_compound_find_the_nearest_known_word(resolver: Resolver) -> None:
    why = {one.word: one.why for one in suggestions(Profile("a", topics=("ensomhet", "bymusikskole")), resolver)}
    assert why["ensomhed"] == "ligner »ensomhet«, som vi ikke kender"
    assert any("»bymusikskole«" in sentence for sentence in why.values())


COMPANIONS = (
    Companion("sygeplejerske", False, 6, 10, "plejehjem"),
    Companion("demens", False, 6, 10, "plejehjem"),
    Companion("plejehjemsplads", True, 9, 10, "plejehjem"),
    Companion("lindebjerg", False, 9, 10, "plejehjem"),
    Companion("aftenvagtsordning", True, 4, 10, "plejehjem"),
)


def test_what_stands_beside_the_finds_comes_first_but_nothing_known_or_nameless(resolver: Resolver) -> None:
    found = suggestions(Profile("a", topics=("plejehjem",)), resolver, COMPANIONS)
    assert found[0].why.startswith("står ofte sammen med »plejehjem« i kommunens sager (")
    assert "demens" in words(found)
    assert "aftenvagtsordning" in words(found)
    assert not {"plejehjemsplads", "lindebjerg"} & set(words(found)), "covered by its part; a name"


def test_what_is_covered_or_excluded_is_never_suggested(resolver: Resolver) -> None:
    topics = [one.label for one in thesaurus().concepts.values() if one.kind == "topic"]
    for start in range(0, len(topics), 40):
        profile = Profile("a", topics=tuple(topics[start : start + 3]), exclude=("demens", "sport", "aftenvagt"))
        wanted = resolver.meaning(profile)
        for one in suggestions(profile, resolver, COMPANIONS):
            for concept in resolver.known(one.word):
                weights = [table.get(concept.id, 0.0) for table in wanted.concepts.values()]
                assert max(weights) < 0.65, (profile.topics, one)
            assert one.word not in {"demens", "idræt", "fodbold", "aftenvagtsordning"}


def test_the_likelihood_of_an_even_spread_is_nothing() -> None:
    assert log_likelihood(10, 90, 100, 900) == pytest.approx(0.0, abs=1e-9)
    assert log_likelihood(50, 50, 100, 900) > log_likelihood(25, 75, 100, 900) > LEAST_LIKELIHOOD


def _archive(session: Session, *, count: int, first: datetime) -> None:
    """A meeting a day: most are about sewers, every fourth about loneliness, and then also about dementia."""
    for number in range(count):
        meeting = a_meeting(session, starts_at=first + timedelta(days=number))
        if number % 4:
            an_item(session, f"Kloakering af vej {number}", meeting=meeting, text="Kloakken separeres på vejen.")
        else:
            text = "Frivillige besøgsvenner mod ensomhed. Ved demens hjælper en demenskoordinator."
            an_item(session, f"Ensomme ældre, sag {number}", meeting=meeting, text=text)


def test_an_archive_tells_counts_by_week_and_companions(database_url: str) -> None:
    first = now() - timedelta(days=41)
    with transaction(database_url) as session:
        _archive(session, count=40, first=first)
        mine = an_association(session, topics=["ensomhed"], content_hash="x").profile
        never = an_association(session, "Skakklubben", topics=["skakturnering"], content_hash="y").profile
        assert mine
        assert never
        ids = mine.id, never.id
    run_matching(database_url)
    lonely = Profile("1", topics=("ensomhed",))
    with reading(database_url) as session:
        found = would_find(session, lonely, [751], now() - timedelta(days=90))
        assert (len(found.hits), found.looked, found.there, found.whole) == (10, 40, 40, True)
        assert sum(count for _, count in found.weeks) == 10
        assert all(monday.weekday() == 0 for monday, _ in found.weeks)
        assert found.per_day == pytest.approx(10 / 39)
        assert [hit.item.meeting.starts_at for hit in found.hits] == sorted(
            (hit.item.meeting.starts_at for hit in found.hits), reverse=True
        )
        assert {"demens", "demenskoordinator"} <= {one.word for one in found.companions}
        assert "vej" not in {one.word for one in found.companions}
        assert advice_on(found) == ""
        assert words(suggestions(lonely, Resolver(thesaurus()), found.companions))[0] == "demens"

        nowhere = would_find(session, lonely, [101], now() - timedelta(days=90))
        assert (nowhere.looked, nowhere.per_week, nowhere.weeks) == (0, 0.0, ())
        both = rates(session, [lonely, Profile("2", topics=("skakturnering",))], {"1": [751], "2": []}, first)
        assert (both["1"].per_day, both["2"].per_day) == (pytest.approx(found.per_day), 0.0)
        assert both["2"].looked == 40
        assert [advice_on_matches(session, session.get_one(ProfileRow, id_)) for id_ in ids] == ["", ""]


def test_a_profile_that_finds_nothing_in_a_real_archive_is_told(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        meeting = a_meeting(session, starts_at=now() - timedelta(days=2))
        for number in range(ENOUGH_ITEMS):
            an_item(session, f"Kloakering af vej {number}", meeting=meeting, text="Kloakken separeres.")
        never = an_association(session, topics=["skakturnering"], content_hash="y").profile
        always = an_association(session, "Kloak", topics=["kloak"], content_hash="z").profile
        assert never
        assert always
        ids = never.id, always.id
    run_matching(sqlite_url)
    with reading(sqlite_url) as session:
        nothing, much = (advice_on_matches(session, session.get_one(ProfileRow, id_)) for id_ in ids)
        assert nothing.startswith("Profilen ville ikke have givet en eneste sag: den passede på ingen af 50 punkter.")
        assert "Tilføj" in nothing
        assert much.startswith("Profilen ville have givet cirka 7 sager om dagen, og så mange læser ingen.")
        assert "»Ikke om«" in much
        session.get_one(ProfileCheck, ids[0]).finished = False
        assert advice_on_matches(session, session.get_one(ProfileRow, ids[0])) == "", "not yet compared"


@pytest.mark.parametrize(
    ("per_day", "looked", "opening"),
    [(5.1, 10, "Profilen ville have givet cirka 5"), (5.0, 10, ""), (0.0, 49, ""), (0.0, 50, "Profilen ville ikke")],
)
def test_too_much_is_more_than_five_a_day_and_nothing_needs_enough_to_look_at(
    per_day: float, looked: int, opening: str
) -> None:
    assert advice(per_day, looked).startswith(opening)
    assert bool(advice(per_day, looked)) == bool(opening)


def test_a_sample_that_ends_early_is_spread_over_the_whole_time(sqlite_url: str) -> None:
    first = now() - timedelta(days=80)
    with transaction(sqlite_url) as session:
        other = a_municipality(session, "Assens", 420)
        for number in range(2 * AT_A_TIME):
            where = other if number % 2 else a_municipality(session)
            meeting = a_meeting(session, starts_at=first + timedelta(hours=18 * number), municipality=where)
            an_item(session, f"Sag {number}", meeting=meeting, text="Kort.")
    run_matching(sqlite_url)
    with reading(sqlite_url) as session:
        sample = Sample()
        moments = [one.row.meeting.starts_at for one in sampled(session, (), first, sample, seconds=0)]
    assert (len(moments), sample.there.total(), sample.looked.total()) == (AT_A_TIME, 2 * AT_A_TIME, AT_A_TIME)
    assert max(moments) - min(moments) > timedelta(days=70)
    assert sample.days == pytest.approx(18 * (2 * AT_A_TIME - 1) / 24)
    # Half of it was looked at, so a hit stands for two.
    assert sample.per_day(10, ()) == pytest.approx(20 / sample.days)
