"""Danish language: text in, a spaCy Doc out, with lemmas, compound parts and law references on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Doc

# The tokenizer's time grows with the square of what stands between two blanks, the splitting of compounds faster
# still. The longest words of municipal texts have some 50 letters.
_ENDLESS: Final = re.compile(r"\S{201,}")
_NO_WORD: Final = re.compile(r"\w{61,}")
_SIGN: Final = re.compile(r"[^\w\s]")


def analyse(text: str) -> Doc:
    """One Doc for a section or passage. What is too long to be words stands there as blanks, offsets kept.

    The first text takes a second more: spaCy is loaded for it, and only then. Whoever has nothing to read goes without.
    """
    from matcher.language.pipeline import pipeline  # noqa: PLC0415 - see above

    return pipeline()(_without_endless(text))


def _without_endless(text: str) -> str:
    text = _ENDLESS.sub(lambda run: _SIGN.sub(" ", run[0]), text)
    return _NO_WORD.sub(lambda run: " " * len(run[0]), text)
