"""The notifier as the service starts it: queue what is due, send what is queued, one process at a time."""

from collections.abc import Callable
from datetime import datetime

from config import clock
from config.settings import Settings
from notifier.eml import EmlTransport
from notifier.message import sender_for
from notifier.queueing import queue
from notifier.report import Note, Report
from notifier.sending import send
from notifier.smtp import SmtpTransport, read_smtp_url
from notifier.transport import Transport
from storage.lock import only_one

__all__ = ["Note", "Report", "notify", "queue", "send", "transport_for"]


def transport_for(settings: Settings) -> Transport:
    """SMTP when a mail server is set, else ``.eml`` files in the outbox folder. Raises ``ValueError`` for a bad URL."""
    if settings.smtp_url is None:
        return EmlTransport(settings.outbox_dir)
    return SmtpTransport(read_smtp_url(settings.smtp_url.get_secret_value()))


def notify(
    settings: Settings,
    *,
    force_digests: bool = False,
    dry_run: bool = False,
    now: Callable[[], datetime] = clock.now,
    progress: Callable[[Note], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """One run: queues and sends. With ``dry_run`` mails are made, listed in the report and given up.

    Raises ``storage.lock.Busy`` when another process is at it, ``OSError`` when the signing key cannot be kept.
    """
    url, sender = settings.effective_database_url, sender_for(settings)
    with only_one(url, "notify"):
        report = queue(url, sender, now=now(), force_digests=force_digests, dry_run=dry_run)
        if not dry_run:
            report += send(url, transport_for(settings), sender.address, now=now, progress=progress, stop=stop)
    return report
