"""Brings a database to the schema of this version, and tells whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.engine import engine_for
from storage.lock import only_one

SCRIPTS = Path(__file__).with_name("migrations")


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Runs the missing migrations; two processes that start together do it one after the other.

    Raises ``storage.lock.Busy`` when another process is migrating right now.
    """
    with only_one(url, "migrate"):
        command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Takes migrations back, down to ``revision``."""
    command.downgrade(_config(url), revision)


def schema_state(url: str) -> tuple[str | None, str]:
    """(revision of the database or None, newest revision of this version)."""
    head = ScriptDirectory.from_config(_config(url)).get_current_head() or ""
    with engine_for(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), head
