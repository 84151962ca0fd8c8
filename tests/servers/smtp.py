"""A real SMTP server on loopback (aiosmtpd), with the faults that mail servers have."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Faults:
    """What the server does wrong. Counters count down to zero; then it behaves.

    ``goodbye_after_rcpt``: 250 and 421 in one breath, then gone. ``slow_replies``: a byte of an answer, and no more.
    ``refuse``: recipient → answer to RCPT, every time. ``greylist``: recipients that get 450 the first time.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    greylist: set[str] = field(default_factory=set)
    refuse_sender: str = ""
    closed_at_connect: int = 0
    dropped_at_data: int = 0
    accepted_then_dropped: int = 0
    mails_per_connection: int = 0
    goodbye_after_rcpt: int = 0
    rate_limited: int = 0
    nonsense: int = 0
    slow_replies: int = 0
    connections_at_most: int = 0
    refuse_content: list[str] = field(default_factory=list)


@dataclass
class MailServer:
    """Where it listens, what it took in, how often it was connected to; ``at_step`` hears of each step of a mail.

    ``pipelining``: it offers to take several commands in one breath (RFC 2920).
    """

    host: str = "127.0.0.1"
    port: int = 0
    faults: Faults = field(default_factory=Faults)
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    senders: list[str] = field(default_factory=list)
    at_step: Callable[[], None] | None = None
    pipelining: bool = False

    def step(self) -> None:
        """Tells who watches that a mail has come one step further."""
        if self.at_step is not None:
            self.at_step()

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        """Everything accepted, in order."""
        return [message_from_bytes(content, policy=policy.default) for _, content in self.raw]

    def to(self, address: str) -> list[EmailMessage]:
        """What one address got."""
        return [mail for (rcpt, _), mail in zip(self.raw, self.mails, strict=True) if rcpt == address]

    def ids(self) -> list[str]:
        headers = BytesHeaderParser(policy=policy.default)
        return [str(headers.parsebytes(content)["Message-ID"]) for _, content in self.raw]


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self.server = server

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _smtp: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["250-PIPELINING", *responses] if self.server.pipelining else responses

    async def handle_MAIL(  # noqa: N802
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.faults.refuse_sender:
            return self.server.faults.refuse_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.server.step()
        faults = self.server.faults
        if address in faults.refuse:
            return faults.refuse[address]
        if faults.rate_limited > 0:
            faults.rate_limited -= 1
            return "451 4.7.0 Rate limit exceeded, slow down"
        if address in faults.greylist:
            faults.greylist.discard(address)
            return "450 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: "_Protocol", _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.server.faults.refuse_content:
            return self.server.faults.refuse_content.pop()
        content = envelope.original_content or b""
        self.server.step()
        self.server.senders.append(str(envelope.mail_from))
        self.server.raw += [(address, content) for address in envelope.rcpt_tos]
        self.server.step()
        if self.server.faults.accepted_then_dropped > 0:
            self.server.faults.accepted_then_dropped -= 1
            smtp.drop()
        return "250 2.0.0 Accepted"


class _Protocol(SMTP):
    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(_Handler(server), hostname="mail.test", **options)
        self._server = server
        self._taken = 0

    def drop(self) -> None:
        """Closes the connection without a word."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()

    async def _handle_client(self) -> None:
        faults = self._server.faults
        self._server.connections += 1
        too_many = 0 < faults.connections_at_most <= self._server.open
        if too_many or faults.closed_at_connect > 0:
            faults.closed_at_connect -= not too_many
            await self.push("421 4.3.2 mail.test busy, come back later")
            assert self.transport is not None
            self.transport.close()
            return
        self._server.open += 1
        try:
            await super()._handle_client()
        finally:
            self._server.open -= 1

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        limit = self._server.faults.mails_per_connection
        if limit and self._taken >= limit:
            await self.push("421 4.7.0 Too many mails on this connection")
            assert self.transport is not None
            self.transport.close()
            return
        if self._server.faults.nonsense > 0:
            self._server.faults.nonsense -= 1
            await self.push("what did you say?")
            return
        self._taken += 1
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        faults = self._server.faults
        assert self.transport is not None
        if faults.slow_replies > 0:
            faults.slow_replies -= 1
            self._writer.write(b"2")
            return
        if faults.goodbye_after_rcpt > 0:
            faults.goodbye_after_rcpt -= 1
            self._writer.write(b"250 OK\r\n421 4.3.2 Shutting down\r\n")
            self.transport.close()
            return
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if self._server.faults.dropped_at_data > 0:
            self._server.faults.dropped_at_data -= 1
            self.drop()
            return
        await super().smtp_DATA(arg)


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Runs a server in a thread for the block. ``options`` go to aiosmtpd (TLS, authentication)."""
    server = MailServer()
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        loop.create_server(lambda: _Protocol(server, loop=loop, **options), server.host, 0)
    )
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        listening.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
