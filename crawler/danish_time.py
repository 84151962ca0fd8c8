"""Times as the platforms write them."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from config.clock import COPENHAGEN, local

_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
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
    return Moment(at, time_known=at.time() != time(0))
