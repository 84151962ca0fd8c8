"""DKIM (RFC 6376): our domain's signature on every mail, when a key is set."""

from collections.abc import Callable

import dkim

from config.errors import ConfigError
from config.settings import Settings

# RFC 8058 wants both unsubscribe headers signed; the rest are what a reader or a filter goes by.
SIGNED = (
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Auto-Submitted",
)


def signer_for(settings: Settings, sender_address: str) -> Callable[[bytes], bytes]:
    """Puts the signature on top of a mail; leaves it alone when no key is set.

    Raises ``ConfigError`` when the key cannot be read or is no RSA or Ed25519 key in PEM form.
    """
    if settings.dkim_key_file is None:
        return bytes
    path, selector = settings.dkim_key_file, settings.dkim_selector
    domain = settings.dkim_domain or sender_address.rpartition("@")[2]
    try:
        key = path.read_bytes()
        # One trial at start: a wrong key must be told before a mail goes, not with each.
        _signed(b"From: a@example.org\r\n\r\n\r\n", selector, domain, key)
    except OSError as error:
        raise ConfigError(
            f"DKIM-nøglen {path.name} kan ikke læses: {error.strerror}.", hint="Ret DAGSORDENVAGT_DKIM_KEY_FILE."
        ) from error
    except (dkim.DKIMException, ValueError) as error:
        raise ConfigError(
            f"Filen {path.name} er ikke en privat RSA-nøgle i PEM-form.",
            hint="Lav en med `openssl genrsa -out dkim.pem 2048`.",
        ) from error
    return lambda mime: _signed(mime, selector, domain, key)


def _signed(mime: bytes, selector: str, domain: str, key: bytes) -> bytes:
    one = dkim.DKIM(mime)
    present = {name.decode("ascii", "replace").casefold() for name, _ in one.headers}
    names = [name.encode() for name in SIGNED if name.casefold() in present]
    # From once more than it stands there: nobody can add a second one above ours.
    signature: bytes = one.sign(
        selector.encode(),
        domain.encode(),
        key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[*names, b"from"],
    )
    return signature + mime
