"""How much the part of a compound says, and compounds that a text says in several words."""

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


@pytest.mark.parametrize(
    ("typed", "text", "quoted"),
    [
        ("skolefravær", "højt fravær i skolen", "fravær i skolen"),
        ("skolefravær", "skolernes fravær stiger", "skolernes fravær"),
        ("familiestøtte", "støtte til små børn og familier", "støtte til små børn og familier"),
        ("børnefattigdom", "fattigdom blandt børn", "fattigdom blandt børn"),
        ("boligplacering", "placering af boliger", "placering af boliger"),
        ("ungeindsats", "indsatsen for de unge", "indsatsen for de unge"),
        ("sprogundervisning", "undervisning i dansk sprog", "undervisning i dansk sprog"),
        ("ungdomsklub", "klub for ungdom", "klub for ungdom"),
        ("voldsforebyggelse", "forebyggelse af vold", "forebyggelse af vold"),
    ],
)
def test_a_compound_is_found_when_a_text_takes_it_apart(typed: str, text: str, quoted: str) -> None:
    sentence = f"Udvalget drøfter {text}."
    [found] = [placed.hit for placed in hits(typed, sentence) if placed.hit.how == "apart"]
    assert sentence[found.start : found.end] == quoted


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("haveplads", "en plads i haven"),
        ("byhus", "et hus i byen"),
        ("ungeråd", "vi har ikke råd til unge"),
        ("skoletid", "der er tid til skole"),
        ("skolefravær", "fravær, skolen og andet"),
        ("skolefravær", "fravær på grund af byggeri ved skolen"),
        ("familiestøtte", "støtten er til anlæg, som familier bruger"),
    ],
)
def test_words_that_only_stand_near_each_other_are_no_compound(typed: str, text: str) -> None:
    assert not hits(typed, f"Udvalget drøfter {text}.")
