"""Reads the profile by which consultants get a municipality's civil-society items."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from config.errors import ConfigError
from config.profile_file import AssociationEntry

BUILT_IN = Path(__file__).with_name("consultant_profile.toml")


def read_consultant_profile(path: Path = BUILT_IN) -> AssociationEntry:
    """The built-in profile. Raises ``ConfigError`` when the file has been broken."""
    try:
        return AssociationEntry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path.name} cannot be used: {str(error).splitlines()[0]}") from error
