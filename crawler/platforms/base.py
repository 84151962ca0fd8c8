"""What every publishing system's adapter is: two questions, asked one after the other.

An adapter knows how one system answers. It opens no connection and touches no database: it asks through ``Fetch``,
which keeps to the source's own host, waits as long as politeness demands and turns faults into ``Trouble``.
"""

from __future__ import annotations

import ipaddress
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from crawler.items import ListedMeeting, Meeting, MeetingList, Site
from crawler.trouble import BadAnswer, Blocked, NotPublished, ServerError, Trouble, Unreachable

if TYPE_CHECKING:
    from scrapy.http import Response

T = TypeVar("T")

__all__ = [
    "Apart",
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


_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan")
_WRAPPED = (ipaddress.ip_network("::/96"), ipaddress.ip_network("64:ff9b::/96"))


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


class Apart(Protocol):
    """Does work that keeps a processor busy for a while where it keeps nobody waiting."""

    async def __call__(self, work: Callable[..., T], *arguments: Any) -> T:
        """``work(*arguments)``: a pure function of a module, since it may be called in another process."""
        ...


async def here(work: Callable[..., T], *arguments: Any) -> T:
    """``Apart`` for those who have nobody waiting: the work is done at once."""
    return work(*arguments)


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
    hint for the probe where to begin, proof of nothing. ``minutes_listed``: the list shows by itself that minutes came,
    as a line of their own or a fingerprint that moves (``crawler.freshness``). ``archive_days``: so many days of the
    archive are asked for at a time; None where one list shows all, or whole years.
    """

    name: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]] = ()
    minutes_listed: ClassVar[bool] = True
    archive_days: ClassVar[int | None] = None

    def __init__(self, site: Site, fetch: Fetch, apart: Apart = here) -> None:
        self.site = site
        self.fetch = fetch
        self.apart = apart

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
    """True for loopback, private, link-local and multicast addresses and for names that only mean something inside a
    network. Addresses in other spellings ("127.1", "0x7f.0.0.1") count as internal too: no public site writes them.
    """
    name = host.strip("[]").rstrip(".").casefold()
    try:
        return _leads_inside(ipaddress.ip_address(name))
    except ValueError:
        # A last label that begins as a number makes the whole name one (WHATWG URL, "ends in a number").
        numeric = re.fullmatch(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", name)
        local_name = name == "localhost" or "." not in name or name.endswith(_LOCAL_ENDINGS)
        return bool(numeric) or local_name


def _leads_inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address.is_multicast or not address.is_global:
        return True
    # IPv4 addresses that travel inside IPv6 ones: "::127.0.0.1", NAT64 (RFC 6052), 6to4 (RFC 3056).
    if address.version == 6:  # noqa: PLR2004
        inner = [address.sixtofour] + [
            ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) for net in _WRAPPED if address in net
        ]
        return any(one is not None and _leads_inside(one) for one in inner)
    return False
