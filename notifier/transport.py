"""How mail leaves us: one verb, one error."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


class TransportError(Exception):
    """A mail was not accepted.

    ``permanent``: trying this mail again is useless (a 5xx answer to this recipient or this content).
    ``status`` is the enhanced status code of RFC 3463 ("5.1.1") when the server gave one, else "".
    ``unreachable``: the server itself could not be used (no connection, refused login), so no other mail would
    fare better now; never together with ``permanent``.
    """

    def __init__(self, reason: str, *, permanent: bool, status: str = "", unreachable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.status = status
        self.unreachable = unreachable

    @property
    def no_such_address(self) -> bool:
        """True when the server says that the address itself is at fault (RFC 3463: 5.1.x)."""
        return self.permanent and self.status.startswith("5.1.")


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
