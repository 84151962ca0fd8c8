"""When Danish councils rest: weeks in which silence means nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

# No meetings are held, and hardly any agenda is published, from the last days of June to the second week of August.
SUMMER = ((7, 1), (8, 14))
CHRISTMAS = ((12, 20), (1, 10))
# Elections are held in November of 2025, 2029, …; the new committees are formed in the January after.
ELECTION_CYCLE, FIRST_NEW_YEAR = 4, 2026
NEW_COUNCIL_UNTIL = (1, 31)

# Fewer days with news than this tell no rhythm.
DAYS_TO_TELL = 6
USUAL = 0.9


def is_quiet(day: date) -> bool:
    """True in the summer break, over Christmas, and in the January in which a new council takes its seat."""
    here = (day.month, day.day)
    if SUMMER[0] <= here <= SUMMER[1] or here >= CHRISTMAS[0]:
        return True
    new_council = (day.year - FIRST_NEW_YEAR) % ELECTION_CYCLE == 0
    return here <= (NEW_COUNCIL_UNTIL if new_council else CHRISTMAS[1])


def busy_days(after: date, until: date) -> int:
    """How many days after ``after``, up to and with ``until``, are not quiet; 0 when ``until`` is no later."""
    between = (until - after).days
    return sum(not is_quiet(after + timedelta(days=one)) for one in range(1, between + 1))


def after_busy_days(start: date, number: int) -> date:
    """The first day by which more than ``number`` busy days have passed since ``start``."""
    day = start
    while number >= 0:
        day += timedelta(days=1)
        number -= not is_quiet(day)
    return day


def usual_gap(days: Sequence[date]) -> int | None:
    """The gap in busy days that nine in ten gaps between these days with news keep within.

    None when there are too few days to tell. The order does not matter, doubles count once.
    """
    ordered = sorted(set(days))
    if len(ordered) < DAYS_TO_TELL:
        return None
    gaps = sorted(busy_days(before, after) for before, after in pairwise(ordered))
    return max(1, gaps[ceil(USUAL * len(gaps)) - 1])
