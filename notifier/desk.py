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
from notifier.patience import AT_ONCE, Patience
from notifier.receipt import Receipt, coverage
from notifier.report import Note, Report
from notifier.unmade import Unmade, key_of
from storage.engine import reading, transaction

logger = logging.getLogger(__name__)


@dataclass
class Desk:
    """Where letters are written. ``rehearsal``: one session that is given up in the end, for a dry run.

    ``operators`` are the addresses that hear of sources in trouble.
    """

    url: str
    sender: Sender
    now: datetime
    patience: Patience = AT_ONCE
    rehearsal: Session | None = None
    operators: tuple[str, ...] = ()
    report: Report = field(default_factory=Report)
    _unmade: Unmade = field(init=False)
    _receipts: dict[tuple[int, ...], Receipt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._unmade = Unmade(self.url, self.now)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session for reading."""
        if self.rehearsal is not None:
            yield self.rehearsal
            return
        with reading(self.url) as session:
            yield session

    def change(self, bring_up_to: Callable[[Session, datetime], None]) -> None:
        """Brings rows up to the present moment before letters are written."""
        with self._unit() as session:
            bring_up_to(session, self.now)

    def write(self, make: Callable[[Session], Letter | None]) -> None:
        """Makes one letter and queues it with its marks. What goes wrong stays with it, and is written down."""

        def at_most_one(session: Session) -> Sequence[Letter]:
            letter = make(session)
            return () if letter is None else (letter,)

        self.write_together(at_most_one, key=key_of(make))

    def write_together(self, make: Callable[[Session], Sequence[Letter]], *, key: str = "") -> None:
        """Makes letters that are queued together with what ``make`` notes in the database, or not at all.

        ``key`` names them when they cannot be made; without it the call does.
        """
        key = key or key_of(make)
        if self._unmade.must_wait(key):
            return
        try:
            with self._unit() as session:
                rows = [put(session, letter, self.sender, self.now) for letter in make(session)]
                notes = [Note(row.id, row.kind, row.subject) for row in rows]
        except IntegrityError:
            logger.warning("a mail was not queued: another process queued it, or part of it, at the same moment")
        except Exception as error:
            # Nothing was marked, so nothing is lost: it is tried again. The words of the error may hold an address.
            logger.exception("a mail could not be made: %s", key)
            self.report.problems.append(f"En mail kunne ikke laves ({type(error).__name__}); se `dagsordenvagt mails`.")
            if self.rehearsal is None:
                self._unmade.failed(key, error)
        else:
            if self.rehearsal is None:
                self._unmade.made(key)
            self.report.queued += notes

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
