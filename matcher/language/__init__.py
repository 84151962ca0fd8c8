"""Danish language: text in, a spaCy Doc out, with lemmas, compound parts and law references on it.

``analyse`` uses one pipeline per process, on ``spacy.blank("da")``; no trained model is needed. All offsets are
those of the text that was passed in.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import spacy
from spacy.util import compile_infix_regex

from matcher.language import compound_parts, lemma, references

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["analyse", "compound_parts", "lemma", "pipeline", "references"]

INFIXES = [r"[\"“”„»«()\[\]{}:;!?/|•]", r"(?<=[a-zæøå])\.(?=[A-ZÆØÅ])", r"(?<=[a-zæøå]),(?=[A-Za-zÆØÅæøå])"]


@cache
def pipeline() -> Language:
    """The pipeline, built once per process."""
    nlp = spacy.blank("da")
    tokenizer: Any = nlp.tokenizer
    tokenizer.infix_finditer = compile_infix_regex([*(nlp.Defaults.infixes or ()), *INFIXES]).finditer
    for name in ("danish_lemma", "compound_parts", "coordination", "references"):
        nlp.add_pipe(name)
    return nlp


def analyse(text: str) -> Doc:
    """One Doc for a section or passage."""
    return pipeline()(text)
