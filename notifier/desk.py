"""Where letters are written: each with its marks in one transaction, so that a stop neither loses nor doubles one."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notifier.message import Letter, Sender
from notifier.outbox import put
from notifier.receipt import Receipt, coverage
from notifier.report import Note, Report
from storage.engine import reading, transaction

logger = logging.getLogger(__name__)


@dataclass
class Desk:
    """Where letters are written. ``rehearsal``: one session that is given up in the end, for a dry run."""

    url: str
    sender: Sender
    now: datetime
    rehearsal: Session | None = None
    report: Report = field(default_factory=Report)
    _receipts: dict[tuple[int, ...], Receipt] = field(default_factory=dict)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session for reading."""
        if self.rehearsal is not None:
            yield self.rehearsal
            return
        with reading(self.url) as session:
            yield session

    def write(self, make: Callable[[Session], Letter | None]) -> None:
        """Makes one letter and queues it with its marks. What goes wrong stays with this letter."""
        try:
            with self._unit() as session:
                letter = make(session)
                if letter is None:
                    return
                row = put(session, letter, self.sender, self.now)
                note = Note(row.id, row.kind, row.subject)
        except IntegrityError:
            logger.warning("a mail was not queued: another process queued it, or part of it, at the same moment")
        except Exception as error:
            # The next run tries again, since nothing was marked. The words of the error may hold an address.
            logger.exception("a mail could not be made")
            self.report.problems.append(f"En mail kunne ikke laves ({type(error).__name__}); se loggen.")
        else:
            self.report.queued.append(note)

    def receipt(self, session: Session, codes: Sequence[int]) -> Receipt:
        """The coverage receipt, worked out once a run for each set of municipalities."""
        key = tuple(sorted(codes))
        if key not in self._receipts:
            self._receipts[key] = coverage(session, key, self.now)
        return self._receipts[key]

    @contextmanager
    def _unit(self) -> Iterator[Session]:
        if self.rehearsal is not None:
            with self.rehearsal.begin_nested():
                yield self.rehearsal
            return
        with transaction(self.url) as session:
            yield session
