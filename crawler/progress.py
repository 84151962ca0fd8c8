"""What a run says while it works: one JSON object a line on standard output, for whoever started it.

Each line has ``event`` (the class's name in snake case) and the fields of that class. ``code`` is the municipality's
KOMKOD and ``municipality`` its name. Lines of other shapes are to be ignored: a newer run may say more.
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """``sources`` visits are about to begin; the municipalities ``put_off`` failed and are left alone for a while."""

    sources: int
    put_off: list[str]


@dataclass(frozen=True, kw_only=True)
class SourceStarted:
    """A visit began."""

    code: int
    municipality: str


@dataclass(frozen=True, kw_only=True)
class ListFound:
    """The list was read: ``listed`` publications inside the window, ``wanted`` of them to be asked for, ``again`` of
    these although they look unchanged, because they are still open.
    """

    code: int
    municipality: str
    listed: int
    wanted: int
    again: int


@dataclass(frozen=True, kw_only=True)
class ArchiveReached:
    """A visit to the archive has come back to the day ``reached``, ``days_left`` before the wish's beginning;
    ``waiting`` publications are known to wait (null: nobody knows).
    """

    code: int
    municipality: str
    reached: str
    days_left: int
    waiting: int | None
    finished: bool


@dataclass(frozen=True, kw_only=True)
class MeetingStored:
    """A publication was stored; ``changed`` of its ``items`` items are new or different."""

    code: int
    municipality: str
    platform_id: str
    committee: str
    starts_at: str
    items: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class MeetingNotStored:
    """A publication could not be read or stored; ``reason`` is a Danish sentence."""

    code: int
    municipality: str
    platform_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SourceFinished:
    """A visit ended. ``outcome`` is a value of ``storage.models.CrawlOutcome``; ``reason`` is empty if all is well."""

    code: int
    municipality: str
    outcome: str
    reason: str
    requests: int
    listed: int
    fetched: int
    changed: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class PapersStarted:
    """``papers`` files are about to be asked for."""

    papers: int


@dataclass(frozen=True, kw_only=True)
class PaperRead:
    """A file came. ``status`` is a value of ``storage.models.DocumentStatus``; ``known``: its content was read before.
    ``reason`` is a Danish sentence, empty if all is well.
    """

    code: int
    municipality: str
    title: str
    status: str
    pages: int
    known: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaperNotFetched:
    """A file could not be fetched; ``reason`` is a Danish sentence."""

    code: int
    municipality: str
    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """The run ended with ``exit_code`` (``crawler.run.main`` says what it means)."""

    exit_code: int


_Crawling = RunStarted | SourceStarted | ListFound | ArchiveReached | MeetingStored | MeetingNotStored | SourceFinished
Event = _Crawling | PapersStarted | PaperRead | PaperNotFetched | RunFinished


def _name(kind: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


_KINDS: dict[str, type[Event]] = {_name(kind): kind for kind in get_args(Event)}


def to_line(event: Event) -> str:
    """The event as one line, without the line break."""
    return json.dumps({"event": _name(type(event)), **asdict(event)}, ensure_ascii=False)


def from_line(line: str) -> Event | None:
    """The event that a line holds; None for a line that holds none."""
    try:
        data: Any = json.loads(line)
    except ValueError:
        return None
    kind = _KINDS.get(data.get("event", "")) if isinstance(data, dict) else None
    if kind is None:
        return None
    wanted = [field.name for field in fields(kind)]
    if not all(name in data for name in wanted):
        return None
    return kind(**{name: data[name] for name in wanted})
