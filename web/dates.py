"""Dates as Danes write them."""

from datetime import date, datetime

from babel.dates import format_date

from config.clock import local, now
from notifier.words import clock

SECONDS_A_DAY = 24 * 3600


def long_day(moment: datetime | date) -> str:
    """``torsdag den 8. oktober 2026``."""
    day = local(moment).date() if isinstance(moment, datetime) else moment
    return format_date(day, "EEEE 'den' d. MMMM y", locale="da")


def short_day(moment: datetime | date) -> str:
    """``8. okt. 2026``."""
    day = local(moment).date() if isinstance(moment, datetime) else moment
    return format_date(day, "d. MMM y", locale="da")


def meeting_time(moment: datetime, time_known: bool = True) -> str:
    """``torsdag den 8. oktober 2026 kl. 16``; without the hour when the source gave only a date."""
    return f"{long_day(moment)} {clock(moment)}" if time_known else long_day(moment)


def stamp(moment: datetime) -> str:
    """``8. okt. 2026 kl. 6.05``: when something was seen, read or sent."""
    return f"{short_day(moment)} {clock(moment)}"


def ago(moment: datetime | None) -> str:
    """``for 3 timer siden``, ``i går``; ``aldrig`` for None. Moments ahead are said as a date."""
    if moment is None:
        return "aldrig"
    seconds = (now() - moment).total_seconds()
    if seconds < 0:
        return stamp(moment)
    if seconds < 3600:  # noqa: PLR2004 - an hour
        minutes = int(seconds // 60)
        return "for lidt siden" if minutes < 1 else _counted(minutes, "minut", "minutter")
    if seconds < SECONDS_A_DAY and local(moment).date() == now().date():
        return _counted(int(seconds // 3600), "time", "timer")
    days = (now().date() - local(moment).date()).days
    return "i går" if days == 1 else _counted(days, "dag", "dage")


def duration(seconds: float) -> str:
    """``0,4 sek.``, ``12 sek.``, ``3 min.``: how long something took."""
    if seconds < 10:  # noqa: PLR2004 - tenths tell something below ten seconds only
        return f"{seconds:.1f} sek.".replace(".", ",", 1)
    return f"{seconds:.0f} sek." if seconds < 100 else f"{seconds / 60:.0f} min."  # noqa: PLR2004


def _counted(number: int, one: str, many: str) -> str:
    return f"for {number} {one if number == 1 else many} siden"


def until(moment: datetime) -> str:
    """``i dag``, ``i morgen``, ``om 9 dage``; empty for days gone by."""
    days = (local(moment).date() - now().date()).days
    if days < 0:
        return ""
    return {0: "i dag", 1: "i morgen"}.get(days, f"om {days} dage")
