"""What a visit to a site yields: plain, frozen records without a database behind them.

``Meeting`` and what hangs under it have the attributes that ``storage.published`` asks for. Datetimes are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Stage = Literal["agenda", "supplementary", "minutes"]
Kind = Literal["summary", "question", "recommendation", "presentation", "economy", "hearing", "decision", "other"]
Outcome = Literal["ok", "partial", "empty", "failed", "blocked", "unsupported"]
# The committee as the site's list has it, and the day: some lists lack the hour.
MeetingKey = tuple[str, date]

# Nobody waits for the archive, and most hosts seem to be one machine of one supplier.
ARCHIVES_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class ListedMeeting:
    """One line of a site's list of meetings: a publication known to exist, its content not read.

    ``fingerprint`` is whatever the list says that moves when the publication changes. ``starts_at`` is None when the
    list has no usable time. ``address`` is free for the adapter: where to read the
    publication, if the id is not enough.
    """

    platform_id: str
    committee_name: str
    name: str
    stage: Stage
    starts_at: datetime | None
    released_at: datetime | None = None
    fingerprint: str = ""
    committee_platform_id: str = ""
    group_name: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class MeetingList:
    """A site's list as read. ``whole`` is False when the site only shows a window of time: then nothing that is
    missing from it counts as gone. ``problems`` holds a sentence for each line that could not be read.
    """

    meetings: tuple[ListedMeeting, ...]
    whole: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One headed part of an item. ``text`` is plain with line breaks; ``html`` is sanitised."""

    kind: Kind
    heading: str
    text: str
    html: str = ""
    own_decision: bool = False


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A paper with its lasting link. ``has_pdf`` is False when the site offers no PDF of it."""

    platform_id: str
    title: str
    url: str
    has_pdf: bool = True


@dataclass(frozen=True, kw_only=True)
class Item:
    """An agenda item. ``number`` is as printed ("4", "12a"); ``sorting`` gives the order on the agenda.

    ``unread``: its own page could not be read, so only what the list says of it is here.
    """

    platform_id: str
    number: str
    sorting: int
    title: str
    url: str
    case_number: str = ""
    is_open: bool = True
    sections: tuple[Section, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unread: bool = False


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """One publication with its items. ``time_known`` is False when the site gave only a date; ``problems`` holds a
    sentence for each item that is ``unread``.
    """

    platform_id: str
    committee_name: str
    starts_at: datetime
    stage: Stage
    url: str
    fingerprint: str
    items: tuple[Item, ...]
    committee_platform_id: str = ""
    group_name: str = ""
    ends_at: datetime | None = None
    time_known: bool = True
    place: str = ""
    problems: tuple[str, ...] = ()


# Records of a visit, in the order in which they come. ``code`` is the municipality's KOMKOD.


@dataclass(frozen=True, kw_only=True)
class SourceEntered:
    """A visit begins."""

    code: int


@dataclass(frozen=True, kw_only=True)
class ListRead:
    """The list was read. ``listed`` lies inside the window; ``every_id`` is the whole list, as far as it could be read
    (``flawed``: some lines could not). ``late`` lies before the window: meetings whose
    minutes are waited for. ``wanted`` counts what will be asked for, ``again`` those of them that look unchanged and
    are read again because they are still open.
    """

    code: int
    listed: tuple[ListedMeeting, ...]
    late: tuple[ListedMeeting, ...] = ()
    every_id: tuple[str, ...]
    whole: bool
    wanted: int
    again: int = 0
    flawed: bool = False


@dataclass(frozen=True, kw_only=True)
class MeetingRead:
    """A publication was read."""

    code: int
    meeting: Meeting


@dataclass(frozen=True, kw_only=True)
class MeetingFailed:
    """A publication could not be read; ``reason`` is a Danish sentence for the operator."""

    code: int
    platform_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MeetingNotReady:
    """A listed meeting has no agenda yet, which is nobody's fault."""

    code: int
    platform_id: str


@dataclass(frozen=True, kw_only=True)
class ArchiveRead:
    """A visit for the wish with the id ``wish`` has asked for everything from the day ``reached`` on; ``waiting`` more
    publications are known of, None while nobody knows. ``finished``: it has come to the wish's beginning.
    """

    code: int
    wish: int
    reached: date
    waiting: int | None
    finished: bool = False


@dataclass(frozen=True, kw_only=True)
class SourceLeft:
    """A visit ended. ``memory`` is JSON for the next one, None to keep what was there; ``reason`` is empty when all
    went well.
    """

    code: int
    outcome: Outcome
    reason: str = ""
    requests: int = 0
    memory: str | None = None


Record = SourceEntered | ListRead | MeetingRead | MeetingFailed | MeetingNotReady | ArchiveRead | SourceLeft


@dataclass(frozen=True, kw_only=True)
class Window:
    """The meetings that are asked for: start at or after ``since`` and before ``until`` (None: everything ahead)."""

    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        """True inside the window; also for an unknown time, so that nothing is lost for lack of a date."""
        return moment is None or (self.since <= moment and (self.until is None or moment < self.until))


@dataclass(frozen=True, kw_only=True)
class Known:
    """What we remember of a publication. ``read_at``: when it was last read; None while it could not be.

    ``next_attempt_at``: when one that could not be read is to be tried again; None: at the next visit.
    """

    fingerprint: str
    read_at: datetime | None = None
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Old meetings to be read: from ``since`` and before ``until``; from ``reached`` on it has been done."""

    id: int
    since: date
    until: date
    reached: date


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a visit needs to know of its source.

    ``base_url`` has no slash at the end. ``known`` is what we remember of its publications, by platform id;
    ``memory`` is what the adapter kept last time. ``options`` is what the catalogue says for this source alone, and
    only its adapter understands (committee ids that no page lists, say). With a ``wish`` the visit reads the archive.
    ``awaited``: the meetings whose minutes have not come (``crawler.awaited``), by committee and day, and when the list
    last showed them.
    """

    code: int
    name: str
    platform: str
    base_url: str
    window: Window
    crawl_delay: float = 1.0
    memory: dict[str, str] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    wish: Wish | None = None
    awaited: Mapping[MeetingKey, datetime] = field(default_factory=dict)
