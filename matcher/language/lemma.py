"""The dictionary form of each word.

Order: our exceptions, simplemma when it knows the word, else the compound's end ("ungdomskontrakter" →
"ungdomskontrakt"), else the hunspell dictionary, else the word as it stands. Lemmas are lower case.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import simplemma

from matcher.language.compounds import dictionary_lemma, is_dictionary_form, simple_lemma, split_compound
from matcher.language.hunspell import compound_tables
from matcher.language.words import word_data

SHORTEST_BEGINNING: Final = 3
SHORTEST_END: Final = 4
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
    return known or _by_its_end(word) or simple_lemma(word)


def _by_its_end(word: str) -> str:
    """A word no dictionary has is inflected like the longest word it ends with ("klimarådet" like "rådet")."""
    if compound_tables().end_lemma(word) or not word.isalpha():
        return ""
    for start in range(SHORTEST_BEGINNING, len(word) - SHORTEST_END + 1):
        end = dictionary_lemma(word[start:])
        if end is not None:
            return word[:start] + end
    return ""


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


@lru_cache(maxsize=100_000)
def verb_of(word: str) -> str:
    """The verb that a lower-case word may be the present tense of ("løber" → "løbe"), though it is a noun too."""
    if word in word_data().verbs:
        return word_data().verbs[word]
    if not word.endswith("er") or word in word_data().lemmas or not is_dictionary_form(word):
        return ""
    verb: str = simplemma.lemmatize(word, lang="da")
    return verb if verb == word[:-1] else ""
