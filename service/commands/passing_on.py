"""`dagsordenvagt forward` and `dagsordenvagt missed …`: what people do between the service and the associations."""

import json
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from service.console import console, errors
from service.exit_codes import FAILED, OK, PARTIAL
from service.prepare import prepare
from service.words import counted, decimal
from storage.engine import reading, transaction
from storage.keys import fold
from storage.models import Recipient, Role, Subscription, SubscriptionStatus

missed = typer.Typer(help="Det, som modtagere mener, at vi har overset.", no_args_is_help=True)

STATES = {
    "told": "har allerede fået besked om punktet, som det er nu; der sendes ikke igen",
    "nobody": "har ingen, der får mails lige nu (pause, afmeldt eller ikke bekræftet); intet er sendt",
    "closed": "er lukket; intet er sendt",
    "withdrawn": "fik ikke punktet, for det er taget af dagsordenen",
}
OPERATOR = "Dagsordenvagt"


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    app.command()(forward)
    app.add_typer(missed, name="missed")


def forward(
    item: Annotated[int, typer.Argument(metavar="PUNKT", help="Punktets nummer: tallet i adressen /sager/…")],
    to: Annotated[list[str], typer.Option("--to", help="Foreningens id; kan gentages")],
    note: Annotated[str, typer.Option("--note", help="En besked, der står over punktet")] = "",
    sender: Annotated[str, typer.Option("--from", help="Konsulentens mailadresse; navnet står i mailen")] = "",
) -> None:
    """Sender et punkt videre til udvalgte foreninger. Det er så deres ene mail om punktet, som det er nu."""
    from notifier.forward import forward as send_on
    from notifier.message import sender_for

    prepare(settings())
    url = settings().effective_database_url
    with reading(url) as session:
        by = _name_of(session, sender) if sender else OPERATOR
    try:
        done = send_on(url, sender_for(settings()), item, to, note=note, by=by, now=now())
    except LookupError as error:
        raise ConfigError(str(error.args[0]), hint="Se `dagsordenvagt associations list` og siden /sager.") from error
    for one in done:
        if one.state == "queued":
            console.print(f"{one.association}: {counted(one.queued, 'mail', 'mails')} er lagt i kø.", markup=False)
        else:
            errors.print(f"{one.association} {STATES[one.state]}.", markup=False, style="red")
    sent = sum(one.state == "queued" for one in done)
    if sent:
        console.print("De sendes næste gang, der sendes mails (`dagsordenvagt notify`).")
    raise typer.Exit(OK if sent == len(done) else PARTIAL if sent else FAILED)


def _name_of(session: Session, email: str) -> str:
    """How a consultant signs."""
    recipient = session.scalar(
        select(Recipient)
        .join(Subscription)
        .where(
            Recipient.email_key == fold(email),
            Subscription.role == Role.CONSULTANT,
            Subscription.status == SubscriptionStatus.CONFIRMED,
        )
    )
    if recipient is None:
        raise ConfigError(f"Ingen bekræftet konsulent har adressen {email}.", hint="Se siden /foreninger.")
    return f"frivilligkonsulent {recipient.name}" if recipient.name else "frivilligkonsulenten"


@missed.command("list")
def list_missed(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Viser de indberetninger, som ingen har set på, med det svar, modtageren fik."""
    from web.missed.reports import waiting_reports

    prepare(settings())
    with reading(settings().effective_database_url) as session:
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "association": one.association.slug if one.association else None,
                "what": one.what,
                "outcome": one.outcome.value,
                "score": one.score,
                "item": one.item_id,
                "said": one.said,
                "created_at": one.created_at.isoformat(),
            }
            for one in waiting_reports(session)
        ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        score = f" · score {decimal(row['score'], 2)}" if row["score"] is not None else ""
        console.print(f"{row['id']}. {row['association'] or 'konsulent'}: {row['what']}{score}", markup=False)
        for sentence in row["said"]:
            console.print(f"    {sentence}", markup=False, style="dim")
    console.print(f"{counted(len(rows), 'indberetning', 'indberetninger')} venter.")


@missed.command("done")
def done(number: Annotated[int, typer.Argument(metavar="NUMMER")]) -> None:
    """Markerer en indberetning som set på."""
    from web.missed.reports import handle

    prepare(settings())
    with transaction(settings().effective_database_url) as session:
        if not handle(session, number, now()):
            raise ConfigError(f"Ingen indberetning har nummer {number}.", hint="Se `dagsordenvagt missed list`.")
    console.print("Markeret.")
