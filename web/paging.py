"""Lists that come a page at a time: no page asks the database for more than it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")

PAGE_SIZE = 25
# Further back than this a reader narrows the search instead of turning 400 pages.
LAST_PAGE = 400
# Counting stops here: "mere end 1.000" says enough and costs little.
COUNT_AT_MOST = 1000


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. ``number`` counts from 1; ``total`` is None when there are more than ``COUNT_AT_MOST``."""

    rows: Sequence[T]
    number: int
    more: bool
    total: int | None

    @property
    def has_next(self) -> bool:
        """Whether there is a page to turn to."""
        return self.more and self.number < LAST_PAGE


def read_page(session: Session, statement: Select[*tuple[Any, ...]], number: int) -> Page[Any]:
    """The rows of page ``number`` of ``statement``, which must be ordered."""
    number = min(max(number, 1), LAST_PAGE)
    found = session.execute(statement.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)).all()
    return Page(found[:PAGE_SIZE], number, len(found) > PAGE_SIZE, count(session, statement))


def count(session: Session, statement: Select[*tuple[Any, ...]]) -> int | None:
    """How many rows ``statement`` has; None when more than ``COUNT_AT_MOST``."""
    some = statement.order_by(None).limit(COUNT_AT_MOST + 1).subquery()
    number = session.scalar(select(func.count()).select_from(some)) or 0
    return number if number <= COUNT_AT_MOST else None
