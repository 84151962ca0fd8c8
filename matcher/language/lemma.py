"""The spaCy component ``danish_lemma``: the dictionary form of each word.

Order: our exceptions, simplemma when it knows the word, else the compound's end ("ungdomskontrakter" →
"ungdomskontrakt"), else the hunspell dictionary, else the word as it stands. Lemmas are lower case.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import simplemma
from spacy.language import Language

from matcher.language.compounds import is_dictionary_form, simple_lemma, split_compound
from matcher.language.words import word_data

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST_INITIALS: Final = 5
APOSTROPHE_ENDING: Final = re.compile(r"[’'´](?:en|et|er|erne|ernes|ens|ets|e|ere|s)?$")


@lru_cache(maxsize=200_000)
def lemma_of(word: str) -> str:
    """The lemma of a lower-case word; "STU'en" → "stu", "besøgsvennernes" → "besøgsven"."""
    word = APOSTROPHE_ENDING.sub("", word) or word
    if word in word_data().lemmas:
        return word_data().lemmas[word]
    known = simple_lemma(word) if is_known(word) else ""
    if known and not _looks_like_a_verb_for(word, known):
        return known
    parts = split_compound(word)
    if parts:
        return word[: parts[-1].start] + parts[-1].lemma
    return known or simple_lemma(word)


def _looks_like_a_verb_for(word: str, lemma: str) -> bool:
    """Compounds with an agent noun ("gældsrådgiver") are listed as verbs ("gældsrådgive") in simplemma."""
    return word == f"{lemma}r" and lemma.endswith("e")


@lru_cache(maxsize=100_000)
def phrase_lemma(word: str) -> str:
    """The lemma of a lower-case word that somebody wrote on purpose as it is, in a profile or the thesaurus.

    What is a dictionary form already stays ("lokale" is a room, not "lokal"), and participles and superlatives
    stay ("de nærmeste" has nothing to do with "nær", "besøgende" are not a visit).
    """
    lemma = lemma_of(word)
    if lemma == word or word in word_data().lemmas:
        return lemma
    is_form_of_noun = is_dictionary_form(lemma) or not is_known(word)
    stays = is_dictionary_form(word) or word.endswith("este") or not is_form_of_noun
    return word if stays else lemma


@lru_cache(maxsize=100_000)
def is_known(word: str) -> bool:
    """Whether simplemma's dictionary has this lower-case form."""
    return bool(simplemma.is_known(word, lang="da"))


@Language.component("danish_lemma", assigns=["token.lemma"])
def danish_lemma(doc: Doc) -> Doc:
    """Sets ``token.lemma_``; initials ("ALS", "KOL") are their own lemma."""
    for token in doc:
        is_initials = token.is_upper and len(token) <= LONGEST_INITIALS
        token.lemma_ = token.lower_ if is_initials else lemma_of(token.lower_)
    return doc
