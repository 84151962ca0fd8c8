"""The thesaurus: topics and target groups with their everyday words, official words, laws and KLE numbers.

Two TOML files hold lists of ``[[concept]]`` tables (see ``docs/adding-a-topic.md`` for what each key means).
Everything is checked on load, so that a typing error is found by the person who made it and not by a
matcher which silently finds nothing.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

import config
from config.errors import ConfigError

TOPICS_FILE = Path(config.__file__).with_name("topics.toml")
TARGET_GROUPS_FILE = Path(config.__file__).with_name("target_groups.toml")

ConceptKind = Literal["topic", "target_group"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
LawReference = Annotated[str, StringConstraints(pattern=r"^([a-zæøå]+ ){0,3}§ \d+( [a-z])?( stk\. \d+)?$")]
KleNumber = Annotated[str, StringConstraints(pattern=r"^\d\d(\.\d\d){0,2}$")]


class ThesaurusError(ConfigError):
    """A thesaurus file cannot be used; the message names the file, the concept and the key."""


class Concept(BaseModel):
    """One thing people care about, and all the words for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Slug
    label: Words
    words: tuple[Words, ...] = ()
    weak: tuple[Words, ...] = ()
    whole_only: tuple[Words, ...] = ()
    narrower: tuple[Slug, ...] = ()
    related: tuple[Slug, ...] = ()
    law: tuple[LawReference, ...] = ()
    kle: tuple[KleNumber, ...] = ()
    committees: tuple[Words, ...] = ()
    false_friends: tuple[Words, ...] = Field(default=(), alias="not")
    kind: ConceptKind = "topic"

    @model_validator(mode="after")
    def _whole_only_names_own_words(self) -> Concept:
        own = {word.casefold() for word in (*self.words, *self.weak, self.label)}
        strangers = [word for word in self.whole_only if word.casefold() not in own]
        if strangers:
            raise ValueError(f"whole_only: {', '.join(map(repr, strangers))} is in neither words nor weak")
        both = {word.casefold() for word in self.words} & {word.casefold() for word in self.weak}
        if both:
            raise ValueError(f"weak: {', '.join(map(repr, sorted(both)))} is in words too")
        return self

    @property
    def neighbours(self) -> frozenset[str]:
        """Ids of the concepts this one is linked to."""
        return frozenset((*self.narrower, *self.related))


@dataclass(frozen=True, eq=False)
class Thesaurus:
    """All concepts by id, in the order of the files. Equal when the content is."""

    concepts: dict[str, Concept]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thesaurus) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    @property
    def phrases(self) -> set[str]:
        """Everything that may stand in a text for one of the concepts, or that keeps it from doing so."""
        return {
            phrase
            for one in self.concepts.values()
            for phrase in (one.label, *one.words, *one.weak, *one.false_friends, *one.committees)
        }

    @cached_property
    def version(self) -> str:
        """12 hex digits that change when any concept does; stored with matches to tell which are stale."""
        text = "\n".join(concept.model_dump_json() for concept in self.concepts.values())
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def load_thesaurus(topics: Path = TOPICS_FILE, target_groups: Path = TARGET_GROUPS_FILE) -> Thesaurus:
    """Read and check both files; raises ThesaurusError with one line per fault."""
    concepts = [*_read_file(topics, "topic"), *_read_file(target_groups, "target_group")]
    return build_thesaurus(concepts)


def build_thesaurus(concepts: list[Concept]) -> Thesaurus:
    """Check the links between concepts; raises ThesaurusError with one line per fault."""
    by_id: dict[str, Concept] = {}
    faults = []
    for concept in concepts:
        if concept.id in by_id:
            faults.append(f"concept {concept.id!r}, key 'id': used twice")
        by_id[concept.id] = concept
    faults += [*_dangling(by_id), *_claimed_twice(by_id)]
    if faults:
        raise ThesaurusError("\n".join(faults))
    return Thesaurus(by_id)


def _read_file(path: Path, kind: ConceptKind) -> list[Concept]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThesaurusError(f"{path.name}: {error}") from error
    unknown = set(tables) - {"concept"}
    if unknown:
        raise ThesaurusError(f"{path.name}: only [[concept]] tables are known, not {', '.join(sorted(unknown))}")
    entries = tables.get("concept", [])
    results = [_read_concept(entry, kind) for entry in entries]
    faults = [result for result in results if isinstance(result, str)]
    if faults:
        raise ThesaurusError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return [result for result in results if isinstance(result, Concept)]


def _read_concept(entry: dict[str, Any], kind: ConceptKind) -> Concept | str:
    """The concept, or a message which says what is wrong with it."""
    if "kind" in entry:
        return f"concept {entry.get('id', '(without id)')!r}, key 'kind': unknown; the file decides the kind"
    try:
        return Concept.model_validate({**entry, "kind": kind})
    except ValidationError as error:
        first = error.errors()[0]
        key = first["loc"][0] if first["loc"] else "whole_only/weak"
        return f"concept {entry.get('id', '(without id)')!r}, key {key!r}: {first['msg']}"


def _dangling(concepts: dict[str, Concept]) -> list[str]:
    return [
        f"concept {concept.id!r}, key {key!r}: no concept has the id {target!r}"
        for concept in concepts.values()
        for key in ("narrower", "related")
        for target in getattr(concept, key)
        if target not in concepts or target == concept.id
    ]


def _claimed_twice(concepts: dict[str, Concept]) -> list[str]:
    """Faults for words which two concepts claim as core words although they are not linked to each other."""
    owners: dict[str, list[Concept]] = defaultdict(list)
    for concept in concepts.values():
        for word in dict.fromkeys(_normal(word) for word in concept.words):
            owners[word].append(concept)
    return [
        f"concept {second.id!r}, key 'words': {word!r} is claimed by {first.id!r} too; link the two with "
        "narrower or related, or drop the word from one"
        for word, holders in owners.items()
        for position, first in enumerate(holders)
        for second in holders[position + 1 :]
        if second.id not in first.neighbours and first.id not in second.neighbours
    ]


def _normal(word: str) -> str:
    return re.sub(r"\s+", " ", word.casefold())
