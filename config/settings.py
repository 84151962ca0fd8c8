"""Everything that the environment decides, in one typed object that complains at start."""

import contextlib
import os
import re
import secrets
import tempfile
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.errors import ConfigError, did_you_mean

PREFIX = "DAGSORDENVAGT_"
SHORTEST_KEY = 16
HOURS = 24
PERCENT = "In a password, write @ as %40, : as %3A, / as %2F and # as %23"


class Settings(BaseSettings):
    """The settings of design.md section 5; each is read from ``DAGSORDENVAGT_<NAME>``.

    Raises pydantic's ``ValidationError`` on a bad value; ``load_settings`` turns that into a
    ``ConfigError`` with a hint.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data_dir: Path = Field(default=Path("data"), description="Folder for the database, the outbox and caches")
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL; empty: an SQLite file in DATA_DIR. postgresql://… for PostgreSQL",
    )
    municipalities: Path | None = Field(
        default=None, description="A catalogue file that replaces the built-in list of 98 municipalities"
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://user:pass@host:port?starttls=1 or smtps://…; empty: mails are written to DATA_DIR/outbox/",
    )
    mail_from: str = Field(
        default="Dagsordenvagt <dagsordenvagt@localhost>", description="The From header of every mail"
    )
    mail_allowlist: str = Field(
        default="",
        description="Addresses and hosts, comma separated: nobody else gets mail. For test systems; empty: everybody",
    )
    mail_connections: int = Field(default=4, ge=1, le=50, description="Connections to the mail server at a time")
    mail_per_second: float = Field(
        default=20, ge=0, le=10_000, description="Mails a second in all, after a first burst; 0: no limit"
    )
    mail_per_host_minute: float = Field(
        default=120,
        ge=0,
        le=100_000,
        description="Mails a minute to one mail host such as gmail.com, after a first burst; 0: no limit",
    )
    bounce_address: str = Field(
        default="",
        description="Where undeliverable mails come back to, as bounce+…@; empty: to MAIL_FROM, without marks",
    )
    imap_url: SecretStr | None = Field(
        default=None,
        description="The mailbox of bounces: imaps://user:password@host/INBOX or imap://…; empty: none is read",
    )
    dkim_key_file: Path | None = Field(default=None, description="Private RSA key (PEM) that signs mails; empty: none")
    dkim_selector: str = Field(default="dagsordenvagt", description="Selector of the DKIM key's DNS record")
    dkim_domain: str = Field(default="", description="Domain of the DKIM signature; empty: that of MAIL_FROM")
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Where recipients reach the web pages; links in mails start with it",
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Signs links in mails; empty: made once and kept in DATA_DIR/secret_key"
    )
    operator_password: SecretStr | None = Field(
        default=None,
        description="Opens the operator's web pages (mails, addresses) to other machines; empty: this machine only",
    )
    quiet_hours: str = Field(
        default="20-7",
        description="Hours of the night in which the service holds immediate mails back, as 20-7; empty: none",
    )
    collect_minutes: int = Field(
        default=10,
        ge=0,
        le=240,
        description="At most one immediate mail to a person in so many minutes; 0: never wait",
    )
    operator_email: str = Field(
        default="",
        description="Mail addresses, separated by commas, that hear of sources that cannot be read; empty: nobody",
    )
    timezone: str = Field(default="Europe/Copenhagen", description="Time zone of the schedule")
    contact: str = Field(default="", description="Mail address or page in the crawler's User-Agent")
    document_files: int = Field(
        default=4000, ge=0, description="How many attachments one round fetches at most; the rest waits for the next"
    )
    document_seconds: float = Field(
        default=2700, ge=0, description="Seconds after which a round starts on no further attachment"
    )
    archive_requests: int = Field(
        default=1000, ge=1, description="How much of a municipality's archive is read in one night, in requests"
    )
    archive_hours: float = Field(
        default=4.0, gt=0, le=5.0, description="How many hours of a night the archive may take (from 22; at most 5)"
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="console: for people; json: one object a line; auto: console on a terminal",
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:", "postgres:")):
            raise ValueError("must start with sqlite: or postgresql:")
        if not _is_database_address(value):
            raise ValueError(f"is no database address. {PERCENT}")
        for short in ("postgresql://", "postgres://"):
            if value.startswith(short):
                return "postgresql+psycopg://" + value.removeprefix(short)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _usable_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            in_order = (parts.port or 1) > 0 and parts.path in {"", "/"} and not parts.fragment
        except ValueError:
            parts, in_order = urlsplit("smtp://unreadable"), False
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("must look like smtp://user:password@host:587?starttls=1 or smtps://host")
        if not in_order:
            # Never with the value itself: it may be the password that is in the wrong place.
            raise ValueError(f"is no address of a mail server. {PERCENT}")
        unknown = set(parse_qs(parts.query)) - {"starttls", "verify"}
        if unknown:
            raise ValueError(f"has the unknown option {min(unknown)!r}; known: starttls, verify")
        return value

    @field_validator("base_url")
    @classmethod
    def _absolute_base(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an absolute address such as https://dagsordenvagt.example.dk")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is no time zone; use Europe/Copenhagen") from error
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _two_hours(cls, value: str) -> str:
        match = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", value)
        hours = [int(one) for one in match.groups()] if match else []
        if value.strip() and (not hours or max(hours) >= HOURS or hours[0] == hours[1]):
            raise ValueError("must be two hours of the day, such as 20-7, or empty for none")
        return value.replace(" ", "")

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, value: str) -> str:
        user, _, host = parseaddr(value)[1].rpartition("@")
        if not (user and host and value.isprintable()) or re.search(r"[\s<>,;\"]", user + host):
            raise ValueError("must hold one mail address, as in Dagsordenvagt <vagt@example.dk>")
        return value

    @field_validator("mail_allowlist")
    @classmethod
    def _allowed_names(cls, value: str) -> str:
        if value.strip() and not _names_in(value):
            raise ValueError("names nobody; leave it empty to allow everybody")
        for name in _names_in(value):
            if not _MAIL_NAME.fullmatch(name):
                raise ValueError(f"holds {name!r}, which is neither an address nor a host such as example.dk")
        return value

    @field_validator("bounce_address")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9.-]+", value):
            raise ValueError("must be a plain address such as bounce@vagt.example.dk")
        return value

    @field_validator("dkim_selector", "dkim_domain")
    @classmethod
    def _dns_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9.-]*", value):
            raise ValueError("must be a DNS name")
        return value

    @field_validator("imap_url")
    @classmethod
    def _usable_imap(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            in_order = (parts.port or 1) > 0 and not parts.fragment and bool(parts.username and parts.password)
        except ValueError:
            parts, in_order = urlsplit("imap://unreadable"), False
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not in_order:
            raise ValueError(f"must look like imaps://user:password@host/INBOX. {PERCENT}")
        return value

    @field_validator("dkim_key_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("operator_email")
    @classmethod
    def _mail_addresses(cls, value: str) -> str:
        for one in _addresses(value):
            user, _, host = one.rpartition("@")
            if not (user and host and one.isprintable()) or re.search(r"[\s<>;:\"]", one):
                raise ValueError("must hold mail addresses separated by commas, as in drift@example.dk,vagt@example.dk")
        return value

    @field_validator("contact")
    @classmethod
    def _one_line(cls, value: str) -> str:
        # It stands in a header of every request.
        if not value.isprintable():
            raise ValueError("must be one line without control characters")
        return value

    @property
    def effective_database_url(self) -> str:
        """The URL in use: ``database_url``, or the SQLite file in ``data_dir``."""
        return self.database_url or f"sqlite:///{self.data_dir / 'dagsordenvagt.sqlite3'}"

    @property
    def allowed_recipients(self) -> frozenset[str] | None:
        """Addresses and hosts, in lower case, that may get mail; None: everybody."""
        return frozenset(_names_in(self.mail_allowlist)) or None

    @property
    def outbox_dir(self) -> Path:
        """Where mails are written as ``.eml`` files when no mail server is set."""
        return self.data_dir / "outbox"

    @property
    def operator_addresses(self) -> tuple[str, ...]:
        """Who hears of sources in trouble, each once."""
        return tuple(dict.fromkeys(_addresses(self.operator_email)))

    @property
    def user_agent(self) -> str:
        """Names the project and whom to write to, as every polite crawler does."""
        contact = self.contact or self.base_url
        return f"Dagsordenvagt/0.1 (+{contact}; overvaager dagsordener for foreninger)"

    def signing_key(self) -> str:
        """The key that signs links: from the environment, else made once in ``data_dir``.

        Raises ``OSError`` when ``data_dir`` cannot be written, ``ConfigError`` when the key that is kept there is
        empty or cut short: links signed with it could be forged.
        """
        if self.secret_key and self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        path = self.data_dir / "secret_key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        key = path.read_text().strip()
        if len(key) < SHORTEST_KEY:
            raise ConfigError(
                f"The key in {path} is empty or cut short.",
                hint="Put it back from a backup, or remove the file: links in mails sent before stop working.",
            )
        return key


_MAIL_NAME = re.compile(r"([^\s@,;<>\"]+@)?[\w-]+(\.[\w-]+)*")


def _names_in(text: str) -> list[str]:
    """``A@example.dk, @example.org`` → ``a@example.dk``, ``example.org``."""
    return [name.strip().casefold().removeprefix("@") for name in text.split(",") if name.strip(" @")]


def _addresses(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _is_database_address(value: str) -> bool:
    try:
        return not value or "@" not in (make_url(value).host or "")
    except (ArgumentError, ValueError):
        return False


def _make_key(path: Path) -> None:
    """Writes a key beside and links it into place: whoever comes second keeps the first one's, and none sees half."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        Path(part).unlink()


def load_settings() -> Settings:
    """Reads the environment. Raises ``ConfigError`` that names the variable and says what to do."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"The environment sets {name}, which is no setting.{did_you_mean(name, known)}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        field = Settings.model_fields[str(first["loc"][0])]
        raise ConfigError(
            f"{name} {first['msg'].removeprefix('Value error, ')}.", hint=f"({name}: {field.description})"
        ) from error


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Tests call ``settings.cache_clear()``."""
    return load_settings()
