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

from matcher.language.compounds import simple_lemma, split_compound
from matcher.language.words import word_data

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST_INITIALS: Final = 5
APOSTROPHE_ENDING: Final = re.compile(r"[’'´](?:en|et|er|erne|ernes|ens|ets|e|ere|s)?$")


@lru_cache(maxsize=200_000)
def lemma_of(word: str) -> str:
    """The lemma of a lower-case word; "STU'en" → "stu", "besøgsvennernes" → "besøgsven"."""
    word = APOSTROPHE_ENDING.sub("", word) or word
    if word in word_data().lemmas or simplemma.is_known(word, lang="da"):
        return simple_lemma(word)
    parts = split_compound(word)
    if parts:
        return word[: parts[-1].start] + parts[-1].lemma
    return simple_lemma(word)


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
