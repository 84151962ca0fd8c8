"""The spaCy pipeline on ``spacy.blank("da")``, one in a process; no trained model is needed. All offsets are those of
the text that is passed in.

Components: ``danish_lemma``, ``references``, and those of ``compound_parts``.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token
from spacy.util import compile_infix_regex

from matcher.language import compound_parts
from matcher.language.lemma import lemma_of, verb_of
from matcher.language.references import find_references
from matcher.language.words import word_data

# A section is cut at two million characters when it is read. spaCy's own limit is about models that we do not use.
LONGEST_TEXT: Final = 20_000_000
LONGEST_INITIALS: Final = 5
INFIXES: Final = [r"[\"“”„»«()\[\]{}:;!?/|•]", r"(?<=[a-zæøå])\.(?=[A-ZÆØÅ])", r"(?<=[a-zæøå]),(?=[A-Za-zÆØÅæøå])"]

if not Token.has_extension("is_verb"):
    Token.set_extension("is_verb", default=False)
if not Doc.has_extension("references"):
    Doc.set_extension("references", default=())


@cache
def pipeline() -> Language:
    """The pipeline, built once per process."""
    nlp = spacy.blank("da")
    nlp.max_length = LONGEST_TEXT
    tokenizer: Any = nlp.tokenizer
    tokenizer.infix_finditer = compile_infix_regex([*(nlp.Defaults.infixes or ()), *INFIXES]).finditer
    for name in ("danish_lemma", *compound_parts.COMPONENTS, "references"):
        nlp.add_pipe(name)
    return nlp


@Language.component("danish_lemma", assigns=["token.lemma", "token._.is_verb"])
def danish_lemma(doc: Doc) -> Doc:
    """Sets ``token.lemma_``; initials ("ALS", "KOL") are their own lemma.

    "Aftalen løber" is no runner and "skal have" no garden: such a word is the verb (``token._.is_verb``) unless it
    follows an article or a preposition or begins the text.
    """
    for token in doc:
        is_initials = token.is_upper and len(token) <= LONGEST_INITIALS
        verb = verb_of(token.lower_) if token.i and doc[token.i - 1].lower_ not in word_data().before_nouns else ""
        token._.is_verb = bool(verb)
        token.lemma_ = token.lower_ if is_initials else verb or lemma_of(token.lower_)
    return doc


@Language.component("references", assigns=["doc._.references"])
def references(doc: Doc) -> Doc:
    """Sets ``doc._.references`` (tuple of Reference)."""
    doc._.references = tuple(find_references(doc.text))
    return doc
