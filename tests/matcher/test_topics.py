"""Faults in the thesaurus files are told to the person who made them."""

from pathlib import Path

import pytest

from matcher.topics import Thesaurus, ThesaurusError, load_thesaurus

GOOD = """
[[concept]]
id = "loneliness"
label = "ensomhed"
words = ["ensomhed"]
narrower = ["visiting-friends"]
law = ["serviceloven § 79", "barnets lov § 32 stk. 1"]
kle = ["27.15.12"]
not = ["ensomhedstal"]

[[concept]]
id = "visiting-friends"
label = "besøgsvenner"
words = ["besøgsven", "ensomhed"]
"""


def load(tmp_path: Path, topics: str, groups: str = "") -> Thesaurus:
    (tmp_path / "topics.toml").write_text(topics, encoding="utf-8")
    (tmp_path / "groups.toml").write_text(groups, encoding="utf-8")
    return load_thesaurus(tmp_path / "topics.toml", tmp_path / "groups.toml")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    concept = load(tmp_path, GOOD).concepts["loneliness"]
    assert concept.false_friends == ("ensomhedstal",)
    assert concept.kind == "topic"


def test_the_version_moves_with_any_word(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).version != load(tmp_path, GOOD.replace("ensomhedstal", "ensomhedsmål")).version


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("narrower = [", "narower = [", ["loneliness", "narower"]),
        ('"visiting-friends"]', '"visitors"]', ["loneliness", "narrower", "visitors"]),
        ('narrower = ["visiting-friends"]', "", ["visiting-friends", "words", "ensomhed", "loneliness"]),
        ('kle = ["27.15.12"]', 'kle = ["27-15"]', ["loneliness", "kle"]),
        ("serviceloven § 79", "serviceloven paragraf 79", ["loneliness", "law"]),
        ('not = ["ensomhedstal"]', 'whole_only = ["barn"]', ["loneliness", "whole_only", "barn"]),
        ('label = "ensomhed"', "", ["loneliness", "label"]),
        ('id = "visiting-friends"', 'id = "loneliness"', ["loneliness", "id"]),
        ("[[concept]]", "[[koncept]]", ["koncept"]),
        ('label = "ensomhed"', "label = ensomhed", ["topics.toml"]),
        ('label = "ensomhed"', 'label = "ensomhed"\nkind = "topic"', ["loneliness", "kind"]),
    ],
)
def test_a_fault_is_named_with_concept_and_key(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    with pytest.raises(ThesaurusError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert all(word in str(caught.value) for word in told)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ThesaurusError, match=r"nowhere\.toml"):
        load_thesaurus(tmp_path / "nowhere.toml", tmp_path / "nowhere.toml")


def test_the_shipped_thesaurus_is_in_order() -> None:
    assert load_thesaurus().concepts
