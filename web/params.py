"""Reads what stands in an address; what makes no sense counts as not said."""

import re
from datetime import MAXYEAR, MINYEAR, date

from fastapi import HTTPException
from starlette.requests import Request

# The largest id that both databases take.
LARGEST_ID = 2**31 - 1
TEXT_AT_MOST = 100


def row_id(text: str) -> int:
    """An id in a path. Raises ``HTTPException`` 404 for anything that can be no id."""
    number = _number(text)
    if number is None:
        raise HTTPException(404)
    return number


def number_of(request: Request, name: str) -> int | None:
    """A positive number in the query."""
    return _number(request.query_params.get(name, ""))


def page_of(request: Request) -> int:
    """The page of a list, from 1."""
    return number_of(request, "side") or 1


def text_of(request: Request, name: str) -> str:
    """A line of text in the query, without control characters."""
    return clean(request.query_params.get(name, ""))


def clean(text: str, length: int = TEXT_AT_MOST) -> str:
    """Printable characters and single blanks only: PostgreSQL refuses NUL, and nobody types the others."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:length]


def holds_link(text: str) -> bool:
    """Whether mail programs would make a link of a part of it: names go into mails to people who asked for nothing."""
    return re.search(r"://|\bwww\.|\w\.[a-z]{2,}(?:[/?#]|:\d)", text, re.IGNORECASE) is not None


def day_of(request: Request, name: str) -> date | None:
    """A day in the query."""
    return read_day(text_of(request, name))


def read_day(text: str) -> date | None:
    """A day as browsers send it (2026-10-08) or as Danes write it (8.10.2026)."""
    text = clean(text)
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    danish = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
    parts = iso.groups() if iso else danish.groups()[::-1] if danish else None
    try:
        day = date(*map(int, parts)) if parts else None
    except ValueError:
        return None
    # At either end of the calendar there is no next day, and no midnight in another time zone.
    return day if day and MINYEAR < day.year < MAXYEAR else None


def _number(text: str) -> int | None:
    # isdecimal also takes digits of other scripts; int() reads them, which does no harm.
    if not text.isdecimal() or len(text) > len(str(LARGEST_ID)):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None
