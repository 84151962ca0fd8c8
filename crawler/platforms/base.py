"""What every publishing system's adapter is: two questions, asked one after the other.

An adapter knows how one system answers. It opens no connection and touches no database: it asks through ``Fetch``,
which keeps to the source's own host, waits as long as politeness demands and turns faults into ``Trouble``.
"""

import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from scrapy.http import Response

from crawler.items import ListedMeeting, Meeting, MeetingList, Site
from crawler.trouble import BadAnswer, Blocked, NotPublished, ServerError, Trouble, Unreachable

__all__ = [
    "BadAnswer",
    "Blocked",
    "Fetch",
    "NotPublished",
    "Platform",
    "Recognised",
    "ServerError",
    "Trouble",
    "Unreachable",
    "is_internal",
]


class Fetch(Protocol):
    """Asks the source's own host."""

    cookies: dict[str, str]

    async def get(
        self, path: str, *, headers: dict[str, str] | None = None, accept: tuple[int, ...] = (200,), redirects: int = 0
    ) -> Response:
        """The answer to GET ``path`` (or an absolute address on the same host), if its status is in ``accept``.

        Follows up to ``redirects`` redirects, on the same host only. Raises ``Trouble`` for everything else.
        """
        ...


@dataclass(frozen=True)
class Recognised:
    """A site that speaks an adapter's system. ``evidence`` is a Danish phrase for what was seen; ``options`` is what
    the catalogue should say for the site.
    """

    evidence: str
    options: Mapping[str, object] = field(default_factory=dict)


class Platform(ABC):
    """An adapter for one publishing system. One object serves one visit to one source, so it may keep what it learns.

    ``name`` is what the catalogue's ``platform`` says. ``hosts`` are patterns of host names that such sites have: a
    hint for the probe where to begin, proof of nothing.
    """

    name: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, site: Site, fetch: Fetch) -> None:
        self.site = site
        self.fetch = fetch

    @abstractmethod
    async def read_list(self) -> MeetingList:
        """Every meeting that the site lists, also outside the window if it costs no more requests.

        Raises ``Trouble``. Never returns an empty list because an answer was not understood.
        """

    @abstractmethod
    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """One publication with its items. Raises ``Trouble`` when it cannot be read."""

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:  # noqa: ARG003
        """Whether the site that ``fetch`` asks speaks this system, in one or two requests. Raises ``Trouble``.

        A page that would be there on other sites too is no evidence.
        """
        return None

    def memory(self) -> dict[str, str]:
        """What the next visit shall find in ``site.memory``: a session cookie, say."""
        return {}


def is_internal(host: str) -> bool:
    """True for loopback, private and link-local addresses and for names that only mean something inside a network."""
    name = host.strip("[]").rstrip(".").casefold()
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return name == "localhost" or "." not in name or name.endswith((".localhost", ".local", ".internal", ".lan"))
