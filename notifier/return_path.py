"""A return address for each mail, so that a bounce names the mail that bounced and nobody can make one up."""

import hashlib
import hmac
import re

from config.settings import Settings

_MARKED = re.compile(r"\+(?P<number>\d{1,18})-(?P<mark>[0-9a-f]{16})$")


def return_path_for(settings: Settings) -> "ReturnPath | None":
    """The marked return paths in use; None when no address is set. Raises ``OSError``, ``ConfigError``."""
    return ReturnPath(settings.bounce_address, settings.signing_key()) if settings.bounce_address else None


class ReturnPath:
    """``bounce+12345-0a1b…@host`` for message 12345 (VERP, with a keyed mark).

    The mail server must deliver ``bounce+anything`` to the mailbox of ``bounce`` ("subaddressing", RFC 5233).
    """

    def __init__(self, address: str, key: str) -> None:
        self._user, _, self._host = address.rpartition("@")
        self._key = key.encode()

    def address_for(self, number: int) -> str:
        """The envelope sender of a message."""
        return f"{self._user}+{number}-{self._mark(number)}@{self._host}"

    def message_in(self, address: str) -> int | None:
        """The id of the message that a bounce was addressed to; None when we never made that address."""
        user, _, host = address.strip().strip("<>").casefold().rpartition("@")
        found = _MARKED.search(user)
        if found is None or user[: found.start()] != self._user.casefold() or host != self._host.casefold():
            return None
        number = int(found["number"])
        return number if hmac.compare_digest(found["mark"], self._mark(number)) else None

    def _mark(self, number: int) -> str:
        return hmac.new(self._key, f"return path {number}".encode(), hashlib.sha256).hexdigest()[:16]
