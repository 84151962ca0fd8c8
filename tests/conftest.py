"""Shared fixtures: real databases, built by the migrations; the notes beside the checkout when they are there."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from config.settings import settings
from storage.engine import engine_for
from storage.migrate import upgrade

ROOT = Path(__file__).parents[1]
POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


def missing(what: str) -> None:
    """Skips visibly on a contributor's machine; on CI a missing server is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must not skip this test", pytrace=False)
    pytest.skip(f"{what} is missing on this machine")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The project's notes and recordings beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "design.md").exists():
        pytest.skip("the shared notes are not beside this checkout")
    return folder


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test reads the developer's environment or writes into the checkout's data folder."""
    for name in list(os.environ):
        if name.startswith("DAGSORDENVAGT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSORDENVAGT_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating once a session is enough."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    upgrade(f"sqlite:///{path}")
    engine_for(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def postgres_base() -> Iterator[str]:
    """The name of a migrated PostgreSQL database that this process's tests use one after the other."""
    try:
        with psycopg.connect(f"{POSTGRES}/postgres", connect_timeout=3, autocommit=True) as server:
            name = f"dagsordenvagt_test_{uuid.uuid4().hex[:12]}"
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            # A power cut may take what a test wrote; waiting for the disk at each commit is most of a test's time.
            server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    except psycopg.OperationalError:
        missing("PostgreSQL at 127.0.0.1:5432")
        return
    upgrade(_sqlalchemy_url(name))
    yield name
    engine_for(_sqlalchemy_url(name)).dispose()
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated SQLite database."""
    path = tmp_path / "test.sqlite3"
    shutil.copy(sqlite_template, path)
    yield f"sqlite:///{path}"
    engine_for(f"sqlite:///{path}").dispose()


@pytest.fixture
def postgres_url(postgres_base: str) -> Iterator[str]:
    """A migrated PostgreSQL database without a row."""
    url = _sqlalchemy_url(postgres_base)
    yield url
    engine_for(url).dispose()
    with psycopg.connect(f"{POSTGRES}/{postgres_base}", autocommit=True) as server:
        # Of processes that the test killed or left.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [postgres_base],
        )
        _empty(server)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of either kind: a test that asks for it runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _sqlalchemy_url(name: str) -> str:
    return f"{POSTGRES}/{name}".replace("postgresql://", "postgresql+psycopg://")


def _empty(server: psycopg.Connection) -> None:
    """Takes milliseconds where a database of its own for each test takes half a second."""
    used = server.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"
    )
    tables = [sql.Identifier(name) for (name,) in used]
    if not tables:
        return
    server.execute("SET session_replication_role = replica")
    for table in tables:
        server.execute(sql.SQL("DELETE FROM {}").format(table))
    # Tables without a page: rows are written, and so read, in the order in which they come.
    server.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))
    for (sequence,) in server.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    ).fetchall():
        server.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
