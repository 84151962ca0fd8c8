"""The record of what ran: one ``job_run`` row for every job, also for one that died."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from config.clock import now
from config.log import hide_addresses
from service.exit_codes import FAILED, OK
from storage.engine import reading, transaction
from storage.models import JobRun


@dataclass
class Job:
    """What a running job says of itself; kept in its row when it ends."""

    exit_code: int = OK
    summary: dict[str, Any] = field(default_factory=dict)


@contextmanager
def recorded(url: str, name: str) -> Iterator[Job]:
    """Keeps a row of the job for the block. An error is written down and passed on."""
    with transaction(url) as session:
        row = JobRun(job=name, started_at=now(), summary={})
        session.add(row)
        session.flush()
        number = row.id
    job = Job()
    try:
        yield job
    except BaseException as error:
        _finish(url, number, FAILED, job.summary, hide_addresses(f"{type(error).__name__}: {error}"))
        raise
    _finish(url, number, job.exit_code, job.summary, None)


def _finish(url: str, number: int, code: int, summary: dict[str, Any], error: str | None) -> None:
    with transaction(url) as session:
        row = session.get_one(JobRun, number)
        row.finished_at, row.exit_code, row.summary, row.error = now(), code, summary, error


def last_start(url: str, name: str) -> datetime | None:
    """When the job last began, whatever came of it."""
    with reading(url) as session:
        return session.scalar(select(func.max(JobRun.started_at)).where(JobRun.job == name))
