"""The spaCy components ``compound_parts`` and ``coordination``: what compounds consist of, written out or not.

"børne- og familieområdet" stands for børneområde + familieområde, and "haller og -anlæg" names its first half
once; ``coordination`` gives such half words the parts they share.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from spacy.language import Language
from spacy.tokens import Token

from matcher.language.compounds import Part, part_lemma, split_compound

if TYPE_CHECKING:
    from spacy.tokens import Doc

HALF_WORD: Final = re.compile(r"\w-(?!\w)|(?<!\w)-\w")
COMPONENTS: Final = ("compound_parts", "coordination")
REACH: Final = 6  # tokens between "børne-" and the word which completes it
JOINERS: Final = frozenset({"og", "eller", "samt", ",", "/", "&"})


class WordPart(NamedTuple):
    """A part of a word; ``start`` and ``end`` are character offsets in the document's text."""

    lemma: str
    start: int
    end: int


if not Token.has_extension("parts"):
    Token.set_extension("parts", default=())


@Language.component("compound_parts", assigns=["token._.parts"])
def compound_parts(doc: Doc) -> Doc:
    """Sets ``token._.parts`` (tuple of WordPart) on compounds."""
    for token in doc:
        parts = split_compound(token.lower_)
        if parts:
            token._.parts = _placed(parts, token.idx)
    return doc


@Language.component("coordination", requires=["token._.parts"], assigns=["token._.parts"])
def coordination(doc: Doc) -> Doc:
    """Completes half words ("børne-") from the word which they are joined with."""
    if not HALF_WORD.search(doc.text):
        return doc
    for token in doc:
        if len(token) < 3:  # noqa: PLR2004
            continue
        if token.text.endswith("-"):
            _complete_forwards(token)
        elif token.text.startswith("-"):
            _complete_backwards(token)
    return doc


def _placed(parts: tuple[Part, ...], offset: int) -> tuple[WordPart, ...]:
    return tuple(WordPart(part.lemma, part.start + offset, part.end + offset) for part in parts)


def _complete_forwards(token: Token) -> None:
    doc, text = token.doc, token.lower_.rstrip("-")
    own = _placed(split_compound(text), token.idx) or (WordPart(part_lemma(text), token.idx, token.idx + len(text)),)
    for other in doc[token.i + 1 : token.i + 1 + REACH]:
        if other.lower_ in JOINERS or other.text.endswith("-"):
            continue
        tail = other._.parts[1:] if not other.text.startswith("-") else ()
        end = token.idx + len(token)
        token._.parts = (*own, *(WordPart(part.lemma, end - 1, end) for part in tail[-1:]))
        return
    token._.parts = own


def _complete_backwards(token: Token) -> None:
    text, start = token.lower_.lstrip("-"), token.idx + len(token) - len(token.lower_.lstrip("-"))
    own = _placed(split_compound(text), start) or (WordPart(part_lemma(text), start, start + len(text)),)
    before = [other for other in token.doc[max(0, token.i - 3) : token.i] if other._.parts]
    shared = before[-1]._.parts[:-1] if before else ()
    token._.parts = (*(WordPart(part.lemma, token.idx, start) for part in shared[:1]), *own)
