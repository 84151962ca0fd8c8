"""The file in which associations and consultants are described (YAML, design.md section 5)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.errors import ConfigError, did_you_mean

Frequency = Literal["immediate", "daily", "weekly"]
# What stands on either side of the @; no white space and no control characters.
_PLAIN = r"@\s<>,;\"\x00-\x1f\x7f"
Email = Annotated[str, Field(pattern=rf"^[^{_PLAIN}]+@[^{_PLAIN}]+\.[^{_PLAIN}.]+$", max_length=254)]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

T = TypeVar("T", bound=BaseModel)


def _listed(value: Any) -> Any:
    """One word where a list is expected is what people write; numbers are municipality codes."""
    if value is None:
        return []
    if isinstance(value, str | int):
        value = [value]
    return [str(one).strip() for one in value] if isinstance(value, list) else value


class _Entry(BaseModel):
    """Control characters, which no mail should carry and PostgreSQL refuses, become blanks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [cls._readable(one) for one in value]
        return _CONTROL.sub(" ", value) if isinstance(value, str) else value


class Contact(_Entry):
    """A person who gets the association's mails. A deputy gets them while no watcher does.

    Without ``frequency`` the association's counts.
    """

    name: str = ""
    email: Email
    role: Literal["watcher", "deputy"] = "watcher"
    frequency: Frequency | None = None


class AssociationEntry(_Entry):
    """One association as it describes itself. Empty ``municipalities`` means all in the catalogue."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=80)
    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    topics: list[str] = []
    target_groups: list[str] = []
    municipalities: list[str] = []
    exclude: list[str] = []
    committees: list[str] = []
    own_names: list[str] = []
    frequency: Frequency = "immediate"
    contacts: list[Contact] = []

    _lists = field_validator(
        "topics", "target_groups", "municipalities", "exclude", "committees", "own_names", mode="before"
    )(_listed)


class ConsultantEntry(_Entry):
    """A volunteer consultant (frivilligkonsulent) and the municipalities of the weekly digest."""

    name: str = ""
    email: Email
    municipalities: list[str] = Field(min_length=1)

    _lists = field_validator("municipalities", mode="before")(_listed)


@dataclass(frozen=True)
class ProfileFile:
    """What could be used of a profile file, and one sentence for each entry that could not."""

    associations: tuple[AssociationEntry, ...]
    consultants: tuple[ConsultantEntry, ...]
    problems: tuple[str, ...]


def read_profile_file(path: Path) -> ProfileFile:
    """Reads a profile file; a bad entry is reported in ``problems`` and the others are kept.

    Raises ``ConfigError`` when the file is missing, no YAML, or has unknown top-level keys.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"The profile file {path} does not exist.") from error
    except OSError as error:
        raise ConfigError(f"The profile file {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"The profile file {path.name} is no valid YAML: {error}") from error
    known = ["profiles", "consultants"]
    if not isinstance(data, dict) or not set(data) & set(known):
        raise ConfigError(f"The profile file {path.name} has no list 'profiles' or 'consultants'.")
    for key in data:
        if key not in known:
            raise ConfigError(
                f"The profile file {path.name} has the unknown key '{key}'.{did_you_mean(str(key), known)}"
            )
    problems: list[str] = []
    associations = _entries(AssociationEntry, data.get("profiles"), path, problems)
    consultants = _entries(ConsultantEntry, data.get("consultants"), path, problems)
    unique = {entry.id: entry for entry in reversed(associations)}
    if len(unique) < len(associations):
        doubled = {entry.id for entry in associations if sum(one.id == entry.id for one in associations) > 1}
        problems += [f"{path.name}: the id '{one}' is used twice; only the first is taken." for one in sorted(doubled)]
    return ProfileFile(tuple(reversed(unique.values())), tuple(consultants), tuple(problems))


def _entries(model: type[T], rows: Any, path: Path, problems: list[str]) -> list[T]:
    found: list[T] = []
    if rows is not None and not isinstance(rows, list):
        problems.append(f"{path.name}: what should be a list of entries, each beginning with '-', is none.")
        return found
    for position, row in enumerate(rows or [], start=1):
        name = row.get("id") or row.get("email") if isinstance(row, dict) else None
        where = f"{path.name}, entry {position}" + (f" ({name})" if name else "")
        try:
            found.append(model.model_validate(row))
        except ValidationError as error:
            problems.append(f"{where}: {_said(error, model)}")
    return found


def _said(error: ValidationError, model: type[BaseModel]) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "entry"
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}'.{did_you_mean(key, list(model.model_fields))}"
    if first["type"] == "string_pattern_mismatch" and key.endswith("email"):
        return f"'{key}': '{first['input']}' is no e-mail address."
    return f"'{key}': {first['msg']}."
