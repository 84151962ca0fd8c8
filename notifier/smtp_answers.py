"""What a mail server's answers mean: whose fault, and in words that say so."""

import re
import ssl

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from notifier.smtp_server import SmtpServer
from notifier.transport import Fault, TransportError

FIRST_PERMANENT = 500
SERVICE_CLOSING = 421
MESSAGE_TOO_BIG = 552
# RFC 3463: bad sender's address syntax, bad sender's system address. RFC 4954: authentication required, or failed.
BAD_SENDER = {"5.1.7", "5.1.8"}
LOGIN_WANTED = {530, 535, 538}
LOGIN_STATUS = {"5.7.0", "5.7.8", "5.7.9", "5.7.11"}
# RFC 3463: mailbox disabled. RFC 7505 (5.1.10) and the other 5.1.x say that there is no such place.
MAILBOX_DISABLED = "5.2.1"

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_RELAYING = re.compile(r"relay", re.IGNORECASE)
# Gmail: 4.7.28; the others say it in words only.
_TOO_FAST = re.compile(
    r"4\.7\.28|\brate\b|rate.?limit|too many|too fast|throttl|limit (?:was |has been )?(?:reached|exceeded)"
    r"|exceeded.{0,30}limit|unusual rate",
    re.IGNORECASE,
)


def refused_content(error: SMTPResponseException) -> TransportError:
    """The answer to DATA, or to the mail itself."""
    code, status, reason = _parts("Mailserveren afviste mailens indhold", error)
    return TransportError(reason, _judged(code, status, reason), code=code, status=status)


def refused_sender(error: SMTPSenderRefused) -> TransportError:
    """The answer to MAIL FROM. Our own address being unwelcome hits every other mail too."""
    code, status, reason = _parts("Mailserveren afviste afsenderen", error)
    fault = _judged(code, status, reason)
    if code == MESSAGE_TOO_BIG:
        fault = Fault.MAIL
    elif fault in {Fault.ADDRESS, Fault.MAIL, Fault.POLICY} or code in LOGIN_WANTED:
        fault = Fault.OURS
    return TransportError(reason, fault, code=code, status=status)


def refused_recipient(error: SMTPRecipientRefused) -> TransportError:
    """The answer to RCPT TO: many servers judge sender, login and relaying only there (Postfix: smtpd_delay_reject)."""
    code, status, reason = _parts("Mailserveren afviste modtageren", error)
    fault = _judged(code, status, reason)
    about_us = status in BAD_SENDER or code in LOGIN_WANTED or _RELAYING.search(reason)
    if fault in {Fault.ADDRESS, Fault.MAIL, Fault.POLICY} and about_us:
        fault = Fault.OURS
    return TransportError(reason, fault, code=code, status=status, at_recipient=True)


def unusable_server(server: SmtpServer, error: Exception) -> TransportError:
    """Why there is no connection: the operator's to mend, or a server that may be back in a while."""
    where = f"{server.host}:{server.port}"
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLError) or isinstance(error, ssl.SSLError):
        return TransportError(f"Mailserveren {where} har intet gyldigt certifikat: {one_line(str(cause))}", Fault.OURS)
    if isinstance(error, SMTPAuthenticationError) and error.code >= FIRST_PERMANENT:
        reason = f"Mailserveren {where} tog ikke imod brugernavn og adgangskode: {error.code} {one_line(error.message)}"
        return TransportError(reason, Fault.OURS, code=error.code, status=status_in(error.message))
    if isinstance(error, SMTPResponseException):
        reason = f"Mailserveren {where} svarede {error.code} {one_line(error.message)}"
        fault = Fault.OURS if error.code >= FIRST_PERMANENT else Fault.UNREACHABLE
        return TransportError(reason, fault, code=error.code, status=status_in(error.message))
    if isinstance(error, SMTPNotSupported) or (
        isinstance(error, SMTPException) and not isinstance(error, SMTPConnectError) and "STARTTLS" in str(error)
    ):
        reason = f"Mailserveren {where} kan ikke det, der er bedt om: {one_line(str(error))}"
        return TransportError(reason, Fault.OURS)
    said = cause if isinstance(error, SMTPConnectError) else error
    reason = f"Mailserveren {where} kan ikke nås: {one_line(str(said)) or type(said).__name__}"
    return TransportError(reason, Fault.UNREACHABLE)


def _judged(code: int, status: str, reason: str) -> Fault:
    # Some servers say 550 4.2.0: the enhanced code is the more deliberate of the two.
    if code < FIRST_PERMANENT or status.startswith("4."):
        return Fault.RATE if _TOO_FAST.search(reason) else Fault.TEMPORARY
    if status.startswith("5.7."):
        return Fault.POLICY
    if status == MAILBOX_DISABLED or (status.startswith("5.1.") and status not in BAD_SENDER):
        return Fault.ADDRESS
    return Fault.MAIL


def _parts(what: str, error: SMTPResponseException) -> tuple[int, str, str]:
    return error.code, status_in(error.message), f"{what}: {error.code} {one_line(error.message)}"


def status_in(text: str) -> str:
    """The first enhanced status code (RFC 3463) in a text, or ""."""
    found = _ENHANCED.search(text)
    return found.group(1) if found else ""


def one_line(text: str) -> str:
    """A server's words on one line, 300 characters at most."""
    return " ".join(text.split())[:300]
