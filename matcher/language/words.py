"""Our own Danish word data (``words.toml``): exceptions to the dictionaries, each a line of data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGE_VERSION: Final = "3"  # raise when stored readings have to be made anew


@dataclass(frozen=True)
class WordData:
    """What ``words.toml`` holds; all keys lower case."""

    lemmas: dict[str, str]
    verbs: dict[str, str]
    begins: dict[str, str]
    opaque: frozenset[str]
    blocked_ends: frozenset[str]
    short_parts: frozenset[str]
    before_nouns: frozenset[str]
    broad_heads: frozenset[str]
    acts: frozenset[str]
    never_apart: frozenset[str]
    abbreviations: dict[str, str]
    laws: dict[str, str]


@cache
def word_data() -> WordData:
    """The file's content, read once."""
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return WordData(
        lemmas=data["lemma"],
        verbs=data["verbs"],
        begins=data["begins"],
        opaque=frozenset((*data["data"]["opaque"], *data["data"]["places"])),
        blocked_ends=frozenset(data["data"]["blocked_ends"]),
        short_parts=frozenset(data["data"]["short_parts"]),
        before_nouns=frozenset(data["data"]["before_nouns"]),
        broad_heads=frozenset(data["data"]["broad_heads"]),
        acts=frozenset(data["data"]["acts"]),
        never_apart=frozenset(data["data"]["never_apart"]),
        abbreviations=data["abbreviations"],
        laws=data["laws"],
    )
