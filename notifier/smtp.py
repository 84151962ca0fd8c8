"""Mails over SMTP, with one connection kept open between them."""

import ssl
from functools import lru_cache
from types import TracebackType
from typing import Self

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notifier.smtp_answers import (
    SERVICE_CLOSING,
    one_line,
    refused_content,
    refused_recipient,
    refused_sender,
    unusable_server,
)
from notifier.smtp_conversation import Conversation
from notifier.smtp_server import SmtpServer, read_smtp_url
from notifier.transport import Envelope, Fault, TransportError

__all__ = ["SmtpServer", "SmtpTransport", "read_smtp_url"]

# Seconds. The answer to DATA may take long: the server scans the mail before it accepts it (RFC 5321, 4.5.3.2).
TIMEOUT = 60.0
DATA_TIMEOUT = 300.0


class SmtpTransport:
    """One connection, opened with the first mail and opened again when the server has closed it in between."""

    def __init__(self, server: SmtpServer, *, timeout: float = TIMEOUT, data_timeout: float = DATA_TIMEOUT) -> None:
        self.server = server
        self.timeout = timeout
        self.data_timeout = data_timeout
        self._conversation: Conversation | None = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before there is a mail."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes leave of the server."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None and conversation.alive:
            await conversation.quit()

    async def greet(self) -> None:
        """Connects, encrypts and logs in, and sends nothing: would a mail get through? Raises ``TransportError``."""
        await self._connected()

    async def send(self, envelope: Envelope) -> None:
        """Hands one mail over; returns after the server's 250. Raises ``TransportError``."""
        conversation = await self._address(envelope)
        try:
            await conversation.hand_over(envelope.mime)
        except SMTPResponseException as error:
            if error.code == SERVICE_CLOSING:
                conversation.close()
            else:
                await conversation.reset()
            raise refused_content(error) from error
        except (SMTPException, OSError) as error:
            conversation.close()
            reason = f"Forbindelsen blev afbrudt, mens mailen blev overført: {one_line(str(error))}"
            raise TransportError(reason, Fault.TEMPORARY) from error

    async def _address(self, envelope: Envelope) -> Conversation:
        """Names sender and recipient on a connection that is known to live."""
        wide = _needs_smtputf8(envelope)
        reused = self._conversation is not None and self._conversation.alive
        conversation = await self._connected()
        if wide and not conversation.wide:
            said = "Mailserveren kan ikke sende til adresser med æ, ø, å eller andre særtegn."
            raise TransportError(said, Fault.MAIL)
        try:
            await conversation.address(envelope.sender, envelope.recipient)
        except (SMTPSenderRefused, SMTPRecipientRefused) as error:
            await conversation.reset()
            judged = refused_sender(error) if isinstance(error, SMTPSenderRefused) else refused_recipient(error)
            raise judged from error
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            conversation.close()
            if not reused:
                # Nothing of the mail has left us: it is the connection that failed.
                reason = f"Mailserveren afbrød forbindelsen: {one_line(str(error))}"
                raise TransportError(reason, Fault.UNREACHABLE) from error
            # Servers close idle connections; nothing of this mail has been handed over yet, so ask again at once.
            return await self._address(envelope)
        return conversation

    async def _connected(self) -> Conversation:
        if self._conversation is not None and self._conversation.alive:
            return self._conversation
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=_tls_context(server.verify),
            timeout=self.timeout,
            local_hostname="localhost" if server.loopback else None,
        )
        try:
            await client.connect()
            await _greet(client)
            opened = Conversation(client, timeout=self.timeout, data_timeout=self.data_timeout)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise unusable_server(server, error) from error
        self._conversation = opened
        return opened


@lru_cache(maxsize=2)
def _tls_context(verify: bool) -> ssl.SSLContext:
    """Reading the machine's certificates takes longer than a mail: once a process is enough."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _needs_smtputf8(envelope: Envelope) -> bool:
    addresses = envelope.sender + envelope.recipient
    if not addresses.isprintable() or " " in addresses:
        # A blank or a line break would make an address a command of its own.
        raise TransportError("Adressen kan ikke bruges til mail.", Fault.ADDRESS, status="5.1.3", at_recipient=True)
    return not addresses.isascii()


async def _greet(client: SMTP) -> None:
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()
