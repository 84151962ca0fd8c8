"""`dagsordenvagt mails …` and `bounces …`: what became of every mail, and what came back."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from notifier.bounces import BounceCount, take_in
from notifier.outbox import ask_again
from notifier.return_path import return_path_for
from service.console import console, errors
from service.exit_codes import FAILED, OK, PARTIAL
from service.prepare import prepare
from service.stop import Stop, stopping_on_signals
from service.words import counted
from storage.bounces import trust_again
from storage.engine import reading, transaction
from storage.keys import fold
from storage.models import Message, MessageStatus, Recipient, UnmadeMail

app = typer.Typer(help="Mails: hvad der blev af dem.", no_args_is_help=True)
bounces = typer.Typer(help="Mails, der kom retur.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="mails")
    program.add_typer(bounces, name="bounces")


Numbers = Annotated[list[int], typer.Argument(metavar="NR", help="Mailens nummer i `mails list`")]


@app.command("list")
def list_mails(
    status: Annotated[MessageStatus | None, typer.Option(help="Kun i denne tilstand")] = None,
    to: Annotated[str, typer.Option(help="Kun til denne adresse")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Højst så mange, de nyeste")] = 50,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """De nyeste mails med tilstand, og dem, der ikke kunne laves."""
    prepare(settings())
    query = select(Message).order_by(Message.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Message.status == status)
    if to:
        query = query.join(Recipient).where(Recipient.email_key == fold(to))
    with reading(settings().effective_database_url) as session:
        rows = [_line(one) for one in session.scalars(query)]
        unmade = [_unmade(one) for one in session.scalars(select(UnmadeMail).order_by(UnmadeMail.first_at))]
    if as_json:
        typer.echo(json.dumps({"mails": rows, "unmade": unmade}, ensure_ascii=False, indent=2))
        return
    table = Table("Nr", "Tilstand", "Forsøg", "Slags", "Skrevet", "Emne", "Seneste fejl")
    for row in rows:
        cells = ("number", "status", "attempts", "kind", "created_at", "subject", "last_error")
        table.add_row(*(str(row[name] or "") for name in cells))
    console.print(table)
    if unmade:
        console.print(f"{counted(len(unmade), 'mail', 'mails')} kunne ikke laves (prøves igen ved næste start):")
        for one in unmade:
            console.print(f"  {one['key']}: {one['error']} ({one['attempts']} forsøg)", markup=False)


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="NR")], as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Én mails liv: hvert forsøg, hvad serveren svarede, og om den kom retur."""
    prepare(settings())
    with reading(settings().effective_database_url) as session:
        mail = _mail(session, number)
        shown = _line(mail) | {
            "to": mail.recipient.email,
            "message_id": mail.message_id,
            "attempts_made": [
                {
                    "at": one.at.isoformat(timespec="seconds"),
                    "outcome": one.outcome.value,
                    "code": one.code,
                    "status": one.status,
                    "reason": one.reason,
                }
                for one in mail.tries
            ],
        }
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for name, value in shown.items():
        if name != "attempts_made" and value not in {None, ""}:
            console.print(f"{name}: {value}", markup=False)
    for one in shown["attempts_made"]:
        console.print(f"  {one['at']}  {one['outcome']}  {one['code'] or ''} {one['reason']}".rstrip(), markup=False)


@app.command()
def retry(numbers: Numbers) -> None:
    """Sætter mails i kø igen, som er opgivet, holdt tilbage eller kommet retur."""
    prepare(settings())
    refused = 0
    for number in numbers:
        with transaction(settings().effective_database_url) as session:
            problem = ask_again(session, _mail(session, number), now())
        if problem:
            refused += 1
            errors.print(f"{number}: {problem}", markup=False)
        else:
            console.print(f"{number}: står i kø igen.")
    raise typer.Exit(OK if not refused else PARTIAL if refused < len(numbers) else FAILED)


@bounces.command()
def read(
    files: Annotated[list[Path] | None, typer.Argument(help="Mails som filer (.eml), i stedet for postkassen")] = None,
) -> None:
    """Læser postkassen med returmails (DAGSORDENVAGT_IMAP_URL), eller filer."""
    from service.pipeline import bounces as read_bounces

    prepare(settings())
    if not files:
        if settings().imap_url is None:
            raise ConfigError(
                "Der er ingen postkasse at læse.", hint="Sæt DAGSORDENVAGT_IMAP_URL, eller nævn filer (.eml)."
            )
        stop = Stop()
        with stopping_on_signals(stop):
            raise typer.Exit(read_bounces(settings(), stop))
    count, path = BounceCount(), return_path_for(settings())
    for file in files:
        try:
            report = take_in(settings().effective_database_url, file.read_bytes(), path, now(), count)
        except OSError as error:
            count.problems.append(f"{file.name}: {error.strerror}")
            continue
        console.print(f"{file.name}: {report.verdict} {report.status} {report.reason}".rstrip(), markup=False)
    for problem in count.problems:
        errors.print(problem, markup=False, style="red")
    console.print(count.in_words())
    raise typer.Exit(OK if not count.problems else PARTIAL if len(count.problems) < len(files) else FAILED)


@bounces.command("list")
def list_bounced() -> None:
    """De adresser, der ikke tager imod mail, og hvorfor."""
    prepare(settings())
    with reading(settings().effective_database_url) as session:
        people = session.scalars(select(Recipient).where(Recipient.bounced).order_by(Recipient.email_key)).all()
        for one in people:
            since = f" siden {one.bounced_at:%d-%m-%Y}" if one.bounced_at else ""
            console.print(f"{one.email}{since}: {one.bounce_reason or 'afvist'}", markup=False)
    console.print(f"{counted(len(people), 'adresse', 'adresser')}.")


@bounces.command()
def clear(email: Annotated[str, typer.Argument(metavar="ADRESSE")]) -> None:
    """Adressen virker igen: send til den som før."""
    prepare(settings())
    with transaction(settings().effective_database_url) as session:
        person = session.scalar(select(Recipient).where(Recipient.email_key == fold(email)))
        if person is None:
            raise ConfigError("Ingen modtager har den adresse.", hint="Se `dagsordenvagt bounces list`.")
        trust_again(person, now())
    console.print("Der sendes til adressen igen.")


def _mail(session: Session, number: int) -> Message:
    mail = session.get(Message, number)
    if mail is None:
        raise ConfigError(f"Ingen mail har nummer {number}.", hint="Se `dagsordenvagt mails list`.")
    return mail


def _line(mail: Message) -> dict[str, Any]:
    return {
        "number": mail.id,
        "kind": mail.kind.value,
        "status": mail.status.value,
        "attempts": mail.attempts,
        "subject": mail.subject,
        "created_at": mail.created_at.isoformat(timespec="minutes"),
        "sent_at": mail.sent_at.isoformat(timespec="minutes") if mail.sent_at else None,
        "next_attempt_at": mail.next_attempt_at.isoformat(timespec="minutes") if mail.next_attempt_at else None,
        "last_error": mail.last_error,
    }


def _unmade(one: UnmadeMail) -> dict[str, Any]:
    return {
        "key": one.key,
        "error": one.error,
        "attempts": one.attempts,
        "first_at": one.first_at.isoformat(timespec="minutes"),
        "next_attempt_at": one.next_attempt_at.isoformat(timespec="minutes"),
    }
