"""A notifier with a real database and a real mail server, at a moment of the test's choosing."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from notifier.links import Links, links_for
from notifier.report import Report
from notifier.run import notify
from storage.engine import reading, transaction
from storage.models import Message
from tests.factories import NOW
from tests.servers.smtp import Faults, MailServer, mail_server


@dataclass
class PostOffice:
    """Runs the notifier and looks into mailboxes."""

    url: str
    server: MailServer
    settings: Settings
    now: datetime = field(default=NOW)

    def rows(self) -> AbstractContextManager[Session]:
        """A session that keeps what is built in it."""
        return transaction(self.url)

    def run(self, *, digest: bool = False, dry_run: bool = False, now: datetime | None = None) -> Report:
        self.now = now or self.now
        return notify(self.settings, force_digests=digest, dry_run=dry_run, now=lambda: self.now)

    def serve(self, *, now: datetime) -> Report:
        """A run as the service does it: mails that can wait do."""
        self.now = now
        return notify(self.settings, patient=True, now=lambda: now)

    @property
    def faults(self) -> Faults:
        return self.server.faults

    @property
    def links(self) -> Links:
        return links_for(self.settings)

    def mailbox(self, name: str) -> list[EmailMessage]:
        """What a person got so far."""
        return self.server.to(f"{name.casefold()}@example.org")

    def only_mail(self, name: str) -> EmailMessage:
        (mail,) = self.mailbox(name)
        return mail

    def outbox(self) -> list[Message]:
        with reading(self.url) as session:
            return list(session.scalars(select(Message).order_by(Message.id)))


def text_of(mail: EmailMessage) -> str:
    """The text part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """The HTML part."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[PostOffice]:
    with mail_server() as server:
        settings = Settings(
            data_dir=tmp_path,
            database_url=database_url,
            smtp_url=SecretStr(server.url),
            mail_from="Dagsordenvagt <vagt@vagt.example.dk>",
            base_url="https://vagt.example.dk",
            secret_key=SecretStr("test key"),
            contact="hjaelp@vagt.example.dk",
        )
        yield PostOffice(database_url, server, settings)


@pytest.fixture
def office_with(tmp_path: Path, office: PostOffice) -> Callable[..., PostOffice]:
    """The same office with other settings."""

    def changed(**values: object) -> PostOffice:
        settings = Settings.model_validate(office.settings.model_dump() | values)
        return PostOffice(office.url, office.server, settings, office.now)

    return changed


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
