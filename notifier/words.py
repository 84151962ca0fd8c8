"""Danish for dates, numbers and our own words, as mails say them."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date

from config.clock import local
from storage.models import CommitteeKind, Grade

DANISH = "da_DK"

CHANGES = {
    "decision": "Beslutningen er kommet",
    "withdrawn": "Sagen er taget af dagsordenen",
    "attachment_added": "Nyt bilag",
    "attachment_changed": "Et bilag er udskiftet",
    "title": "Ny overskrift",
    "text": "Teksten er ændret",
    "moved": "Mødet er flyttet",
    "attachment_removed": "Et bilag er fjernet",
    "published": "Sagen er på dagsordenen igen",
}

COMMITTEE_KINDS = {
    CommitteeKind.COUNCIL: "kommunens øverste politiske organ",
    CommitteeKind.STANDING: "politisk udvalg",
    CommitteeKind.SPECIAL_17_4: "midlertidigt udvalg, der rådgiver byrådet",
    CommitteeKind.ADVISORY: "råd, der rådgiver politikerne",
    CommitteeKind.MAGISTRATE: "magistrat",
    CommitteeKind.OTHER: "",
}

GRADES = {Grade.STRONG: "sikkert fund", Grade.WEAK: "muligt fund"}


def day(moment: datetime | date, today: date | None = None) -> str:
    """``torsdag den 8. oktober``; with the year when it is not this one."""
    on = local(moment).date() if isinstance(moment, datetime) else moment
    return _in_words(on, with_year=today is not None and on.year != today.year)


@lru_cache(maxsize=1000)
def _in_words(on: date, *, with_year: bool) -> str:
    return format_date(on, "EEEE 'den' d. MMMM y" if with_year else "EEEE 'den' d. MMMM", locale=DANISH)


def clock(moment: datetime) -> str:
    """``kl. 16`` or ``kl. 16.30``, Danish local time."""
    here = local(moment)
    return f"kl. {here.hour}" if here.minute == 0 else f"kl. {here.hour}.{here.minute:02d}"


def day_and_time(moment: datetime, today: date | None = None, *, time_known: bool = True) -> str:
    """``torsdag den 8. oktober kl. 16``; without the hour when the source gave only a date."""
    return f"{day(moment, today)} {clock(moment)}" if time_known else day(moment, today)


def distance(moment: datetime, now: datetime) -> str:
    """How far off a day is by the calendar: ``i dag``, ``i morgen``, ``om 9 dage``, ``i går``, ``for 3 dage siden``."""
    return distance_of_days(local(moment).date(), local(now).date())


def distance_of_days(day: date, today: date) -> str:
    """As ``distance``, between two days."""
    days = (day - today).days
    near = {-1: "i går", 0: "i dag", 1: "i morgen"}
    if days in near:
        return near[days]
    return f"om {days} dage" if days > 0 else f"for {-days} dage siden"


def listed(words: Sequence[str], joint: str = "og") -> str:
    """``a, b og c``."""
    if len(words) < 2:  # noqa: PLR2004 - one word needs no joint
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def counted(number: int, one: str, many: str) -> str:
    """``1 sag``, ``1.200 sager``."""
    return f"{number:,}".replace(",", ".") + f" {one if number == 1 else many}"


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def one_line(text: str, limit: int = 0) -> str:
    """No line breaks or control characters; cut at a word with an ellipsis when longer than ``limit`` characters."""
    if not text.isprintable():
        # Invisible format characters (soft hyphens, marks that turn the reading direction) go without leaving a gap.
        text = "".join(c if c.isprintable() else " " for c in text if unicodedata.category(c) != "Cf")
    flat = " ".join(text.split())
    if not limit or len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit * 0.6 else cut).rstrip(" ,;:.-–") + "…"


def shortened(text: str, limit: int) -> str:
    """As ``one_line``, with paragraphs kept apart by line breaks."""
    lines = [one_line(line) for line in text.splitlines() if line.strip()]
    whole = "\n".join(lines)
    if len(whole) <= limit:
        return whole
    kept: list[str] = []
    left = limit
    for line in lines:
        if len(line) > left:
            kept.append(one_line(line, max(left, 40)))
            break
        kept.append(line)
        left -= len(line)
    return "\n".join(kept) if kept[-1].endswith("…") else "\n".join(kept) + " …"
