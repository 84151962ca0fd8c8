"""Engines and sessions, set up the same way on SQLite and PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

# Seconds a SQLite writer waits for another: the crawler's child process and the web page share the file.
BUSY_SECONDS = 30


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """One engine per URL and process. Makes the folder of an SQLite file.

    Raises ``sqlalchemy.exc.ArgumentError`` for a URL that is none.
    """
    parsed = make_url(url)
    # hide_parameters: an error's words end up in logs, and logs carry no addresses.
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _make_private(path: Path) -> None:
    """Names and addresses stand in there, and mails with links that work: for nobody else on the machine to read.

    SQLite gives its files beside it the same rights. A file that is there keeps its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # autocommit off at the driver: SQLAlchemy's "begin" event then decides how a transaction starts.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    # A transaction that starts reading and then writes fails at once when another wrote in between;
    # taking the write lock first makes it wait instead. Pure readers never need to wait (WAL).
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """A session for looking only: it never waits for a writer, sees one consistent state, and keeps nothing."""
    with (
        engine_for(url).connect().execution_options(reading=True) as connection,
        Session(connection) as session,
    ):
        yield session


@contextmanager
def transaction(url: str) -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back and passes the error on."""
    with Session(engine_for(url), expire_on_commit=False) as session, session.begin():
        yield session
