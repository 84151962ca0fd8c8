"""Reads a stored mail apart, for showing it."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

SHOWN = (
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
)  # fmt: skip

# Links of a mail that is shown in a frame open beside it, as in a mail program.
BASE = '<base target="_blank">'
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class ReadMail:
    """A mail's headers in reading order, both its bodies, and the names of its attachments."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[str, ...]


def read_mail(mime: bytes) -> ReadMail:
    """Takes a mail apart. A body that is missing or cannot be decoded is empty."""
    message = message_from_bytes(mime, policy=policy.default)
    headers = tuple((name, str(value)) for name in SHOWN for value in message.get_all(name, []))
    html = _body(message, "html")
    return ReadMail(
        headers,
        _body(message, "plain"),
        _HEAD.sub(lambda head: head[0] + BASE, html, count=1) if _HEAD.search(html) else html and BASE + html,
        tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return ""
