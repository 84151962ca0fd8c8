"""`dagsordenvagt items …`: single agenda items."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from notifier.eml import file_name
from service.console import console
from service.find_item import find_item
from service.prepare import prepare
from service.words import counted
from storage.engine import transaction
from storage.lock import only_one
from storage.models import AgendaItem
from storage.take_down import TakenDown, put_back, take_down

app = typer.Typer(help="Enkelte punkter på dagsordener.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="items")


@app.callback()
def _group() -> None:
    """Makes a single command a group's: `items takedown`."""


@app.command()
def takedown(
    item: Annotated[
        list[str], typer.Argument(metavar="PUNKT…", help="Nummeret i adressen /sager/…, vores adresse eller kommunens")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Hvorfor. Står på siden i stedet for teksten")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Læs punktet igen ved næste læsning")] = False,
) -> None:
    """Fjerner et punkts tekst alle steder, fx fordi kommunen offentliggjorde den ved en fejl."""
    if not undo and not reason.strip():
        raise ConfigError('Skriv hvorfor: --reason "Kommunen har trukket punktet tilbage".')
    prepare(settings())
    url = settings().effective_database_url
    # Nothing may be sent, read or matched from the text while it goes.
    with only_one(url, "notify"), only_one(url, "match"), transaction(url) as session:
        found = [find_item(session, one) for one in item]
        if undo:
            for row in found:
                _undo(session, row)
            return
        gone = [(row.id, take_down(session, row, reason.strip(), now())) for row in found]
    for number, done in gone:
        for message_id in done.message_ids:
            (settings().outbox_dir / file_name(message_id)).unlink(missing_ok=True)
        console.print(_said(number, done), markup=False)


def _undo(session: Session, row: AgendaItem) -> None:
    if row.taken_down_at is None:
        raise ConfigError(f"Punkt {row.id} er ikke taget ned.")
    put_back(session, row, now())
    console.print(f"Punkt {row.id} læses igen ved næste læsning (`dagsordenvagt crawl`, ældre møder om natten).")


def _said(number: int, done: TakenDown) -> str:
    said = f"Punkt {number}: teksten er fjernet"
    said += f", også af {counted(done.documents, 'bilag', 'bilag')}" if done.documents else ""
    said += "."
    if done.queued:
        said += f" {counted(done.queued, 'mail', 'mails')} ventede og laves om uden punktet."
    if done.message_ids:
        sent = counted(len(done.message_ids), "mail", "mails")
        said += f" Vores kopi af {sent} er tømt; det, der ligger hos modtagerne, kan vi ikke hente tilbage."
    return said + " Sikkerhedskopier af databasen skal I selv rydde."
