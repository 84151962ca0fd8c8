"""DKIM: what leaves us verifies against the public key in DNS, unsubscribe headers included."""

import base64
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from config.errors import ConfigError
from tests.factories import a_match, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """(the private key's file, the TXT record of the public one)."""
    private = rsa.generate_private_key(65537, 2048)
    path = tmp_path_factory.mktemp("dkim") / "dkim.pem"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return path, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def test_a_sent_mail_verifies_and_a_changed_one_does_not(
    office: PostOffice, office_with: Callable[..., PostOffice], key: tuple[Path, str]
) -> None:
    path, record = key
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        a_match(session, sind, an_item(session))
    office_with(dkim_key_file=path).run()
    ((_, raw),) = office.server.raw

    def dns(name: bytes, timeout: int = 5) -> bytes | None:
        return record.encode() if name == b"dagsordenvagt._domainkey.vagt.example.dk." else None

    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"=One-Click", b"=Two-Click"), dnsfunc=dns)
    assert not dkim.verify(b"From: somebody@else.dk\r\n" + raw, dnsfunc=dns)
    signed = str(message_from_bytes(raw)["DKIM-Signature"]).casefold()
    assert "list-unsubscribe" in signed
    assert "list-unsubscribe-post" in signed


def test_a_key_that_is_none_is_told_before_a_mail_goes(
    office: PostOffice, office_with: Callable[..., PostOffice], tmp_path: Path
) -> None:
    path = tmp_path / "dkim.pem"
    path.write_text("-----BEGIN NOTHING-----")
    for file in (path, tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match=r"DKIM|RSA"):
            office_with(dkim_key_file=file).run()
