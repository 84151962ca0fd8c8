"""Reads ``coming_columns.toml``: how lists of coming cases head their columns and their parts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.errors import ConfigError
from config.plain_text import any_of, plain

BUILT_IN = Path(__file__).with_name("coming_columns.toml")
ROLES = ("what", "department", "committee", "expected")
STATES = ("finished", "forwarded", "coming")


@dataclass(frozen=True)
class ComingColumns:
    """Patterns by role of a column, and by state of the cases below a heading, in the order they are tried."""

    roles: dict[str, re.Pattern[str]]
    states: dict[str, re.Pattern[str]]

    def role(self, heading: str) -> str | None:
        """What a column of this heading holds."""
        flat = plain(heading)[0]
        return next((role for role, pattern in self.roles.items() if pattern.match(flat)), None)

    def state(self, text: str, *, anywhere: bool = False) -> str | None:
        """How far cases under this heading have come, or one whose time begins so."""
        flat = plain(text)[0]
        tried = (
            (state, pattern.search(flat) if anywhere else pattern.match(flat)) for state, pattern in self.states.items()
        )
        return next((state for state, found in tried if found), None)


@lru_cache(maxsize=4)
def coming_columns(path: Path = BUILT_IN) -> ComingColumns:
    """The shipped words. Raises ``ConfigError`` when the file is broken."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return ComingColumns(
            {role: any_of(data["columns"][role], at_start=True) for role in ROLES},
            {state: any_of(data["states"][state]) for state in STATES},
        )
    except (OSError, KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}.") from error
