"""Danish words as people and municipalities write them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.language import analyse
from matcher.language.compounds import split_compound
from matcher.language.lemma import lemma_of
from matcher.language.references import find_references

LINES = [
    line.partition(":")
    for line in Path(__file__).with_name("compounds.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("word", "parts"), [(word, parts.split()) for word, _, parts in LINES])
def test_compounds_come_apart_and_other_words_stay_whole(word: str, parts: list[str]) -> None:
    assert [part.lemma for part in split_compound(word)] == parts


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("ældre", "ældre"),
        ("gamle", "gammel"),
        ("udsatte", "udsatte"),
        ("udsat", "udsat"),
        ("handicappede", "handicappede"),
        ("borgerrådgiveren", "borgerrådgiver"),
        ("dagtilbuddene", "dagtilbud"),
        ("plejehjemmets", "plejehjem"),
        ("besøgsvennernes", "besøgsven"),
        ("ungdomskontrakter", "ungdomskontrakt"),
        ("forsamlingshusene", "forsamlingshus"),
        ("frivillige", "frivillig"),
        ("hallerne", "hal"),
        ("stu'en", "stu"),
        ("værestederne", "værested"),
        ("børnenes", "barn"),
    ],
)
def test_inflected_forms_share_their_dictionary_form(form: str, lemma: str) -> None:
    assert lemma_of(form) == lemma


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("§18-midler", {"§ 18"}),
        ("paragraf 18", {"§ 18"}),
        ("efter servicelovens § 18, stk. 4.", {"serviceloven § 18 stk. 4", "serviceloven § 18", "§ 18 stk. 4", "§ 18"}),
        ("lov om social service § 79", {"serviceloven § 79", "§ 79"}),
        ("§ 18 i serviceloven", {"serviceloven § 18", "§ 18"}),
        ("§§ 79 og 83 a", {"§ 79", "§ 83 a"}),
        ("§§ 83-85", {"§ 83", "§ 84", "§ 85"}),
        ("barnets lovs § 32", {"barnets lov § 32", "§ 32"}),
        ("§17, stk. 4-udvalget", {"§ 17 stk. 4", "§ 17"}),
        ("§ 17 i alt", {"§ 17"}),
        ("den 18. maj", set()),
    ],
)
def test_law_references_have_one_spelling(text: str, terms: set[str]) -> None:
    assert {term for reference in find_references(text) for term in reference.terms} == terms


@pytest.mark.parametrize(
    ("text", "half", "parts"),
    [
        ("børne- og familieområdet", "børne-", ["barn", "område"]),
        ("Børne-, Unge- og Familieudvalget", "Unge-", ["unge", "udvalg"]),
        ("sportshaller og -anlæg", "-anlæg", ["sport", "anlæg"]),
        ("sport-/fritidsområdet", "sport-", ["sport", "område"]),
    ],
)
def test_half_words_get_the_half_they_share(text: str, half: str, parts: list[str]) -> None:
    token = next(token for token in analyse(text) if token.text == half)
    assert [part.lemma for part in token._.parts] == parts


@given(st.lists(st.sampled_from([*(word for word, _, _ in LINES), "og", "§ 18,", "børne-", "–", "\n"])).map(" ".join))
def test_parts_and_references_lie_inside_their_words(text: str) -> None:
    doc = analyse(text)
    assert doc.text == text
    for token in doc:
        for part in token._.parts:
            assert token.idx <= part.start < part.end <= token.idx + len(token)
    for reference in doc._.references:
        assert 0 <= reference.start < reference.end <= len(text)


@given(st.text(max_size=200))
def test_any_text_can_be_analysed(text: str) -> None:
    assert analyse(text).text == text
