"""The mailbox of bounces over IMAP: each mail is read, recorded, and then put away."""

import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from imaplib import IMAP4
from urllib.parse import parse_qs, unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from notifier.bounces import BounceCount, take_in
from notifier.return_path import ReturnPath

TIMEOUT = 60.0
# So many a round: the next one goes on where this one ended.
AT_A_TIME = 500
BULK = 20
DONE = "Dagsordenvagt"


class MailboxUnusable(Exception):
    """The mailbox cannot be read; it says why, in words for the operator."""


@dataclass(frozen=True)
class ImapServer:
    """Where the mailbox is. ``starttls`` and ``tls`` are never both set."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    tls: bool
    starttls: bool


def read_imap_url(url: str) -> ImapServer:
    """Reads ``imaps://user:pass@host/INBOX``, or ``imap://…``, which demands STARTTLS except on this very machine.

    Raises ``ValueError``.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname:
        raise ValueError("the address of the mailbox must start with imap:// or imaps:// and name a host")
    tls = parts.scheme == "imaps"
    asked = parse_qs(parts.query).get("starttls", ["0" if _loopback(parts.hostname) else "1"])[-1]
    return ImapServer(
        parts.hostname,
        parts.port or (993 if tls else 143),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
        tls,
        not tls and asked != "0",
    )


def read_mailbox(
    url: str,
    server: ImapServer,
    return_path: ReturnPath | None,
    now: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> BounceCount:
    """Takes in what the mailbox holds. Raises ``MailboxUnusable``.

    Reports and automatic replies are moved to the folder ``Dagsordenvagt`` once they are recorded. Letters that a
    person should read stay where they are, flagged, and are not looked at again.
    """
    count = BounceCount()
    try:
        with open_mailbox(server) as box:
            _take_in_all(url, box, return_path, now, count, stop)
    except (ImapToolsError, IMAP4.error, OSError) as error:
        raise MailboxUnusable(_why(server, error)) from error
    return count


def check_mailbox(server: ImapServer) -> int:
    """Logs in and counts the mails that wait. Raises ``MailboxUnusable``."""
    try:
        with open_mailbox(server) as box:
            return len(box.uids(AND(flagged=False)))
    except (ImapToolsError, IMAP4.error, OSError) as error:
        raise MailboxUnusable(_why(server, error)) from error


def open_mailbox(server: ImapServer) -> BaseMailBox:
    """A mailbox that is logged in and has its folder open; a context manager that logs out."""
    context = ssl.create_default_context()
    box: BaseMailBox
    if server.tls:
        box = MailBox(server.host, server.port, timeout=TIMEOUT, ssl_context=context)
    elif server.starttls:
        box = MailBoxStartTls(server.host, server.port, timeout=TIMEOUT, ssl_context=context)
    else:
        box = MailBoxUnencrypted(server.host, server.port, timeout=TIMEOUT)
    return box.login(server.username, server.password, initial_folder=server.folder)


def _take_in_all(
    url: str,
    box: BaseMailBox,
    return_path: ReturnPath | None,
    now: datetime,
    count: BounceCount,
    stop: Callable[[], bool],
) -> None:
    waiting = box.uids(AND(flagged=False))[:AT_A_TIME]
    if waiting and not box.folder.exists(DONE):
        box.folder.create(DONE)
    for start in range(0, len(waiting), BULK):
        if stop():
            return
        done: list[str] = []
        letters: list[str] = []
        for mail in box.fetch(AND(uid=waiting[start : start + BULK]), mark_seen=False, bulk=True):
            report = take_in(url, mail.obj.as_bytes(), return_path, now, count)
            (letters if report.verdict == "other" else done).append(str(mail.uid))
        # Recorded first, put away after: a stop in between reads them again, and a report counts once.
        if letters:
            box.flag(letters, MailMessageFlags.FLAGGED, value=True)
        if done:
            box.move(done, DONE)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(server: ImapServer, error: Exception) -> str:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return f"Postkassen på {server.host}:{server.port} kan ikke læses: {said}"
