"""`dagsordenvagt doctor`: is everything there that a run needs, and if not, what to do."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config.catalogue import load_catalogue
from config.clock import COPENHAGEN, local, now
from config.errors import ConfigError
from config.schedule import read_schedule
from config.settings import Settings
from notifier.smtp import SmtpServer, SmtpTransport, read_smtp_url
from notifier.transport import TransportError
from service.doctor_mail import mail_findings
from service.finding import Finding
from storage.engine import engine_for, reading
from storage.migrate import schema_state
from storage.source_report import last_sweep, one_cause, source_reports, summary

# A clock that is further off than this writes wrong days into mails.
CLOCK_SECONDS = 60
MAIL_SECONDS = 10
EARLIEST_YEAR = 2026

Check = Callable[[Settings], Finding]


def examine(settings: Settings) -> list[Finding]:
    """Looks at everything. Never raises: what goes wrong becomes a finding."""
    checks: list[tuple[str, Check]] = [
        ("Indstillinger", _settings),
        ("Mappe til data", _data_dir),
        ("Kommunekatalog", _catalogue),
        ("Tidsplan", _schedule),
        ("Database", _database),
        ("Mailserver", _mail),
        ("Driftens mail", _operator_mail),
        ("Læsning", _reading),
        ("Ur", _clock),
        ("Sprogdata", _language),
    ]
    return [*(_look(subject, check, settings) for subject, check in checks), *mail_findings(settings)]


def database_finding(settings: Settings) -> Finding:
    """Only the database, for a container's health check: quick, and an error unless the schema is the newest."""
    finding = _look("Database", _database, settings)
    return finding if finding.state == "ok" else Finding("Database", "error", finding.said, finding.advice)


