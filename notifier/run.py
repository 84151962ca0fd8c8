"""The notifier as the service starts it: queue what is due, send what is queued, one process at a time."""

from collections.abc import Callable
from datetime import datetime

from config import clock
from config.settings import Settings
from notifier.dispatch import dispatch_for
from notifier.message import sender_for
from notifier.patience import patience_of
from notifier.queueing import ask_only, queue
from notifier.report import Note, Report
from notifier.sending import send
from storage.lock import only_one

__all__ = ["Note", "Report", "notify", "queue", "send"]


def notify(
    settings: Settings,
    *,
    force_digests: bool = False,
    only_asked: bool = False,
    dry_run: bool = False,
    patient: bool = False,
    now: Callable[[], datetime] = clock.now,
    progress: Callable[[Note], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Report:
    """One run: queues and sends. With ``dry_run`` mails are made, listed in the report and given up.

    ``patient`` holds immediate mails back at night, on holidays and while news are collected, and second tries at
    night: for a service that comes back soon.
    ``only_asked`` queues no more than the confirmations that people wait for.

    Raises ``storage.lock.Busy`` when another process is at it, ``OSError`` when the signing key cannot be kept,
    ``ConfigError`` when a DKIM key is set that cannot be used.
    """
    url, sender = settings.effective_database_url, sender_for(settings)
    patience = patience_of(settings, patient=patient)
    with only_one(url, "notify"):
        if only_asked:
            report = ask_only(url, sender, now=now())
        else:
            report = queue(
                url,
                sender,
                now=now(),
                operators=settings.operator_addresses,
                force_digests=force_digests,
                dry_run=dry_run,
                patience=patience,
            )
        if not dry_run:
            quiet = patience.quiet
            report += send(
                url,
                dispatch_for(settings, sender),
                now=now,
                progress=progress,
                stop=stop,
                at_night=quiet is not None and quiet.at_night(now()),
            )
    return report
