"""A letter into a finished mail: headers that mail programs and filters understand, text, HTML, calendar."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from config.settings import Settings
from notifier.calendar import CalendarFile, Organizer
from notifier.links import Links, links_for
from notifier.notices import Notices
from notifier.render import Rendered
from notifier.story import Story
from notifier.transport import on_the_wire
from notifier.words import one_line
from storage.models import MessageKind, Recipient, Subscription

# RFC 5322 sets no limit, but some servers refuse very long headers.
REFERENCES_AT_MOST = 10
FEEDBACK_SENDER = "dagsordenvagt"
# Mails to one person about that person's own doing, or to ourselves: no bulk mail.
PERSONAL = {MessageKind.CONFIRM, MessageKind.NOTICE, MessageKind.OPERATOR}


class _Headers(HeaderRegistry):
    """The library's, which makes a new class for each single header."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        """The class of the headers of that name."""
        key = name.lower()
        if key not in self._classes:
            self._classes[key] = super().__getitem__(name)
        return self._classes[key]


class _Mails(EmailPolicy):
    """SMTP's rules, with a subject that survives: the library's own folding loses or doubles blanks next to å or –.

    Most headers are the same in every mail, and the library reads each by a full grammar: what was read and folded
    lately is kept.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A header as it is stored. Raises ``ValueError`` for one with a line break in it."""
        return _parsed(name, value) if type(value) is str else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header as it travels; a subject outside ASCII is encoded as a whole (RFC 2047)."""
        if name.lower() != "subject" or self.utf8 or (str(value).isascii() and "=?" not in value):
            return _folded(name, value, utf8=self.utf8)
        whole = Header(str(value), "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {whole}\r\n".encode("ascii")


_PLAIN = EmailPolicy(linesep="\r\n", header_factory=_Headers())
_WIDE = _PLAIN.clone(utf8=True)
_SMTP = _Mails(linesep="\r\n", header_factory=_PLAIN.header_factory)


@lru_cache(maxsize=500)
def _parsed(name: str, value: str) -> tuple[str, Any]:
    return _PLAIN.header_store_parse(name, value)


@lru_cache(maxsize=500)
def _folded(name: str, value: str, *, utf8: bool) -> bytes:
    return bytes((_WIDE if utf8 else _PLAIN).fold_binary(name, value))


@dataclass(frozen=True)
class Sender:
    """Who we are in every mail. ``host`` stands in Message-IDs and UIDs, so it should not change between runs."""

    name: str
    address: str
    reply_to: str
    host: str
    links: Links

    @property
    def organizer(self) -> Organizer:
        """Who stands in calendar entries."""
        return Organizer(self.address, self.host, self.links)

    @property
    def list_id(self) -> str:
        """The List-Id header (RFC 2919)."""
        return f"Dagsordenvagt <dagsordenvagt.{self.host}>"


@dataclass(frozen=True)
class Recall:
    """A deadline of an item, recalled so many days before it."""

    item_id: int
    kind: str
    due_on: date
    days_before: int


@dataclass(frozen=True)
class Letter:
    """A mail before it becomes one. ``key`` makes it unique for ever.

    ``shown`` are told in full; ``counted`` are told as a number with a link, which counts as told too. ``recalls``:
    the deadlines that it reminds of; ``replies_to``: Message-IDs that it follows when no story says so, oldest first.
    """

    kind: MessageKind
    key: str
    recipient: Recipient
    subscriptions: tuple[Subscription, ...]
    words: Rendered
    shown: tuple[Story, ...] = ()
    counted: tuple[Story, ...] = ()
    calendars: tuple[CalendarFile, ...] = field(default=(), repr=False)
    notices: Notices = field(default_factory=Notices)
    recalls: tuple[Recall, ...] = ()
    replies_to: tuple[str, ...] = ()

    @property
    def thread(self) -> list[str]:
        """Message-IDs of earlier mails about the first item here that had some, oldest first, then of the others."""
        return list(dict.fromkeys([*(one for story in self.shown for one in story.earlier), *self.replies_to]))


def sender_for(settings: Settings) -> Sender:
    """The sender that the settings describe. Raises ``OSError`` when no signing key can be kept."""
    name, address = parseaddr(settings.mail_from)
    domain = address.rpartition("@")[2]
    host = domain if "." in domain else (urlsplit(settings.base_url).hostname or "localhost")
    contact = settings.contact if "@" in settings.contact and parseaddr(settings.contact)[1] else settings.mail_from
    return Sender(name or "Dagsordenvagt", address, parseaddr(contact)[1], host, links_for(settings))


def message_id(key: str, recipient: Recipient, host: str) -> str:
    """The Message-ID of a mail, the same however often it is composed.

    The address is part of it, since a database may hand out an erased recipient's id again.
    """
    digest = hashlib.sha256(f"{key}|{recipient.email_key}".encode()).hexdigest()[:32]
    return f"<{digest}@{host}>"


def compose(letter: Letter, sender: Sender, now: datetime) -> EmailMessage:
    """The finished mail. Raises ``ValueError`` when the address cannot stand in a header."""
    # A name before the @ outside ASCII cannot be encoded; such a mail travels as a whole in UTF-8 (RFC 6532).
    mail = EmailMessage(policy=_SMTP if on_the_wire(letter.recipient.email).isascii() else _SMTP.clone(utf8=True))
    mail["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    mail["Reply-To"] = Address(addr_spec=sender.reply_to)
    mail["To"] = _to(letter.recipient)
    mail["Subject"] = letter.words.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(letter.key, letter.recipient, sender.host)
    _thread(mail, letter)
    _list_headers(mail, letter, sender)
    mail.set_content(letter.words.text, cte="quoted-printable")
    mail.add_alternative(letter.words.html, subtype="html", cte="quoted-printable")
    for file in letter.calendars:
        mail.add_attachment(
            file.content.decode(),
            subtype="calendar",
            params={"method": file.method},
            filename=file.name,
            cte="base64",
        )
    return mail


def _to(recipient: Recipient) -> Address:
    user, _, host = on_the_wire(recipient.email).rpartition("@")
    return Address(display_name=one_line(recipient.name, 80), username=user, domain=host)


def _thread(mail: EmailMessage, letter: Letter) -> None:
    first = next((story.earlier for story in letter.shown if story.earlier), letter.replies_to)
    if first:
        mail["In-Reply-To"] = first[-1]
        others = [one for one in letter.thread if one not in first]
        mail["References"] = " ".join([*others, *first][-REFERENCES_AT_MOST:])


def _list_headers(mail: EmailMessage, letter: Letter, sender: Sender) -> None:
    mail["List-Id"] = sender.list_id
    if letter.subscriptions:
        mail["List-Unsubscribe"] = f"<{sender.links.one_click(letter.recipient, letter.subscriptions)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    # Gmail's complaint statistics by kind of mail; the last part names us, the same for ever.
    mail["Feedback-ID"] = f"::{letter.kind.value}:{FEEDBACK_SENDER}"
    if letter.kind not in PERSONAL:
        # RFC 3834 counts on Auto-Submitted; older out-of-office programs know only this one.
        mail["Precedence"] = "bulk"
