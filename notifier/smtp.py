"""Mails over SMTP, with one connection kept open between them."""

import ipaddress
import re
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notifier.transport import Envelope, TransportError

# Seconds. The answer to DATA may take long: the server scans the mail before it accepts it (RFC 5321, 4.5.3.2).
TIMEOUT = 60.0
DATA_TIMEOUT = 300.0

MESSAGE_TOO_BIG = 552
FIRST_PERMANENT = 500
SERVICE_CLOSING = 421
# RFC 3463: bad sender's address syntax, bad sender's system address. RFC 4954: authentication required, or failed.
BAD_SENDER = {"5.1.7", "5.1.8"}
LOGIN_WANTED = {530, 535}

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


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


class SmtpTransport:
    """One connection, opened with the first mail and opened again when the server has closed it in between."""

    def __init__(self, server: SmtpServer, *, timeout: float = TIMEOUT, data_timeout: float = DATA_TIMEOUT) -> None:
        self.server = server
        self.timeout = timeout
        self.data_timeout = data_timeout
        self._client: SMTP | None = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before there is a mail."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Says goodbye, as a polite client does; a server that is gone already is no error."""
        client, self._client = self._client, None
        if client is None or not client.is_connected:
            return
        try:
            await client.quit(timeout=5)
        except (SMTPException, OSError):
            client.close()

    async def greet(self) -> None:
        """Connects, encrypts and logs in, and sends nothing: would a mail get through? Raises ``TransportError``."""
        await self._connected()

    async def send(self, envelope: Envelope) -> None:
        """Hands one mail over; returns after the server's 250. Raises ``TransportError``."""
        client = await self._address(envelope)
        try:
            await client.data(envelope.mime, timeout=self.data_timeout)
        except SMTPResponseException as error:
            await self._reset(client)
            raise _refused("Mailserveren afviste mailens indhold", error) from error
        except (SMTPException, OSError) as error:
            client.close()
            raise TransportError(
                f"Forbindelsen blev afbrudt, mens mailen blev overført: {error}", permanent=False
            ) from error

    async def _address(self, envelope: Envelope) -> SMTP:
        """Names sender and recipient on a connection that is known to live."""
        reused = self._client is not None and self._client.is_connected
        client = await self._connected()
        try:
            await self._name(client, envelope)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            client.close()
            if not reused:
                raise TransportError(f"Mailserveren afbrød forbindelsen: {error}", permanent=False) from error
            # Servers close idle connections; nothing of this mail has been handed over yet, so ask again at once.
            return await self._address(envelope)
        return client

    async def _name(self, client: SMTP, envelope: Envelope) -> None:
        wide = _needs_smtputf8(envelope)
        try:
            if wide and not client.supports_extension("smtputf8"):
                raise TransportError(
                    "Mailserveren kan ikke sende til adresser med æ, ø, å eller andre særtegn.", permanent=True
                )
            encoding = "utf-8" if wide else "ascii"
            await client.mail(envelope.sender, options=["SMTPUTF8"] if wide else [], encoding=encoding)
            await client.rcpt(envelope.recipient, encoding=encoding)
        except SMTPSenderRefused as error:
            if error.code == SERVICE_CLOSING:
                raise SMTPServerDisconnected(f"421 {_one_line(error.message)}") from error
            await self._reset(client)
            raise _refused_sender(error) from error
        except SMTPRecipientRefused as error:
            await self._reset(client)
            raise _refused_recipient(error) from error

    async def _connected(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            validate_certs=server.verify,
            timeout=self.timeout,
            local_hostname="localhost" if server.loopback else None,
        )
        try:
            await client.connect()
            await _greet(client)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise TransportError(_why_unreachable(server, error), permanent=False, unreachable=True) from error
        self._client = client
        return client

    async def _reset(self, client: SMTP) -> None:
        """Makes the connection ready for the next mail, or closes it."""
        if not client.is_connected:
            return
        try:
            await client.rset()
        except (SMTPException, OSError):
            client.close()


def _needs_smtputf8(envelope: Envelope) -> bool:
    addresses = envelope.sender + envelope.recipient
    if not addresses.isprintable() or " " in addresses:
        # A blank or a line break would make an address a command of its own.
        raise TransportError("Adressen kan ikke bruges til mail.", permanent=True, status="5.1.3")
    return not addresses.isascii()


async def _greet(client: SMTP) -> None:
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()


def _refused(what: str, error: SMTPResponseException) -> TransportError:
    reason, status = f"{what}: {error.code} {_one_line(error.message)}", _status(error.message)
    # Some servers say 550 4.2.0: the enhanced code is the more deliberate of the two.
    permanent = error.code >= FIRST_PERMANENT and not status.startswith("4.")
    return TransportError(reason, permanent=permanent, status=status)


def _refused_sender(error: SMTPSenderRefused) -> TransportError:
    refused = _refused("Mailserveren afviste afsenderen", error)
    if error.code == MESSAGE_TOO_BIG or not refused.permanent:
        return refused
    # Our own address is not welcome (relaying, login): that is no fault of this mail and hits every other one too.
    return TransportError(refused.reason, permanent=False, status=refused.status, unreachable=True)


def _refused_recipient(error: SMTPRecipientRefused) -> TransportError:
    """Many servers judge sender, login and relaying only when they hear the recipient (Postfix: smtpd_delay_reject)."""
    refused = _refused("Mailserveren afviste modtageren", error)
    about_us = refused.status in BAD_SENDER or error.code in LOGIN_WANTED
    if refused.permanent and (about_us or refused.status.startswith("5.7.")):
        # The operator's to mend: the mail waits meanwhile, and the address is not to blame.
        return TransportError(refused.reason, permanent=False, status=refused.status, unreachable=about_us)
    return refused


def _why_unreachable(server: SmtpServer, error: Exception) -> str:
    where = f"{server.host}:{server.port}"
    if isinstance(error, SMTPResponseException):
        return f"Mailserveren {where} svarede {error.code} {_one_line(error.message)}"
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError):
        return f"Mailserveren {where} har intet gyldigt certifikat: {_one_line(str(error.__cause__ or error))}"
    said = error.__cause__ if isinstance(error, SMTPConnectError) and error.__cause__ else error
    return f"Mailserveren {where} kan ikke nås: {_one_line(str(said)) or type(said).__name__}"


def _status(message: str) -> str:
    found = _ENHANCED.search(message)
    return found.group(1) if found else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
