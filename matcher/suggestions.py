"""Words that a profile could have too, each with why: from the thesaurus, and from what stands beside its finds."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from matcher.phrases import phrase_keys
from matcher.profile import BY_PART, NARROWER
from matcher.vocabulary import part_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matcher.companions import Companion
    from matcher.profile import Profile, Resolver
    from matcher.topics import Concept, ConceptKind

MOST: Final = 12
MOST_COMPANIONS: Final = 6
COVERED: Final = NARROWER  # what a profile wants this much already needs no suggestion
ALIKE: Final = 0.8  # of difflib's ratio: a slip of the finger, not another word
MOST_SIBLINGS: Final = 3
MOST_ALIKE: Final = 2


class Suggestion(NamedTuple):
    """A word to add, whether it names a topic or people, and a phrase in Danish that says why."""

    word: str
    kind: ConceptKind
    why: str


def suggestions(profile: Profile, resolver: Resolver, companions: Sequence[Companion] = ()) -> list[Suggestion]:
    """At most MOST, the likeliest first; never what the profile has already or does not want to hear of.

    ``companions``: words that stand with the profile's finds (``matcher.would_find``).
    """
    taken = _Taken(profile, resolver)
    beside = [one for one in map(taken.let, _beside(companions, resolver)) if one][:MOST_COMPANIONS]
    typed = [*profile.topics, *profile.target_groups]
    by_word = [list(_related(word, resolver)) for word in typed]
    # A turn for each typed word, so that one with many relatives leaves room for the others.
    turns = chain.from_iterable(zip_longest(*by_word))
    related = [one for one in (taken.let(each) for each in turns if each is not None) if one]
    return [*beside, *related][:MOST]


class _Taken:
    """What need not or must not be suggested (again)."""

    def __init__(self, profile: Profile, resolver: Resolver) -> None:
        self._resolver = resolver
        meaning = resolver.meaning(profile)
        wanted = [entry for weights in meaning.concepts.values() for entry in weights.items()]
        self._concepts = {id_ for id_, weight in wanted if weight >= COVERED}
        for word in (*profile.topics, *profile.target_groups):
            # A target group counts less beside topics that have little to do with it, but it is there.
            self._concepts |= {id_ for id_, weight in resolver.concepts_of(word).items() if weight == 1.0}
        for word in profile.exclude:
            self._concepts |= {id_ for id_, weight in resolver.concepts_of(word).items() if weight >= COVERED}
        words = (*profile.topics, *profile.target_groups, *profile.exclude)
        self._keys = {key for word in words for key in _whole(word)}

    def let(self, one: Suggestion) -> Suggestion | None:
        """The suggestion, the first time and when nothing speaks against it."""
        concepts = {id_ for id_, weight in self._resolver.concepts_of(one.word).items() if weight == 1.0}
        keys = set(_with_parts(one.word))
        # A compound of a typed word ("plejehjemsplads") is found through its part.
        if concepts & self._concepts or keys & self._keys:
            return None
        self._concepts |= concepts
        self._keys.update(_whole(one.word))
        return one


def _whole(word: str) -> set[str]:
    """The word as it is looked for: by its dictionary form, and by all its parts in a row."""
    keys, part_key = phrase_keys(word)
    return {" ".join(keys), part_key} - {""}


def _with_parts(word: str) -> Iterator[str]:
    """The same, and every run of parts that it would be found by."""
    yield from _whole(word)
    _, part_key = phrase_keys(word)
    yield from (run for run, _ in part_keys(tuple(part_key.split("+"))))


def _beside(companions: Sequence[Companion], resolver: Resolver) -> Iterator[Suggestion]:
    for one in companions:
        if resolver.is_general(one.word):
            continue
        known = resolver.known(one.word)
        concepts = [concept for concept in known if concept.kind == "topic"] or known
        why = f"står ofte sammen med »{one.subject}« i kommunens sager ({one.together} af {one.hits} fund)"
        if concepts:
            yield from (Suggestion(concept.label, concept.kind, why) for concept in concepts)
        elif one.is_compound:  # other words nobody knows are names and officialese
            yield Suggestion(one.word, "topic", why)


def _related(word: str, resolver: Resolver) -> Iterator[Suggestion]:
    """Everything akin to one typed word, nearest first."""
    known = resolver.known(word)
    if not known:
        yield from _nearest(word, resolver)
    for concept in known:
        yield from _below(concept, word, resolver)
        yield from _all(concept.related, resolver, f"hænger ofte sammen med »{word}«")
        for parent in resolver.above(concept):
            siblings = [id_ for id_ in parent.narrower if id_ != concept.id][:MOST_SIBLINGS]
            yield from _all(siblings, resolver, f"hører ligesom »{word}« under »{parent.label}«")


def _below(concept: Concept, word: str, resolver: Resolver) -> Iterator[Suggestion]:
    """What is narrower than the narrower ones: those count nearly as much as the word itself, these hardly."""
    for id_ in concept.narrower:
        yield from _all(resolver.thesaurus.concepts[id_].narrower, resolver, f"er en del af »{word}«")


def _nearest(word: str, resolver: Resolver) -> Iterator[Suggestion]:
    """What comes nearest to a word that the thesaurus does not know."""
    labels = {spelling.casefold(): concept for concept in resolver.thesaurus.concepts.values() for spelling in (
        *concept.words, concept.label)}  # fmt: skip
    for spelling in get_close_matches(word.casefold(), labels, MOST_ALIKE, ALIKE):
        yield _of(labels[spelling], f"ligner »{word}«, som vi ikke kender")
    parts = [id_ for id_, weight in resolver.concepts_of(word).items() if weight >= BY_PART]
    yield from _all(parts, resolver, f"er det nærmeste, vi kender, til »{word}«")
    hinted = [id_ for id_ in resolver.concepts_of(word) if id_ not in parts] if not parts else []
    yield from _all(hinted, resolver, f"er et emne, hvor man ofte siger »{word}«")


def _all(ids: Iterable[str], resolver: Resolver, why: str) -> Iterator[Suggestion]:
    yield from (_of(resolver.thesaurus.concepts[id_], why) for id_ in ids)


def _of(concept: Concept, why: str) -> Suggestion:
    return Suggestion(concept.label, concept.kind, why)
