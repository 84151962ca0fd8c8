"""When a mail that can wait waits: at night, and on days off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from config.clock import COPENHAGEN, local


@dataclass(frozen=True)
class QuietHours:
    """From ``begins`` in the evening to ``ends`` in the morning, full hours of Danish time."""

    begins: int = 20
    ends: int = 7

    def over(self, moment: datetime) -> bool:
        """True at night, and all day on public holidays."""
        return self.at_night(moment) or is_holiday(local(moment).date())

    def at_night(self, moment: datetime) -> bool:
        """True between the two hours, also over midnight."""
        hour = local(moment).hour
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends

    def end_after(self, moment: datetime) -> datetime:
        """The first moment from then on that is not quiet."""
        here = local(moment)
        if not self.over(here):
            return here
        day = here.date()
        # On a holiday's eve the night goes over into the holiday; holidays come four in a row at most.
        for ahead in range(10):
            ends = datetime.combine(day + timedelta(days=ahead), time(self.ends), tzinfo=COPENHAGEN)
            if ends >= here and not is_holiday(ends.date()):
                return ends
        return here


def read_quiet_hours(value: str) -> QuietHours | None:
    """``20-7`` as the settings checked it; an empty value means none."""
    if not value.strip():
        return None
    begins, ends = value.split("-")
    return QuietHours(int(begins), int(ends))


def is_holiday(day: date) -> bool:
    """Danish public holidays, with Christmas Eve, New Year's Eve and Constitution Day, when Danes are off as well."""
    # The library's optional days also hold the first of May, on which most people work.
    return day in _of_year(day.year) and (day.month, day.day) != (5, 1)


@lru_cache(maxsize=8)
def _of_year(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DK", years=[year], categories=("public", "optional")))
