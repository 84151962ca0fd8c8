"""What a mail in the bounce mailbox says: which recipient was refused, and whether for good."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import Literal

from flufl.bounce import all_failures

from notifier.smtp_answers import one_line, status_in

Verdict = Literal["hard", "soft", "delayed", "auto_reply", "other"]

# How much of a mail without a proper report is looked at.
READ_AT_MOST = 20_000
# RFC 3463: mailbox disabled, mailbox full, message too long for it.
DISABLED = "5.2.1"
_SOFT_WORDS = re.compile(
    r"quota|mailbox (?:is )?full|over.?limit|too large|size limit|spam|blocked|blacklist|blocklist|policy|temporar"
    r"|try again|timed? ?out|greylist",
    re.IGNORECASE,
)
_OUT_OF_OFFICE = re.compile(
    r"^\s*(?:out of (?:the )?office|automatic reply|auto(?:matisk)?[: -]?(?:svar|reply)|autosvar|fraværsbesked"
    r"|ferie(?:besked|lukket)?\b|på ferie|jeg er (?:ikke på kontoret|på ferie))",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class BounceReport:
    """One mail of the bounce mailbox, understood.

    ``hard``: no such address. ``soft``: this mail was refused, or given up after many tries. ``delayed``: still being
    tried. ``auto_reply``: out of office and the like. ``other``: a person, or something we cannot read.
    ``addresses`` in lower case; ``message_ids`` of the mails that it is about; ``sent_to`` the addresses that it came
    to, where a marked return path names the mail.
    """

    verdict: Verdict
    key: str
    addresses: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""


def read_report(raw: bytes) -> BounceReport:
    """Understands one mail. Never raises: what cannot be read is ``other``."""
    key = hashlib.sha256(raw).hexdigest()[:32]
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        return _understood(mail, key)
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        return BounceReport("other", key, reason=f"Kunne ikke læses ({type(error).__name__}).")


def _understood(mail: Message, key: str) -> BounceReport:
    about = BounceReport(
        "other",
        key,
        sent_to=tuple(dict.fromkeys(_sent_to(mail))),
        message_ids=tuple(dict.fromkeys(_original_ids(mail))),
    )
    delayed, failed = (tuple(sorted(one.decode().casefold() for one in part)) for part in all_failures(mail))
    if not failed and not delayed:
        return replace(about, verdict="auto_reply" if _is_auto_reply(mail) else "other")
    status, said = _status_and_words(mail)
    if not failed:
        return replace(about, verdict="delayed", addresses=delayed, status=status, reason=said)
    verdict: Verdict = "hard" if _is_hard(status, said) else "soft"
    return replace(about, verdict=verdict, addresses=failed, status=status, reason=said)


def _is_hard(status: str, said: str) -> bool:
    if status.startswith("5.1.") or status == DISABLED:
        # 5.1.7 and 5.1.8 speak of the sender.
        return status not in {"5.1.7", "5.1.8"}
    # A report without a usable code is believed, unless its words tell of something that passes.
    return status in {"", "5.0.0"} and not _SOFT_WORDS.search(said)


def _status_and_words(mail: Message) -> tuple[str, str]:
    """The enhanced code and the server's words of the first refused recipient."""
    for block in _delivery_blocks(mail):
        if str(block.get("action", "")).casefold().startswith(("fail", "error", "delayed")):
            said = one_line(str(block.get("diagnostic-code", "")).partition(";")[2])
            status = status_in(str(block.get("status", "")))
            # The server's own words are more exact than "5.0.0" or a reporter's guess.
            exact = status_in(said)
            return (exact if status in {"", "5.0.0", "4.0.0"} and exact else status), said or status
    text = _text_of(mail)
    qmail = re.search(r"\(#(\d\.\d{1,3}\.\d{1,3})\)", text)
    status = qmail.group(1) if qmail else status_in(text)
    return status, _telling_line(text)


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [
        line
        for line in lines
        if re.search(r"\b[45]\d\d[ -]|#?\b[45]\.\d+\.\d+|unrout|unknown|no such", line, re.IGNORECASE)
    ]
    return one_line((telling or lines or [""])[0])


def _delivery_blocks(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            payload = part.get_payload()
            if isinstance(payload, list):
                yield from (block for block in payload if isinstance(block, Message))


def _sent_to(mail: Message) -> Iterator[str]:
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        for value in mail.get_all(name, []):
            address = parseaddr(str(value))[1].casefold()
            if address:
                yield address


def _original_ids(mail: Message) -> Iterator[str]:
    """Message-IDs of the returned mail: an attached one, its headers, or a copy in the text (qmail, Exim)."""
    for part in mail.walk():
        if part.get_content_maintype() == "multipart":
            continue
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            inner = part.get_payload()
            if isinstance(inner, list) and isinstance(inner[0], Message) and inner[0]["Message-ID"]:
                yield str(inner[0]["Message-ID"]).strip()
        elif kind in {"text/rfc822-headers", "text/plain", "message/rfc822-headers"}:
            yield from _MESSAGE_ID.findall(_decoded(part))
    # An automatic reply or a plain report may only say which mail it answers.
    for name in ("In-Reply-To", "References", "X-Original-Message-ID", "Original-Message-ID"):
        yield from re.findall(r"<[^<>\s]+>", str(mail.get(name, "")))


def _is_auto_reply(mail: Message) -> bool:
    """RFC 3834 and what out-of-office programs do instead."""
    submitted = str(mail.get("Auto-Submitted", "no")).casefold()
    if submitted.startswith(("auto-replied", "auto-generated", "auto-notified")):
        return True
    if any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")):
        return True
    if str(mail.get("Precedence", "")).casefold() in {"auto_reply", "bulk", "junk"}:
        return True
    subject = message_subject(mail)
    return bool(_OUT_OF_OFFICE.search(subject))


def message_subject(mail: Message) -> str:
    """The subject in words."""
    parsed = EmailMessage(policy=policy.default)
    parsed["Subject"] = one_line(str(mail.get("Subject", "")))
    return str(policy.default.header_factory("Subject", str(parsed["Subject"])))


def _text_of(mail: Message) -> str:
    parts = [_decoded(part) for part in mail.walk() if part.get_content_type() == "text/plain"]
    return "\n".join(parts)[:READ_AT_MOST]


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, "replace")[:READ_AT_MOST]
    except LookupError:
        return content.decode("utf-8", "replace")[:READ_AT_MOST]
