"""How mail leaves us: one verb, one error."""

import enum
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


class Fault(enum.Enum):
    """Whose fault it is that a mail was not accepted, which decides what happens next.

    ``TEMPORARY``: ask again later. ``RATE``: the same, and this host has had enough for now. ``ADDRESS``: there is no
    such mailbox (RFC 3463: 5.1.x, 5.2.1). ``MAIL``: this mail is refused for good, the address is not to blame.
    ``POLICY``: refused by a rule (5.7.x) that may be lifted, so it is tried again. ``OURS``: login, sender address,
    relaying or encryption: no other mail would fare better until the operator has mended it. ``UNREACHABLE``: no
    server to talk to. In the last two nothing was judged, so no mail is counted as tried.
    """

    TEMPORARY = enum.auto()
    RATE = enum.auto()
    ADDRESS = enum.auto()
    MAIL = enum.auto()
    POLICY = enum.auto()
    OURS = enum.auto()
    UNREACHABLE = enum.auto()


class TransportError(Exception):
    """A mail was not accepted.

    ``code`` is the server's answer (550) when there was one, ``status`` the enhanced status code of RFC 3463 ("5.1.1")
    when the server gave one, else "". ``at_recipient``: said of the recipient, so another mail may fare better.
    """

    def __init__(
        self, reason: str, fault: Fault, *, code: int | None = None, status: str = "", at_recipient: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault
        self.code = code
        self.status = status
        self.at_recipient = at_recipient

    @property
    def permanent(self) -> bool:
        """True when trying this mail again is useless."""
        return self.fault in {Fault.ADDRESS, Fault.MAIL}


def on_the_wire(email: str) -> str:
    """The address with its host name in the encoded form in which hosts outside ASCII travel (RFC 5890)."""
    user, _, host = email.rpartition("@")
    try:
        return email if host.isascii() else f"{user}@{host.encode('idna').decode()}"
    except UnicodeError:
        return email  # no host can have that name; the mail server will say so


@dataclass(frozen=True)
class Envelope:
    """What a transport needs: bare addresses and the finished mail. ``message_id`` with its angle brackets."""

    sender: str
    recipient: str
    message_id: str
    mime: bytes


class Transport(Protocol):
    """Returns from ``send`` only when the mail is accepted for delivery; used as an async context manager."""

    async def __aenter__(self) -> Self:
        """Opens what can be kept open between mails."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of it."""

    async def send(self, envelope: Envelope) -> None:
        """Hands one mail over. Raises ``TransportError``."""
