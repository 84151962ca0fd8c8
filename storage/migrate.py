"""Brings a database to the schema of this version, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from storage.engine import engine_for
from storage.lock import only_one

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).with_name("migrations")


def _config(url: str) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - a third of a second that only a migration is worth

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Runs the missing migrations; two processes that start together do it one after the other.

    Raises ``storage.lock.Busy`` when another process is migrating right now.
    """
    from alembic import command  # noqa: PLC0415 - see _config

    with only_one(url, "migrate"):
        command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Takes migrations back, down to ``revision``."""
    from alembic import command  # noqa: PLC0415 - see _config

    command.downgrade(_config(url), revision)


def schema_state(url: str) -> tuple[str | None, str]:
    """(revision of the database or None, newest revision of this version).

    Every command asks: so Alembic is not loaded for it. The scripts' names begin with their revisions, in order.
    """
    head = max(script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("[0-9]*.py"))
    with engine_for(url).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None, head
        current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return current, head
