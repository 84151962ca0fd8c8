"""A common topic beside what an association is for makes an alert, but no place high up in the list."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.aside import Aside
from matcher.compiled import compile_profiles
from matcher.crowd import score_alone
from matcher.evidence import gather
from matcher.find import Found, find
from matcher.item import ItemText
from matcher.profile import Profile, Resolver
from matcher.reading import read_item
from matcher.topics import load_thesaurus
from matcher.weights import shipped_weights

VILLAGE = Profile("by", topics=("landsbyer", "forsamlingshus", "bosætning", "bibliotek"))
COMMON = {"libraries": 0.12}


def found(title: str, profile: Profile, commonness: dict[str, float]) -> Found:
    [one] = find(ItemText(title), compile_profiles([profile], load_thesaurus(), commonness), everything=True)
    return one


@pytest.fixture(scope="module")
def aside() -> Aside:
    return Aside(Resolver(load_thesaurus()), COMMON)


def test_a_common_topic_that_has_little_to_do_with_the_others_lies_aside(aside: Aside) -> None:
    assert aside.of(VILLAGE).keys() == {"libraries"}
    assert 0.5 < aside.of_word("bibliotek", aside.of(VILLAGE)) < 1


@pytest.mark.parametrize(
    "profile",
    [
        Profile("alone", topics=("bibliotek",)),
        Profile("field", topics=("bibliotek", "biblioteker", "folkebibliotek")),
        replace(VILLAGE, description="Vi driver et forsamlingshus og et bibliotek."),
        Profile("rare", topics=("landsbyer", "forsamlingshus", "bosætning", "svømning")),
    ],
)
def test_what_an_association_is_for_lies_never_aside(aside: Aside, profile: Profile) -> None:
    assert aside.of(profile) == {}


def test_what_lies_aside_is_an_alert_still_but_stands_lower() -> None:
    title = "Ny strategi for bibliotekerne"
    alert = shipped_weights().alert
    own_field = found(title, replace(VILLAGE, description="Vi driver et bibliotek."), COMMON)
    beside = found(title, VILLAGE, COMMON)
    assert alert <= beside.score < own_field.score
    assert beside.grade != "below"
    own = found("Ny strategi for landsbyerne", VILLAGE, COMMON)
    assert own.score > beside.score


def test_alone_the_same_score() -> None:
    item = ItemText("Ny strategi for bibliotekerne")
    compiled = compile_profiles([VILLAGE], load_thesaurus(), COMMON)
    evidence = gather(item, read_item(item), compiled)
    alone = score_alone(compiled.weights[0], evidence, shipped_weights(), names_people=False)
    assert alone == pytest.approx(found("Ny strategi for bibliotekerne", VILLAGE, COMMON).score)


def test_no_alert_is_ordered_below_the_threshold_and_nothing_else_is_touched() -> None:
    weights = shipped_weights()
    scores = np.array([weights.alert - 0.1, weights.alert + 0.1, weights.alert + 0.2, 0.9])
    central = np.array([0.0, 0.0, weights.alert + 0.1, 0.9])
    assert weights.ordered(scores, central).tolist() == pytest.approx(
        [weights.alert - 0.1, weights.alert, weights.alert + 0.1, 0.9]
    )
