"""Danish language: text in, a spaCy Doc out, with lemmas, compound parts and law references on it.

``analyse`` uses one pipeline per process, on ``spacy.blank("da")``; no trained model is needed. All offsets are
those of the text that was passed in.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import spacy
from spacy.util import compile_infix_regex

from matcher.language import compound_parts, lemma, references

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["analyse", "compound_parts", "lemma", "pipeline", "references"]

# A section is cut at two million characters when it is read. spaCy's own limit is about models that we do not use.
LONGEST_TEXT: Final = 20_000_000
# The tokenizer's time grows with the square of what stands between two blanks, the splitting of compounds faster
# still. The longest words of municipal texts have some 50 letters.
_ENDLESS: Final = re.compile(r"\S{201,}")
_NO_WORD: Final = re.compile(r"\w{61,}")
_SIGN: Final = re.compile(r"[^\w\s]")

INFIXES = [r"[\"“”„»«()\[\]{}:;!?/|•]", r"(?<=[a-zæøå])\.(?=[A-ZÆØÅ])", r"(?<=[a-zæøå]),(?=[A-Za-zÆØÅæøå])"]


@cache
def pipeline() -> Language:
    """The pipeline, built once per process."""
    nlp = spacy.blank("da")
    nlp.max_length = LONGEST_TEXT
    tokenizer: Any = nlp.tokenizer
    tokenizer.infix_finditer = compile_infix_regex([*(nlp.Defaults.infixes or ()), *INFIXES]).finditer
    for name in ("danish_lemma", "compound_parts", "coordination", "references"):
        nlp.add_pipe(name)
    return nlp


def analyse(text: str) -> Doc:
    """One Doc for a section or passage. What is too long to be words stands there as blanks, offsets kept."""
    return pipeline()(_without_endless(text))


def _without_endless(text: str) -> str:
    text = _ENDLESS.sub(lambda run: _SIGN.sub(" ", run[0]), text)
    return _NO_WORD.sub(lambda run: " " * len(run[0]), text)
