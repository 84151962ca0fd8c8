"""Reads ``schedule.toml``: what runs when, and why."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigError

BUILT_IN = Path(__file__).with_name("schedule.toml")
CRON_FIELDS = 5


class ScheduledJob(BaseModel):
    """One line of the schedule. ``cron`` is the classic five fields in the zone of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    job: Literal["confirm", "cycle", "archive", "notify", "digest", "probe", "bounces", "tidy"]
    cron: str
    why: str = Field(min_length=10)


def read_schedule(path: Path = BUILT_IN) -> tuple[ScheduledJob, ...]:
    """The jobs of a schedule file. Raises ``ConfigError`` that names the entry and what is wrong with it."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("job", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The schedule {path.name} cannot be read: {error}.") from error
    jobs = []
    for position, row in enumerate(rows, start=1):
        try:
            job = ScheduledJob.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"{path.name}, entry {position}: '{key}': {first['msg']}.") from error
        if len(job.cron.split()) != CRON_FIELDS:
            raise ConfigError(
                f"{path.name}, entry {position} ({job.name}): 'cron' needs five fields, as in '0 7 * * *'."
            )
        jobs.append(job)
    if not jobs:
        raise ConfigError(f"The schedule {path.name} holds no [[job]].")
    return tuple(jobs)
