"""The demo's mail server: takes every mail on loopback and keeps it as a file that any mail program opens."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass
class Mailbox:
    """What has arrived, in order. ``port`` is where the server listens."""

    folder: Path
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook for a finished mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        (self.folder / f"{len(self.mails):03}.eml").write_bytes(content)
        return "250 OK"


class _OnFreePort(Controller):
    """aiosmtpd's own start-up check asks at port 0 unless it is told which port the system chose."""

    def _trigger_server(self) -> None:
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Runs the mailbox's server for the block, on a free port."""
    mailbox.folder.mkdir(parents=True, exist_ok=True)
    controller = _OnFreePort(mailbox, hostname=HOST, port=0)
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()
