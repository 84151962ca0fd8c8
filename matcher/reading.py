"""What language analysis makes of an item: the terms of its title, sections and attachments, with their places.

A reading is plain data. It is kept with the item's revision, so that a new profile meets the archive without
anyone reading the texts again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from matcher.language import analyse
from matcher.language.masks import masked_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Doc

    from matcher.item import ItemText


class Term(NamedTuple):
    """A word or law reference. ``start`` and ``end`` are offsets in its source's text; ``number`` counts tokens.

    ``keys``: its spellings to look up; ``parts``: lemmas of a compound's parts; ``mask``: 0 = counts in full,
    1 = inside the name of a council, 2 = inside another name that says nothing about the matter.
    """

    start: int
    end: int
    number: int
    keys: tuple[str, ...]
    parts: tuple[str, ...]
    mask: int


@dataclass(frozen=True)
class Source:
    """A piece of the item: ``title``, ``committee``, ``section`` or ``attachment`` number ``position``, or a page of
    that attachment (``page 12``).
    """

    kind: str
    position: int
    terms: tuple[Term, ...]
    words: int


@dataclass(frozen=True)
class Reading:
    """All sources of one item."""

    sources: tuple[Source, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers, for storage."""
        return {"sources": [[s.kind, s.position, s.words, [list(t) for t in s.terms]] for s in self.sources]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reading:
        """The reading that ``to_json`` wrote."""
        return cls(
            tuple(
                Source(kind, position, tuple(_term(values) for values in terms), words)
                for kind, position, words, terms in data["sources"]
            )
        )


def read_item(item: ItemText) -> Reading:
    """Analyse all texts of an item."""
    return Reading(tuple(Source(kind, number, *terms_of_text(text)) for kind, number, text in texts_of(item) if text))


def texts_of(item: ItemText) -> Iterator[tuple[str, int, str]]:
    """(kind, position, text) of every source; the papers' own pages are read by ``matcher.paper_reading``."""
    yield "title", 0, item.title
    yield "committee", 0, item.committee
    for position, section in enumerate(item.sections):
        yield "section", position, section.text
    for position, attachment in enumerate(item.attachments):
        yield "attachment", position, attachment.title


def text_of(item: ItemText, kind: str, position: int) -> str:
    """The text that the offsets of a source's terms refer to."""
    match kind.split():
        case ["title"]:
            return item.title
        case ["committee"]:
            return item.committee
        case ["section"]:
            return item.sections[position].text
        case ["attachment"]:
            return item.attachments[position].title
        case ["page", number]:
            return item.attachments[position].pages[int(number) - 1]
    raise ValueError(f"no source of an item is called {kind!r}")


def _term(values: list[Any]) -> Term:
    start, end, number, keys, parts, mask = values
    return Term(start, end, number, tuple(keys), tuple(parts), mask)


def terms_of_text(text: str) -> tuple[tuple[Term, ...], int]:
    """The terms of a text, and how many of them are words."""
    doc = analyse(text)
    terms = terms_of(doc)
    words = sum(1 for term in terms if term.keys[0][0].isalpha())
    return terms, words


def terms_of(doc: Doc) -> tuple[Term, ...]:
    """The words of a Doc and its law references, in the order of the text."""
    masks = masked_tokens(doc)
    terms = []
    for token in doc:
        lower = token.lower_
        if not any(letter.isalnum() for letter in lower) or (len(lower) == 1 and token.is_upper):
            continue  # punctuation, and the single capitals by which minutes name parties and item types
        lemma = token.lemma_
        keys = (lemma,) if lemma == lower or token._.is_verb else (lower, lemma)
        parts = () if token._.is_verb else tuple(part.lemma for part in token._.parts)
        terms.append(Term(token.idx, token.idx + len(token), token.i, keys, parts, masks.get(token.i, 0)))
    references = [Term(ref.start, ref.end, -1, ref.terms, (), 0) for ref in doc._.references]
    return tuple(sorted([*terms, *references])) if references else tuple(terms)
