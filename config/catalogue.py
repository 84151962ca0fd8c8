"""The catalogue: which municipalities are watched, and through which publishing system."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError, field_validator

from config.errors import ConfigError, did_you_mean
from config.settings import Settings

BUILT_IN = Path(__file__).with_name("municipalities.toml")
_HTTP = TypeAdapter(HttpUrl)


class Municipality(BaseModel):
    """One catalogue entry. ``code`` is KOMKOD (3 digits); ``crawl_delay`` is seconds between requests.

    ``options`` is for the platform's adapter alone: what it must know of this site and cannot find there.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: int = Field(ge=1, le=999)
    name: str = Field(min_length=1)
    region: str = ""
    platform: str = Field(min_length=1)
    url: str
    website: str = ""
    policies_url: str = ""
    crawl_delay: float = Field(default=1.0, ge=0, le=600)
    status: Literal["confirmed", "inferred"] = "inferred"
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("url", "website", "policies_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if value:
            _HTTP.validate_python(value)
        return value.rstrip("/")


@dataclass(frozen=True)
class Problem:
    """Something wrong in the catalogue that does not stop the rest. ``code`` is None when unknown."""

    code: int | None
    message: str
    skipped: bool


@dataclass(frozen=True)
class Catalogue:
    """The entries that can be used, in file order, and what was wrong with others."""

    path: Path
    municipalities: tuple[Municipality, ...]
    problems: tuple[Problem, ...] = field(default=())

    def __iter__(self) -> Iterator[Municipality]:
        return iter(self.municipalities)

    def select(self, names: list[str]) -> tuple[Municipality, ...]:
        """The entries with these names or codes; all when ``names`` is empty.

        Raises ``ConfigError`` for a name that is not in the catalogue.
        """
        if not names:
            return self.municipalities
        by_name = {entry.name.casefold(): entry for entry in self} | {str(entry.code): entry for entry in self}
        chosen: dict[int, Municipality] = {}
        for name in names:
            entry = by_name.get(name.strip().casefold())
            if entry is None:
                known = [one.name for one in self]
                raise ConfigError(
                    f"No municipality '{name}' in {self.path.name}.{did_you_mean(name, known)}",
                    hint="See `dagsordenvagt sources status` for the names.",
                )
            chosen[entry.code] = entry
        return tuple(chosen.values())


def load_catalogue(settings: Settings) -> Catalogue:
    """The catalogue in force: ``DAGSORDENVAGT_MUNICIPALITIES``, else the built-in one.

    Raises ``ConfigError`` when the file cannot be read at all. A bad entry is left out, an unknown
    key ignored; both become a ``Problem``, so one typo never hides 97 other municipalities.
    """
    return read_catalogue(settings.municipalities or BUILT_IN)


def read_catalogue(path: Path) -> Catalogue:
    """As ``load_catalogue``, for one file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"The catalogue {path} does not exist.", hint="Check DAGSORDENVAGT_MUNICIPALITIES."
        ) from error
    except OSError as error:
        raise ConfigError(f"The catalogue {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"The catalogue {path.name} is no valid TOML: {error}.") from error
    rows = data.get("municipality")
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"The catalogue {path.name} has no [[municipality]] entries.")
    return _collect(path, rows)


def _collect(path: Path, rows: list[Any]) -> Catalogue:
    entries: dict[int, Municipality] = {}
    problems: list[Problem] = []
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            problems.append(Problem(None, f"{path.name}, entry {position}: left out, it is no table.", skipped=True))
            continue
        code = row.get("code") if isinstance(row.get("code"), int) else None
        where = f"{path.name}, entry {position} ({row.get('name', 'no name')})"
        for key in sorted(set(row) - set(Municipality.model_fields)):
            hint = did_you_mean(key, list(Municipality.model_fields))
            problems.append(Problem(code, f"{where}: unknown key '{key}' is ignored.{hint}", skipped=False))
        try:
            entry = Municipality.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            problems.append(Problem(code, f"{where}: left out, '{key}': {first['msg']}.", skipped=True))
            continue
        if entry.code in entries:
            problems.append(Problem(code, f"{where}: left out, code {code} is used twice.", skipped=True))
            continue
        entries[entry.code] = entry
    return Catalogue(path, tuple(entries.values()), tuple(problems))
