"""What a test reads: pages as their visible words, the database as a whole."""

from typing import Any

from bs4 import BeautifulSoup

import storage.models  # noqa: F401 - makes the tables known
from storage.base import Base
from storage.engine import reading


def words(html: str) -> str:
    """The visible text of a page's main part, with single blanks."""
    main = BeautifulSoup(html, "lxml").find("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def titles(html: str) -> list[str]:
    """The headings of the lines of a list."""
    return [" ".join(one.get_text().split()) for one in BeautifulSoup(html, "lxml").select(".line-title")]


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with reading(url) as session:
        return {
            table.name: [tuple(row) for row in session.execute(table.select().order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }
