"""Mails that could not be composed: kept where they are seen, and tried again, without standing in others' way."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import delete, select

from config.log import hide_addresses
from notifier.marks import wait_before
from storage.engine import reading, transaction
from storage.models import UnmadeMail

# Tells a later start of the program, which may have the fault mended, from this one.
BOOT = secrets.token_hex(8)


@dataclass
class Unmade:
    """The letters of one run that failed before. ``boot`` names the process."""

    url: str
    now: datetime
    boot: str = field(default_factory=lambda: BOOT)
    _waiting: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with reading(self.url) as session:
            rows = session.execute(select(UnmadeMail.key, UnmadeMail.boot, UnmadeMail.next_attempt_at))
            self._waiting = {key: boot == self.boot and later > self.now for key, boot, later in rows}

    def must_wait(self, key: str) -> bool:
        """True when this process has tried lately. A newer process tries at once."""
        return self._waiting.get(key, False)

    def made(self, key: str) -> None:
        """It worked, or is wanted no more."""
        if self._waiting.pop(key, None) is not None:
            with transaction(self.url) as session:
                session.execute(delete(UnmadeMail).where(UnmadeMail.key == key))

    def failed(self, key: str, error: Exception) -> None:
        """Writes down what happened, without addresses, and when to try again (2 minutes to 64 hours)."""
        said = hide_addresses(f"{type(error).__name__}: {error}")[:500]
        with transaction(self.url) as session:
            row = session.scalar(select(UnmadeMail).where(UnmadeMail.key == key))
            if row is None:
                row = UnmadeMail(key=key, first_at=self.now, attempts=0)
                session.add(row)
            row.error, row.boot, row.last_at, row.attempts = said, self.boot, self.now, row.attempts + 1
            row.next_attempt_at = self.now + wait_before(row.attempts)
        self._waiting[key] = True


def key_of(make: Callable[..., object]) -> str:
    """Names the letter that a call makes: ``digest:weekly:12:2026-W40``, ``at_once:7``."""
    if not isinstance(make, partial):
        return getattr(make, "__name__", "letter")
    about = make.args[-1] if make.args else ""
    return f"{make.func.__name__}:{getattr(about, 'key', about)}"[:200]