def _look(subject: str, check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except (ConfigError, OSError, SQLAlchemyError, ImportError, ValueError) as error:
        return Finding(subject, "error", _first_line(error), _advice_for(subject))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _advice_for(subject: str) -> str:
    return {
        "Database": "Ret DAGSORDENVAGT_DATABASE_URL, og kør `dagsordenvagt db upgrade`.",
        "Mailserver": "Ret DAGSORDENVAGT_SMTP_URL, eller fjern den: så skrives mails som filer.",
        "Mappe til data": "Ret DAGSORDENVAGT_DATA_DIR, eller giv brugeren lov til at skrive der.",
        "Kommunekatalog": "Ret filen, eller fjern DAGSORDENVAGT_MUNICIPALITIES for at bruge den indbyggede.",
        "Sprogdata": "Kør `make install` igen: en sprogpakke mangler.",
    }.get(subject, "Ret fejlen, og kør `dagsordenvagt doctor` igen.")


def _settings(settings: Settings) -> Finding:
    if not settings.contact:
        advice = "Sæt DAGSORDENVAGT_CONTACT til en mailadresse eller side, så kommunerne kan skrive til jer."
        return Finding("Indstillinger", "warning", "Crawleren siger ikke, hvem der står bag.", advice)
    host = urlsplit(settings.base_url).hostname or ""
    if settings.smtp_url and host in {"127.0.0.1", "localhost"}:
        advice = "Sæt DAGSORDENVAGT_BASE_URL til den adresse, som modtagerne kan nå."
        return Finding("Indstillinger", "warning", f"Links i mails peger på {settings.base_url}.", advice)
    return Finding("Indstillinger", "ok", f"Links i mails begynder med {settings.base_url}.")


def _data_dir(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    probe = settings.data_dir / ".doctor"
    probe.write_text("")
    probe.unlink()
    return Finding("Mappe til data", "ok", f"{settings.data_dir} kan skrives.")


def _catalogue(settings: Settings) -> Finding:
    catalogue = load_catalogue(settings)
    said = f"{len(catalogue.municipalities)} kommuner i {catalogue.path.name}."
    if catalogue.problems:
        return Finding(
            "Kommunekatalog", "warning", said + " " + " ".join(one.message for one in catalogue.problems), "Ret filen."
        )
    return Finding("Kommunekatalog", "ok", said)


def _schedule(_settings: Settings) -> Finding:
    return Finding("Tidsplan", "ok", f"{len(read_schedule())} faste tidspunkter.")


def _database(settings: Settings) -> Finding:
    url = settings.effective_database_url
    current, head = schema_state(url)
    kind = engine_for(url).dialect.name
    if current != head:
        state = "er tom" if current is None else f"har skema {current}, programmet skal bruge {head}"
        return Finding("Database", "warning", f"{kind} svarer, men {state}.", "Kør `dagsordenvagt db upgrade`.")
    return Finding("Database", "ok", f"{kind} svarer, skema {current}.")


def _mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        advice = "Sæt DAGSORDENVAGT_SMTP_URL, når mails skal sendes."
        return Finding(
            "Mailserver", "warning", f"Ingen er sat: mails skrives som filer i {settings.outbox_dir}.", advice
        )
    server = read_smtp_url(settings.smtp_url.get_secret_value())
    try:
        asyncio.run(_greet(server))
    except TransportError as error:
        advice = "Ret DAGSORDENVAGT_SMTP_URL: adresse, port, brugernavn eller kryptering passer ikke."
        return Finding("Mailserver", "error", f"{server.host}: {error.reason}", advice)
    known = " og kender brugeren" if server.username else ""
    return Finding("Mailserver", "ok", f"{server.host} svarer{known}.")


async def _greet(server: SmtpServer) -> None:
    async with SmtpTransport(server, timeout=MAIL_SECONDS) as transport:
        await transport.greet()


def _operator_mail(settings: Settings) -> Finding:
    number = len(settings.operator_addresses)
    if not number:
        advice = "Sæt DAGSORDENVAGT_OPERATOR_EMAIL til jeres egen adresse."
        return Finding("Driftens mail", "warning", "Ingen får mail, når en kommune ikke kan læses.", advice)
    return Finding("Driftens mail", "ok", f"{number} {'adresse' if number == 1 else 'adresser'} får besked om fejl.")


def _reading(settings: Settings) -> Finding:
    """Whether sweeps still happen, and whether they bring anything."""
    url, moment = settings.effective_database_url, now()
    current, head = schema_state(url)
    if current != head:
        return Finding("Læsning", "ok", "Der er ikke læst noget endnu.")
    with reading(url) as session:
        swept_at, reports = last_sweep(session), source_reports(session, moment)
    if swept_at is None:
        return Finding("Læsning", "ok", "Der er ikke læst noget endnu; `dagsordenvagt run` begynder.")
    said = f"Seneste besøg {local(swept_at):%d-%m-%Y kl. %H.%M}: {summary(reports)}."
    if cause := one_cause(reports, swept_at, moment):
        return Finding("Læsning", "warning", cause, "Se `dagsordenvagt sources status`.")
    if any(one.in_trouble for one in reports):
        return Finding("Læsning", "warning", said, "Se `dagsordenvagt sources status`.")
    return Finding("Læsning", "ok", said)


def _clock(settings: Settings) -> Finding:
    here = datetime.now(UTC)
    if here.year < EARLIEST_YEAR:
        return Finding("Ur", "error", f"Maskinen mener, at året er {here.year}.", "Stil uret, og slå NTP til.")
    engine = engine_for(settings.effective_database_url)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            there = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
        apart = abs(float(there or 0) - time.time())
        if apart > CLOCK_SECONDS:
            said = f"Maskinen og databasen er {apart:.0f} sekunder fra hinanden."
            return Finding("Ur", "error", said, "Slå NTP til på begge maskiner.")
    local = here.astimezone(COPENHAGEN)
    return Finding(
        "Ur", "ok", f"{local:%d-%m-%Y} kl. {local:%H.%M} i København; tidsplanen følger {settings.timezone}."
    )


def _language(_settings: Settings) -> Finding:
    from matcher.health import describe_language_data

    return Finding("Sprogdata", "ok", describe_language_data())
