"""Reads ``sign_up.toml``: how the sign-up page groups topics and target groups."""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigError

BUILT_IN = Path(__file__).with_name("sign_up.toml")


class ConceptGroup(BaseModel):
    """A heading and the ids of the concepts under it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heading: str = Field(min_length=1)
    concepts: tuple[str, ...] = Field(min_length=1)


class SignUpGroups(BaseModel):
    """The groups in the order of the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: tuple[ConceptGroup, ...]
    target_group: tuple[ConceptGroup, ...]


@lru_cache(maxsize=1)
def read_sign_up_groups(path: Path = BUILT_IN) -> SignUpGroups:
    """The groups. Raises ``ConfigError`` that names what is wrong."""
    try:
        return SignUpGroups.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path.name} cannot be used: {error}") from error
