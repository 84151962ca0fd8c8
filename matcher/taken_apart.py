"""Compounds that a text says in several words: "fravær i skolen" for "skolefravær", "børns trivsel" for "børnetrivsel".

Only what a compound could be made of is offered; whether anybody asks for that compound the vocabulary knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matcher.language.words import word_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.reading import Term

# What joins a matter to what it is about, as in "støtte til små børn".
TO: Final = frozenset({"af", "for", "til", "med", "mod", "hos", "blandt"})
# "fravær i skolen" is one in schools; "en plads i haven" is where it is, and of no other kind than others
WHERE: Final = frozenset({"i", "på", "ved", "om", "omkring"})
# Words after the preposition; any of them may be what the compound begins with ("små børn og familier").
BETWEEN: Final = 4
ENDS: Final = TO | WHERE | {"at", "der", "som", "men", "samt", "er", "var", "har"}
ACT_ENDINGS: Final = ("ing", "else", "sion", "tion", "skab", "hed", "ance", "itet", "isme")


def compounds_at(terms: tuple[Term, ...], position: int) -> Iterator[tuple[str, Term, Term]]:
    """(key among compound parts, first and last word) of what the word at a position may be the last part of."""
    head = terms[position]
    if head.parts or head.number < 0:
        return
    before, lemma = terms[position - 1], head.keys[-1]
    if position and before.number == head.number - 1 and _is_genitive(before) and is_act(lemma):
        yield f"{before.keys[-1]}+{lemma}", before, head
    joiner = terms[position + 1].keys[0] if position + 2 < len(terms) else ""
    if lemma not in word_data().never_apart and (joiner in TO or (joiner in WHERE and is_act(lemma))):
        yield from _after(terms, position, lemma)


def _after(terms: tuple[Term, ...], position: int, lemma: str) -> Iterator[tuple[str, Term, Term]]:
    head = terms[position]
    for ahead in range(position + 2, min(position + 2 + BETWEEN, len(terms))):
        term = terms[ahead]
        # Punctuation is a token but no term: then the numbers have a gap.
        if term.number - head.number != ahead - position or not ENDS.isdisjoint(term.keys):
            return
        for key in term.keys:
            yield f"{key}+{lemma}", head, term


def is_act(lemma: str) -> bool:
    """Whether a noun names an act or a state, which may be that of something, and no thing."""
    return lemma.endswith(ACT_ENDINGS) or lemma in word_data().acts


def _is_genitive(term: Term) -> bool:
    form, lemma = term.keys[0], term.keys[-1]
    return form.endswith("s") and not lemma.endswith("s")
