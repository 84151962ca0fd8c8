"""Where letters are written: each with its marks in one transaction, so that a stop neither loses nor doubles one."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notifier.message import Letter, Sender
from notifier.outbox import put
from notifier.patience import AT_ONCE, Patience
from notifier.receipt import Receipt, coverage
from notifier.report import Note, Report
from notifier.unmade import Unmade, key_of
from storage.engine import reading, transaction

T = TypeVar("T")

# So many letters in one transaction: on SQLite other writers wait as long as it takes to compose them.
AT_A_TIME = 50

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

    def write_each(self, make: Callable[["Desk", Sequence[T], Session], Iterator[Letter]], about: Sequence[T]) -> None:
        """Makes the letters about many things, some of them in one transaction: that costs a fraction of the queries.

        When anything goes wrong with those, they are made one by one, and what goes wrong stays with one.
        """

        def named(one: T) -> str:
            return f"{make.__name__}:{getattr(one, 'key', one)}"[:200]

        wanted = [one for one in about if not self._unmade.must_wait(named(one))]
        for start in range(0, len(wanted), AT_A_TIME):
            part = wanted[start : start + AT_A_TIME]
            if len(part) > 1 and self._written(make, part):
                for one in part:
                    self._made(named(one))
                continue
            for one in part:
                self.write_together(partial(make, self, [one]), key=named(one))

    def _written(self, make: Callable[["Desk", Sequence[T], Session], Iterator[Letter]], part: Sequence[T]) -> bool:
        """False when none of these letters was queued, since one of them could not be."""
        try:
            with self._unit() as session:
                notes = self._put(session, make(self, part, session))
        except Exception as error:
            # Whatever it was, the letter that it belongs to meets it again.
            logger.info("%s letters are made one by one: %s", len(part), type(error).__name__)
            return False
        self.report.queued += notes
        return True

    def _put(self, session: Session, letters: Iterable[Letter]) -> list[Note]:
        rows = (put(session, letter, self.sender, self.now) for letter in letters)
        return [Note(row.id, row.kind, row.subject) for row in rows]

    def write_together(self, make: Callable[[Session], Iterable[Letter]], *, key: str = "") -> None:
        """Makes letters that are queued together with what ``make`` notes in the database, or not at all.

        ``key`` names them when they cannot be made; without it the call does.
        """
        key = key or key_of(make)
        if self._unmade.must_wait(key):
            return
        try:
            with self._unit() as session:
                notes = self._put(session, make(session))
        except IntegrityError:
            logger.warning("a mail was not queued: another process queued it, or part of it, at the same moment")
        except Exception as error:
            # Nothing was marked, so nothing is lost: it is tried again. The words of the error may hold an address.
            logger.exception("a mail could not be made: %s", key)
            self.report.problems.append(f"En mail kunne ikke laves ({type(error).__name__}); se `dagsordenvagt mails`.")
            if self.rehearsal is None:
                self._unmade.failed(key, error)
        else:
            self._made(key)
            self.report.queued += notes

    def _made(self, key: str) -> None:
        if self.rehearsal is None:
            self._unmade.made(key)

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
