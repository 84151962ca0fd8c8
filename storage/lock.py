"""One at a time: a lock that the operating system or PostgreSQL lets go of when its holder dies."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.engine import engine_for


class Busy(Exception):
    """Another process holds the lock; it says which job."""


@contextmanager
def only_one(url: str, job: str) -> Iterator[None]:
    """Holds the lock ``job`` of this database for the block. Raises ``Busy`` when another process has it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        lock = FileLock(Path(f"{parsed.database}.{job}.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy(job) from error
        try:
            yield
        finally:
            lock.release()
        return
    key = int.from_bytes(hashlib.sha256(f"dagsordenvagt:{job}".encode()).digest()[:8], signed=True)
    with engine_for(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            raise Busy(job)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
