"""Where the mail server is and how to speak to it, read from one address."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class SmtpServer:
    """Where and how to connect. ``starttls``: True demands it, False never asks, None takes it when offered."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool | None = None
    verify: bool = True

    @property
    def loopback(self) -> bool:
        """True for this very machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_smtp_url(url: str) -> SmtpServer:
    """Reads ``smtp://user:pass@host:port?starttls=1`` or ``smtps://…``; ``verify=0`` takes any certificate.

    Ports left out are 465 for ``smtps``, else 587 with ``starttls=1`` and 25 without. Raises ``ValueError``.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("the address of the mail server must start with smtp:// or smtps:// and name a host")
    options = {key: values[-1].casefold() in {"1", "true", "yes"} for key, values in parse_qs(parts.query).items()}
    tls, starttls = parts.scheme == "smtps", options.get("starttls")
    server = SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if starttls else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=False if tls else starttls,
        verify=options.get("verify", True),
    )
    if server.username and not tls and starttls is None and not server.loopback:
        # A password never crosses a network unprotected unless the operator says so with starttls=0.
        return SmtpServer(**{**server.__dict__, "starttls": True})
    return server
