"""Times as the platforms write them."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta

from config.clock import COPENHAGEN, local

_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
MONTHS = (
    "januar", "februar", "marts", "april", "maj", "juni",
    "juli", "august", "september", "oktober", "november", "december",
)  # fmt: skip
_DAY = re.compile(
    r"(?<![\d.])(?:(?P<y1>20\d\d)-(?P<m1>\d\d)-(?P<d1>\d\d)|(?P<d2>\d{1,2})[-./](?P<m2>\d{1,2})[-./](?P<y2>20\d\d)"
    r"|(?P<d3>\d{1,2})\.? (?P<m3>[a-z]+),? (?P<y3>20\d\d))(?!\d)",
    re.IGNORECASE,
)
# After the date: "kl. 16.00", ", kl. 16:00", " 16:00", " 16.00", "_16-00", "-16-00"
_CLOCK = re.compile(
    r"\s*[,_-]?\s*(?:kl(?:\.|okken)?\s*)?(?P<h>[01]?\d|2[0-3])[.:-](?P<min>[0-5]\d)(?!\d)", re.IGNORECASE
)
_DANISH_OFFSETS = {timedelta(hours=1), timedelta(hours=2)}


@dataclass(frozen=True)
class Moment:
    """An aware datetime in Danish local time; ``time_known`` is False when only the date was given."""

    at: datetime
    time_known: bool = True


def read_moment(value: object) -> Moment | None:
    """Reads an ISO time such as "2026-05-06T10:53:07.7035726+02:00"; None for nothing or for what is no time.

    The clock time that is written counts, whatever the field is called: the platforms write local time with the
    local offset in a field named ``MeetingBeginUtc``. Midnight means that no time was given; no council meets then.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        read = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        return None
    if read.utcoffset() in _DANISH_OFFSETS:
        read = read.replace(tzinfo=COPENHAGEN)
    try:
        at = local(read)
    except (OverflowError, ValueError):
        return None
    # .NET writes "no time" as the first or the last moment it knows, 0001-01-01 and 9999-12-31.
    return Moment(at, time_known=clock_known(at)) if MINYEAR < at.year < MAXYEAR else None


def clock_known(at: datetime) -> bool:
    """False at midnight: that is how a bare date is kept."""
    return at.time() != time(0)


def read_danish(text: str) -> Moment | None:
    """The first date in ``text`` with the clock time right after it, in the ways that municipal pages write them:
    "14.01.2026, kl. 11:00", "tirsdag den 30. september 2025 kl. 16.00", "26-11-2025", "2026-01-14_16-30".

    ``time_known`` is False without a clock time (the moment is midnight then); None without a real date.
    """
    found = _DAY.search(text)
    day = _day(found) if found else None
    if found is None or day is None:
        return None
    clock = _CLOCK.match(text, found.end())
    at = time(int(clock["h"]), int(clock["min"])) if clock else time(0)
    return Moment(datetime.combine(day, at, COPENHAGEN), time_known=at != time(0))


def _day(found: re.Match[str]) -> date | None:
    try:
        month = MONTHS.index(found["m3"].casefold()) + 1 if found["m3"] else int(found["m1"] or found["m2"])
        return date(
            int(found["y1"] or found["y2"] or found["y3"]), month, int(found["d1"] or found["d2"] or found["d3"])
        )
    except ValueError:
        return None
