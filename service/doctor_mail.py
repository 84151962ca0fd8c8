"""The doctor's look at what decides whether mails arrive: who may get any, DKIM, DNS, the mailbox of bounces."""

from config.errors import ConfigError
from config.settings import Settings
from notifier.dkim_signature import signer_for
from notifier.mailbox import MailboxUnusable, check_mailbox, read_imap_url
from notifier.message import sender_for
from service.dns_check import NoResolver, dns_records
from service.finding import Finding
from service.words import counted


def mail_findings(settings: Settings) -> list[Finding]:
    """A line for each thing that is set. Never raises."""
    return [*_allow_list(settings), *_signature(settings), *_mailbox(settings), *_dns(settings)]


def _allow_list(settings: Settings) -> list[Finding]:
    if settings.allowed_recipients is None:
        return []
    names = counted(len(settings.allowed_recipients), "adresse eller vært", "adresser eller værter")
    advice = "Det er rigtigt på et prøvesystem. Fjern DAGSORDENVAGT_MAIL_ALLOWLIST, når alle skal have mails."
    return [Finding("Tilladte modtagere", "warning", f"Kun {names} får mails; resten holdes tilbage.", advice)]


def _signature(settings: Settings) -> list[Finding]:
    if settings.dkim_key_file is None:
        return []
    try:
        signer_for(settings, sender_for(settings).address)
    except (ConfigError, OSError) as error:
        return [Finding("DKIM-nøgle", "error", str(error).splitlines()[0], "Ret DAGSORDENVAGT_DKIM_KEY_FILE.")]
    return [Finding("DKIM-nøgle", "ok", f"{settings.dkim_key_file.name} kan bruges.")]


def _mailbox(settings: Settings) -> list[Finding]:
    if settings.imap_url is None:
        if settings.smtp_url is None:
            return []
        advice = "Sæt DAGSORDENVAGT_IMAP_URL, så adresser, der ikke findes, ikke får mails uge efter uge."
        return [Finding("Returmails", "warning", "Ingen læser de mails, der kommer retur.", advice)]
    try:
        waiting = check_mailbox(read_imap_url(settings.imap_url.get_secret_value()))
    except (MailboxUnusable, ValueError) as error:
        advice = "Ret DAGSORDENVAGT_IMAP_URL: adresse, port, brugernavn eller mappe passer ikke."
        return [Finding("Returmails", "error", str(error), advice)]
    return [Finding("Returmails", "ok", f"Postkassen kan læses; {counted(waiting, 'mail', 'mails')} venter.")]


def _dns(settings: Settings) -> list[Finding]:
    host = sender_for(settings).address.rpartition("@")[2]
    if settings.smtp_url is None or "." not in host:
        return []
    try:
        records = dns_records(settings)
    except (NoResolver, OSError) as error:
        advice = "Se docs/deliverability.md for de poster, der skal være."
        return [Finding("DNS", "warning", f"Posterne for {host} kunne ikke slås op ({error}).", advice)]
    return [Finding(one.name, "warning" if one.advice else "ok", one.said, one.advice) for one in records]
