"""Reads ``report_kinds.toml``: the words by which a municipality's reports and its lists of coming cases are known.

It lies here since two rooms ask it: the crawler, to know which papers' tables are worth reading while it has the
file, and the matcher, to mark items and papers.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigError
from config.plain_text import any_of, plain

BUILT_IN = Path(__file__).with_name("report_kinds.toml")
# Beyond this a "title" is a text, and its words say little of what it is.
TITLE_AT_MOST = 300
# How far down the first page a paper still titles itself.
HEADING_LINES = 12
HEADING_AT_MOST = 110

Group = Literal["coming", "management"]


class ReportKind(BaseModel):
    """One kind of report. ``label`` is what a page calls it; the rest is explained in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=3)
    group: Group
    words: tuple[str, ...] = Field(min_length=1)
    numbered: tuple[str, ...] = ()
    not_: tuple[str, ...] = Field(default=(), alias="not")
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognised:
    """A title that names a kind of report. ``word`` stands as it does in the title."""

    kind: ReportKind
    word: str


def recognise(title: str) -> Recognised | None:
    """The kind of report that a title names; None for any other. Raises ``ConfigError`` for a broken file."""
    flat, places = plain(title[:TITLE_AT_MOST])
    for compiled in _compiled():
        if compiled.unless and compiled.unless.search(flat):
            continue
        masked = compiled.but.sub(lambda found: "\0" * len(found[0]), flat) if compiled.but else flat
        found = compiled.words.search(masked)
        if found:
            return Recognised(compiled.kind, title[places[found.start()] : places[found.end() - 1] + 1])
        short = compiled.numbered.search(title[:TITLE_AT_MOST]) if compiled.numbered else None
        if short:
            return Recognised(compiled.kind, short[0])
    return None


def recognise_heading(page: str) -> Recognised | None:
    """The kind that the first lines of a paper's first page name: short lines only, since running text says "jævnfør
    budgetopfølgningen" of other papers."""
    for line in page.split("\n")[:HEADING_LINES]:
        stripped = line.strip()
        if stripped and len(stripped) <= HEADING_AT_MOST and not stripped.endswith((".", ",")):
            found = recognise(stripped)
            if found is not None:
                return found
    return None


def lists_coming_cases(title: str, first_page: str) -> bool:
    """True when a paper's title or the head of its first page says that it lists cases to come."""
    return any(
        found is not None and found.kind.group == "coming"
        for found in (recognise(title), recognise_heading(first_page))
    )


def kind_named(id_: str) -> ReportKind | None:
    """The kind of this id, unless the file has lost it."""
    return next((kind for kind in report_kinds() if kind.id == id_), None)


@lru_cache(maxsize=4)
def report_kinds(path: Path = BUILT_IN) -> tuple[ReportKind, ...]:
    """The kinds in file order. Raises ``ConfigError`` that names what is wrong."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
        return tuple(ReportKind.model_validate(row) for row in rows)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path.name} has a bad entry: '{where}': {first['msg']}.") from error
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}.") from error


@dataclass(frozen=True)
class _Compiled:
    kind: ReportKind
    words: re.Pattern[str]
    but: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    numbered: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _compiled() -> tuple[_Compiled, ...]:
    return tuple(
        _Compiled(
            kind,
            any_of(kind.words),
            any_of(kind.not_) if kind.not_ else None,
            any_of(kind.unless) if kind.unless else None,
            re.compile(rf"(?<![A-Za-zÆØÅæøå])(?:{'|'.join(kind.numbered)})[ .-]?[1-4](?!\d)")
            if kind.numbered
            else None,
        )
        for kind in report_kinds()
    )
