"""A limit on how long one question may keep the database busy."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

# SQLite asks between this many of its steps whether to go on.
STEPS = 10_000


class TookTooLong(Exception):
    """The database was stopped in the middle of a question."""


@contextmanager
def at_most(session: Session, seconds: float) -> Iterator[None]:
    """Stops what the block asks of the database after ``seconds``. Raises ``TookTooLong``.

    The session's transaction is unusable afterwards on PostgreSQL: open another to go on.
    """
    stop_after = _sqlite if session.get_bind().dialect.name == "sqlite" else _postgres
    try:
        with stop_after(session, seconds):
            yield
    except OperationalError as error:
        # "interrupted" is SQLite's word, 57014 PostgreSQL's code query_canceled.
        if "interrupted" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "57014":
            raise TookTooLong from error
        raise


@contextmanager
def _sqlite(session: Session, seconds: float) -> Iterator[None]:
    driver = session.connection().connection.driver_connection
    if driver is None:
        raise RuntimeError("the session has no connection")
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, STEPS)


@contextmanager
def _postgres(session: Session, seconds: float) -> Iterator[None]:
    session.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(int(seconds * 1000))})
    yield
