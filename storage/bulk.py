"""Many rows in one statement. The unit of work asks SQLite for each new row's id by a statement of its own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from storage.base import Base


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts ``rows``, which have the same columns. Flush first what the session holds and they point to."""
    if rows:
        session.execute(insert(_table(model)), rows)


def insert_for_ids(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], told_by: Sequence[str]
) -> list[int]:
    """As ``insert_rows``, and gives the new ids in the order of ``rows``.

    No database promises to answer in the order of the rows, so each is known again by its columns ``told_by``; of rows
    that are equal in all of these the first gets the lowest id.
    """
    if not rows:
        return []
    table = _table(model)
    answer = session.execute(insert(table).returning(table.c.id, *(table.c[name] for name in told_by)), rows)
    ids = defaultdict[tuple[Any, ...], list[int]](list)
    for given, *values in sorted(answer, key=lambda row: row.id, reverse=True):
        ids[tuple(values)].append(given)
    return [ids[tuple(row[name] for name in told_by)].pop() for row in rows]


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)
