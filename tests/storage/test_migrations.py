"""The migrations: up and down on both databases, and equal to the models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from storage.base import Base
from storage.engine import engine_for
from storage.migrate import downgrade, schema_state, upgrade


def test_the_schema_from_migrations_equals_the_models(database_url: str) -> None:
    with engine_for(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_removes_everything_and_up_brings_it_back(database_url: str) -> None:
    assert schema_state(database_url)[0] == schema_state(database_url)[1]

    downgrade(database_url)
    try:
        assert set(inspect(engine_for(database_url)).get_table_names()) <= {"alembic_version"}
        assert schema_state(database_url)[0] is None
    finally:
        upgrade(database_url)  # other tests use this database after this one
    assert set(Base.metadata.tables) <= set(inspect(engine_for(database_url)).get_table_names())


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    assert schema_state(database_url)[0] == schema_state(database_url)[1]


def test_sqlite_writes_ahead_and_checks_foreign_keys(sqlite_url: str) -> None:
    with engine_for(sqlite_url).connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        with pytest.raises(Exception, match="FOREIGN KEY"):
            connection.execute(
                text(
                    "INSERT INTO source (municipality_code, platform, base_url, crawl_delay, active, failure_streak)"
                    " VALUES (1, 'x', 'y', 1, 1, 0)"
                )
            )
