"""How much the part of a compound says."""

import pytest

from matcher.compiled import compile_profiles
from matcher.evidence import Placed, gather
from matcher.item import ItemText, Section
from matcher.profile import Profile
from matcher.reading import read_item
from matcher.topics import load_thesaurus


def hits(typed: str, sentence: str) -> list[Placed]:
    """What a text holds of the typed word itself."""
    item = ItemText("Punkt", sections=(Section("presentation", "Sagen", sentence),))
    compiled = compile_profiles([Profile("p", topics=(typed,))], load_thesaurus())
    placed = gather(item, read_item(item), compiled).placed
    [word] = [number for number, node in enumerate(compiled.nodes) if node.kind == "phrase"]
    return placed.get(word, [])


@pytest.mark.parametrize("word", ["peer-indsatsen", "peer-projekter", "peergruppe"])
def test_before_a_last_part_that_says_little_stands_the_subject(word: str) -> None:
    assert [hit.hit.how for hit in hits("peer", f"Rådet drøfter {word}.")] == ["subject"]


def test_before_a_last_part_that_says_what_the_thing_is_stands_only_its_kind() -> None:
    [night] = hits("kultur", "Rådet drøfter kulturnatten.")
    [plan] = hits("kultur", "Rådet drøfter kulturplanen.")
    assert night.strength < plan.strength < 1
