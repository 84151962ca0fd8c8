"""The months as Danish agendas write them, in full and shortened."""

from __future__ import annotations

from typing import Final

MONTHS: Final = (
    ("januar", "jan"),
    ("februar", "febr", "feb"),
    ("marts", "mar"),
    ("april", "apr"),
    ("maj",),
    ("juni", "jun"),
    ("juli", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "okt"),
    ("november", "nov"),
    ("december", "dec"),
)
# Lower case; a shortened name stands here without its full stop.
NUMBER_OF: Final = {name: number for number, names in enumerate(MONTHS, start=1) for name in names}
# Part of a regular expression, the longest names first; what follows a name is for the caller to say.
MONTH: Final = "|".join(sorted(NUMBER_OF, key=len, reverse=True))
