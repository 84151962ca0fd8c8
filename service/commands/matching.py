"""`dagsordenvagt match`: the matcher's run, and why it said what it said."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from config.errors import ConfigError
from config.log import set_up_logging
from config.settings import settings
from service import pipeline
from service.console import console
from service.find_item import find_item
from service.people import find_association
from service.prepare import prepare
from service.stop import Stop, stopping_on_signals
from storage.engine import reading

app = typer.Typer(help="Finder ud af, hvem de nye punkter angår.")


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="match")


@app.callback(invoke_without_command=True)
def match(
    context: typer.Context,
    rematch: Annotated[bool, typer.Option("--rematch", help="Se på alt igen. Sender intet nyt")] = False,
) -> None:
    """Finder ud af, hvem de nye punkter angår."""
    if context.invoked_subcommand is not None:
        return
    set_up_logging(settings())
    prepare(settings())
    stop = Stop()
    with stopping_on_signals(stop):
        raise typer.Exit(pipeline.match(settings(), stop, rematch=rematch))


@app.command()
def explain(
    item: Annotated[
        str, typer.Argument(metavar="PUNKT", help="Nummeret i adressen /sager/…, vores adresse eller kommunens")
    ],
    profile: Annotated[str, typer.Argument(metavar="PROFIL", help="Foreningens id")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Siger, hvorfor et punkt angår en forening, eller hvorfor ikke, og hvad der kom nærmest."""
    from matcher.look_again import look_again

    prepare(settings())
    with reading(settings().effective_database_url) as session:
        row = find_item(session, item)
        association = find_association(session, profile)
        if association is None or association.profile is None:
            raise ConfigError(f"Der er ingen forening »{profile}«.", hint="Se `dagsordenvagt associations list`.")
        if row.taken_down_at is not None:
            raise ConfigError(f"Punkt {row.id} er taget ned, så der er ingen tekst at se på.")
        verdict, title, name = look_again(session, row.newest, association.profile), row.title, association.name
        number = row.id
    if as_json:
        typer.echo(json.dumps({"item": number, "profile": profile} | asdict(verdict), ensure_ascii=False, indent=2))
        return
    console.print(f"{name} og punkt {number}: »{title}«", style="bold", markup=False)
    for sentence in verdict.said:
        console.print(f"  {sentence}", markup=False)
