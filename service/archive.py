"""Which days of a request are archive, and how that is put down and said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from config.clock import now
from config.errors import ConfigError
from config.settings import Settings
from storage.archive import ask_for_archive
from storage.engine import transaction

# As far back as every sweep looks (``crawler.run.DAYS_BACK``); what is older is archive.
SWEEPS_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Span:
    """``archive``: (first day, day after the last) of old meetings. ``ordinary``: whether newer ones are read as at any
    sweep, from the day ``since`` on (None: as far back as sweeps look).
    """

    archive: tuple[date, date] | None
    ordinary: bool
    since: date | None


def split_span(since: date | None, until: date | None, today: date) -> Span:
    """What ``crawl --since … --until …`` asks for; ``until`` is the last day.

    A look into the archive never touches what lies ahead: read as archive, its news would reach nobody. Only when
    ``until`` says so are newer days read too, as at any sweep. Raises ``ConfigError`` for days in the wrong order.
    """
    if since and until and until < since:
        raise ConfigError(f"--until ({until}) ligger før --since ({since}).")
    newest = today - SWEEPS_LOOK_BACK
    if since is None or since >= newest:
        return Span(None, ordinary=True, since=since)
    end = min(newest, until + timedelta(days=1)) if until else newest
    return Span((since, end), ordinary=until is not None and until >= newest, since=None)


def ask_for(settings: Settings, codes: Sequence[int], since: date, until: date) -> None:
    """Puts the wish down, so that it is remembered whatever becomes of this process."""
    with transaction(settings.effective_database_url) as session:
        ask_for_archive(session, codes, since, until, now())


def said_of(span: Span, *, overnight: bool) -> str:
    """What is going to happen, in a sentence or two."""
    since, until = span.archive or (date.min, date.min)
    days = f"Møder fra {since:%d-%m-%Y} til {until - timedelta(days=1):%d-%m-%Y}"
    if overnight:
        return f"{days} læses de kommende nætter. `dagsordenvagt sources archive` viser, hvor langt det er."
    newer = (
        "" if span.ordinary else " Nyere møder hører til den almindelige læsning: `dagsordenvagt crawl` uden datoer."
    )
    return (
        f"{days} læses nu. Der sendes aldrig mail om dem.{newer} "
        "Ctrl-C stopper; resten læses de kommende nætter, eller når kommandoen gives igen."
    )
