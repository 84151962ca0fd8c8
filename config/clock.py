"""Time as Danish municipalities mean it: local, with its zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def now() -> datetime:
    """The present moment as an aware datetime in Europe/Copenhagen."""
    return datetime.now(UTC).astimezone(COPENHAGEN)


def local(moment: datetime) -> datetime:
    """The same moment in Danish local time.

    A naive value is taken as Danish local time already: that is what every municipal
    platform means, whatever the field is called (a field named ``MeetingBeginUtc`` holds local time).
    """
    if moment.tzinfo is None:
        return moment.replace(tzinfo=COPENHAGEN)
    return moment.astimezone(COPENHAGEN)
