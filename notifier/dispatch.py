"""What the settings say about sending: to whom, how fast, from which return path, signed with what."""

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from notifier.dkim_signature import signer_for
from notifier.eml import EmlTransport
from notifier.message import Sender
from notifier.return_path import return_path_for
from notifier.smtp import SmtpTransport, read_smtp_url
from notifier.transport import Transport

# A further connection is worth its handshake only for so many mails.
MAILS_PER_CONNECTION = 20
# How many may go at once before the pace counts.
BURST = 20


@dataclass(frozen=True)
class Dispatch:
    """How mails leave. ``return_path`` gives the envelope's sender for a message's id.

    ``allowed``: addresses and hosts that may be written to; None allows everybody. Paces in mails, 0: no limit.
    """

    connect: Callable[[], Transport]
    return_path: Callable[[int], str]
    sign: Callable[[bytes], bytes] = bytes
    allowed: frozenset[str] | None = None
    connections: int = 1
    mails_per_connection: int = MAILS_PER_CONNECTION
    per_second: float = 0.0
    host_per_minute: float = 0.0

    def may_write_to(self, email: str) -> bool:
        """False when the list of allowed recipients names neither the address nor its host."""
        if self.allowed is None:
            return True
        folded = email.casefold()
        return folded in self.allowed or folded.rpartition("@")[2] in self.allowed

    def connections_for(self, mails: int) -> int:
        """How many connections so many mails are worth."""
        return max(1, min(self.connections, mails // self.mails_per_connection))


def dispatch_for(settings: Settings, sender: Sender) -> Dispatch:
    """SMTP when a mail server is set, else ``.eml`` files in the outbox folder.

    Raises ``ValueError`` for a bad mail server address, ``ConfigError`` for a DKIM key that cannot be used.
    """
    marked = return_path_for(settings)
    return_path = marked.address_for if marked else lambda _: sender.address
    if settings.smtp_url is None:
        folder = settings.outbox_dir
        # Files leave nobody's machine: only the allow-list counts for them.
        return Dispatch(lambda: EmlTransport(folder), return_path, allowed=settings.allowed_recipients)
    server = read_smtp_url(settings.smtp_url.get_secret_value())
    return Dispatch(
        lambda: SmtpTransport(server),
        return_path,
        sign=signer_for(settings, sender.address),
        allowed=settings.allowed_recipients,
        connections=settings.mail_connections,
        per_second=settings.mail_per_second,
        host_per_minute=settings.mail_per_host_minute,
    )
