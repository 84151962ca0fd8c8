"""Reads ``glossary.toml``: words of officialese with one plain sentence each."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigError

BUILT_IN = Path(__file__).with_name("glossary.toml")


class GlossaryEntry(BaseModel):
    """One word. A form that ends in ``*`` stands for every word that begins so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str = Field(min_length=2)
    forms: tuple[str, ...] = ()
    text: str = Field(min_length=10)

    def pattern(self) -> str:
        """A regular expression that finds the word in any of its forms, as whole words."""
        longest_first = sorted({self.word, *self.forms}, key=len, reverse=True)
        return "|".join(_one_form(form) for form in longest_first)


@dataclass(frozen=True)
class Glossary:
    """The entries in file order."""

    entries: tuple[GlossaryEntry, ...]

    def used_in(self, text: str, at_most: int) -> list[GlossaryEntry]:
        """The first ``at_most`` entries that occur in a text, in the order of the file."""
        found = []
        for entry, pattern in zip(self.entries, _patterns(self.entries), strict=True):
            if pattern.search(text):
                found.append(entry)
            if len(found) == at_most:
                break
        return found


@lru_cache(maxsize=4)
def read_glossary(path: Path = BUILT_IN) -> Glossary:
    """The glossary of a file. Raises ``ConfigError`` that names what is wrong with it."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
        return Glossary(tuple(GlossaryEntry.model_validate(row) for row in rows))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"The glossary {path.name} has a bad entry: '{where}': {first['msg']}.") from error
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The glossary {path.name} cannot be read: {error}.") from error


def _one_form(form: str) -> str:
    begins_anywhere = form.endswith("*")
    words = re.escape(form.rstrip("*")).replace(r"\ ", r"\s+")
    return rf"(?<!\w){words}" + ("" if begins_anywhere else r"(?!\w)")


@lru_cache(maxsize=4)
def _patterns(entries: tuple[GlossaryEntry, ...]) -> list[re.Pattern[str]]:
    return [re.compile(entry.pattern(), re.IGNORECASE) for entry in entries]
