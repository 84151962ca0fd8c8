"""Answers change how much a subject counts for the association that gave them: a little, visibly, and back again."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.item import ItemText, Section
from matcher.learning import SPAN, Answer, as_weights, factor_of, leanings, subjects_in
from matcher.look_again import look_again
from matcher.profile import Profile, Resolver
from matcher.run import run_matching
from matcher.weights import shipped_weights
from matcher.would_find import thesaurus
from storage.engine import reading, transaction
from storage.models import AgendaItem, Feedback, Match, ProfileCheck, Verdict
from storage.models import Profile as ProfileRow
from tests.matcher.factories import LONELINESS, SEEN, SEWER, association, publish, source
from web.subscriptions import judge, set_aside

LONELY = ItemText(
    title="Handleplan for færre ensomme ældre",
    committee="Socialudvalget",
    municipality="Aarhus",
    sections=(
        Section("summary", "Resume", "Frivillige besøgsvenner og fællesspisning skal mindske ensomhed."),
        Section(
            "presentation", "Sagsfremstilling", "Hver femte ældre føler sig ensom. Indsatsen mod ensomhed styrkes."
        ),
    ),
)
PASSING = ItemText(
    title="Kvartalsrapport om driften",
    committee="Socialudvalget",
    municipality="Aarhus",
    sections=(
        Section("summary", "Resume", "Udvalget orienteres om økonomien."),
        Section(
            "presentation",
            "Sagsfremstilling",
            "Et tilbud mod ensomhed er kommet i gang. "
            + "Regnskabet viser et mindreforbrug på vejdrift og bygninger. " * 40,
        ),
    ),
)


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(thesaurus())


def learned(resolver: Resolver, *answers: Answer) -> dict[str, float]:
    return dict(as_weights(leanings(answers, resolver)))


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_factor_is_bounded_and_goes_the_way_of_the_answers(relevant: int, not_relevant: int) -> None:
    factor = factor_of(relevant, not_relevant)
    assert 1 - SPAN < factor < 1 + SPAN
    assert (factor > 1, factor < 1) == (relevant > not_relevant, relevant < not_relevant)
    assert factor_of(relevant + 1, not_relevant) > factor > factor_of(relevant, not_relevant + 1)


def test_the_same_answers_teach_the_same_in_any_order(resolver: Resolver) -> None:
    answers = [
        Answer(relevant=False, about=("bolig",)),
        Answer(relevant=True, about=("ensomhed", "bolig")),
        Answer(relevant=False, about=("boliger", "gækkebreve")),
        Answer(relevant=False, about=()),
    ]
    (found,) = {leanings(order, resolver) for order in permutations(answers)}
    by_subject = {one.subject: (one.relevant, one.not_relevant) for one in found}
    # "boliger" is the typed form of the concept "bolig"; "gækkebreve" nobody knows: it stands for itself.
    assert by_subject == {"bolig": (1, 2), "ensomhed": (1, 0), "gækkebreve": (0, 1)}


def test_what_was_learned_is_said_in_words(resolver: Resolver) -> None:
    (one,) = leanings([Answer(relevant=False, about=("lokalplaner",))] * 3, resolver)
    assert one.said == (
        f"I har svaret »ikke relevant« til 3 sager om »{one.subject}«. Derfor tæller det mindre hos jer."
    )
    (other,) = leanings([Answer(relevant=True, about=("ensomhed",))], resolver)
    assert other.said == "I har svaret »relevant« til 1 sag om »ensomhed«. Derfor tæller det lidt mere hos jer."


def test_an_own_name_and_mere_hints_teach_nothing() -> None:
    reasons = [
        {"label": "besøgsvennerne", "via": "own_name"},
        {"label": "ensomhed", "via": "topic"},
        {"label": "ensomhed", "via": "kle"},
        {"label": "kultur", "via": "hint"},
        {"label": "ældre", "via": "target_group"},
    ]
    assert subjects_in(reasons) == ["ensomhed", "ældre"]


def scores(profile: Profile, item: ItemText) -> float:
    found = find(item, compile_profiles([profile], thesaurus()), everything=True)
    return found[0].score if found else 0.0


def test_a_thousand_answers_weaken_a_mention_in_passing_but_silence_no_topic(resolver: Resolver) -> None:
    plain = Profile("a", topics=("ensomhed", "besøgsvenner"), target_groups=("ældre",))
    about = ("ensomhed", "besøgsvenner", "ældre")
    weary = replace(plain, leanings=tuple(learned(resolver, *[Answer(relevant=False, about=about)] * 1000).items()))
    glad = replace(plain, leanings=tuple(learned(resolver, *[Answer(relevant=True, about=about)] * 1000).items()))
    assert scores(weary, PASSING) < scores(plain, PASSING) < scores(glad, PASSING)
    assert scores(weary, PASSING) < shipped_weights().alert
    assert scores(weary, LONELY) > shipped_weights().strong


def test_answers_reach_nobody_else_who_wants_the_same() -> None:
    plain = Profile("a", topics=("ensomhed",), target_groups=("ældre",))
    others = [replace(plain, id="b"), replace(plain, id="c", leanings=(("ensomhed", 0.6),))]
    compiled = compile_profiles([plain, *others], thesaurus())
    assert sorted(audience.ids for audience in compiled.audiences) == [("a", "b"), ("c",)]
    found = {one.profile_id: one.score for one in find(PASSING, compiled, everything=True)}
    assert found["a"] == found["b"] == pytest.approx(scores(plain, PASSING), abs=1e-12)
    assert found["c"] < found["a"]
    # What is learned of a subject that the profile does not want keeps it among those who mean the same.
    stray = replace(plain, id="d", leanings=(("svømning", 0.6),))
    assert compile_profiles([plain, stray], thesaurus()).size == 1


def rows(url: str) -> list[tuple[str, str, bool]]:
    with reading(url) as session:
        return [
            (m.revision.title, m.origin.value, m.current) for m in session.scalars(select(Match).order_by(Match.id))
        ]


def answer(url: str, title: str, verdict: Verdict, profile: int) -> None:
    with transaction(url) as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.title == title)).one()
        judge(session, session.get_one(ProfileRow, profile).association_id or 0, item.id, verdict, SEEN)


def test_an_answer_looks_again_silently_and_only_for_its_association(database_url: str) -> None:
    with transaction(database_url) as session:
        mine, theirs = association(session, "mine"), association(session, "theirs")
        publish(session, source(session), LONELINESS, SEWER)
    run_matching(database_url)
    before = rows(database_url)
    answer(database_url, LONELINESS.title, Verdict.NOT_RELEVANT, mine)
    with reading(database_url) as session:
        versions = {one.profile_id: one.version for one in session.scalars(select(ProfileCheck))}
        plain = {one.profile_id: one.score for one in session.scalars(select(Match))}

    result = run_matching(database_url)

    assert result.profiles_checked == 1
    assert rows(database_url) == before, "what was found stays found, by the same origin"
    with reading(database_url) as session:
        checks = {one.profile_id: one for one in session.scalars(select(ProfileCheck))}
        found = {one.profile_id: one.score for one in session.scalars(select(Match))}
        assert (checks[theirs].version, found[theirs]) == (versions[theirs], plain[theirs])
        assert (checks[mine].origin.value, checks[mine].version != versions[mine]) == ("vocabulary", True)
        assert found[mine] < plain[mine]
        item = session.scalars(select(AgendaItem).where(AgendaItem.title == LONELINESS.title)).one()
        said = look_again(session, item.newest, session.get_one(ProfileRow, mine)).said
        assert any(sentence.startswith("I har svaret »ikke relevant«") for sentence in said)
    assert run_matching(database_url).profiles_checked == 0

    with transaction(database_url) as session:
        own = session.scalars(select(Feedback)).one()
        assert own.about
        set_aside(session, own.association_id, None, SEEN + timedelta(days=1))
    run_matching(database_url)
    with reading(database_url) as session:
        assert {one.profile_id: one.score for one in session.scalars(select(Match))} == plain
        assert {one.version for one in session.scalars(select(ProfileCheck))} == {versions[theirs]}


def test_an_item_that_is_found_again_after_an_undo_is_never_mailed(database_url: str) -> None:
    with transaction(database_url) as session:
        mine = association(session, "mine")
        publish(session, source(session), LONELINESS)
    run_matching(database_url)
    with transaction(database_url) as session:
        session.scalars(select(Match)).one().current = False  # as if it had fallen below the threshold meanwhile
    answer(database_url, LONELINESS.title, Verdict.RELEVANT, mine)
    run_matching(database_url)
    assert rows(database_url) == [(LONELINESS.title, "vocabulary", True)]
