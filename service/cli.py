"""The command `dagsordenvagt`: one verb for each thing a person or a timer asks for."""

import sys
from functools import partial
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from service.console import errors

# Name → (module of service.commands, what the list of commands says of it). A command's module is loaded when it is
# asked for: all of them together take seconds.
COMMANDS: Final = {
    "demo": ("demo", "Alt på denne maskine uden net: en opdigtet kommune, seks foreninger og en mailserver."),
    "run": ("running", "Tjenesten: læs, forstå, find og send efter tidsplanen, eller én omgang nu."),
    "crawl": (
        "running",
        "Læser kommunernes sider. Uden datoer: møder fra 30 dage tilbage og alt, der ligger forude.",
    ),
    "documents": ("running", "Henter og læser de bilag, der venter: møder forude først."),
    "notify": ("running", "Sender det, der venter."),
    "evaluate": ("evaluation", "Måler matcheren på et sæt bedømte punkter: præcision, genfinding, F1 og nDCG@10."),
    "forward": (
        "passing_on",
        "Sender et punkt videre til udvalgte foreninger. Det er så deres ene mail om punktet, som det er nu.",
    ),
    "doctor": (
        "system",
        "Undersøger indstillinger, database, mailserver, ur og sprogdata, og siger, hvad der skal gøres.",
    ),
    "web": ("system", "Viser siderne: sager, møder, kilder, mails, og bekræft og afmeld."),
    "bench": (
        "system",
        "Måler hastighed som forhold i samme kørsel. Findes kun i kildekoden, ikke i en installeret pakke.",
    ),
    "missed": ("passing_on", "Det, som modtagere mener, at vi har overset."),
    "match": ("matching", "Finder ud af, hvem de nye punkter angår."),
    "sources": ("sources", "Kommunernes sider: hvordan det går, og hvad der fejler."),
    "associations": ("associations", "Foreninger og konsulenter: indlæs, vis, prøv af, hent ud, slet."),
    "items": ("items", "Enkelte punkter på dagsordener."),
    "feedback": ("feedback", "Foreningernes svar på, om sagerne var relevante."),
    "reports": ("reports", "Ledelsesrapporter og sager på vej."),
    "mails": ("mails", "Mails: hvad der blev af dem."),
    "bounces": ("mails", "Mails, der kom retur."),
    "db": ("system", "Databasens skema."),
}

_program = partial(typer.Typer, pretty_exceptions_enable=False, add_completion=False)


class Commands(TyperGroup):
    """The commands by name; the one that is asked for is loaded and takes its place holder's place."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """(name, command, the arguments that are left), as click asks for them."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in COMMANDS else command, rest


def load(name: str) -> Any:
    """The command of this name, with its module."""
    part = _program()
    import_module(f"service.commands.{COMMANDS[name][0]}").register(part)
    return get_group(part).commands[name]


app = _program(
    name="dagsordenvagt",
    cls=Commands,
    help="Holder øje med kommunernes dagsordener og skriver til foreningerne om det, der angår dem.",
    no_args_is_help=True,
)


def _place_holder() -> None:
    """Never called: see ``Commands``."""


for _name, (_, _said) in COMMANDS.items():
    app.command(_name, help=_said)(_place_holder)


def main() -> None:
    """Runs the command line; what a person set up wrong becomes one line that says what to do."""
    try:
        app()
    except Exception as error:
        from service.failures import in_words

        said = in_words(error)
        if said is None:
            raise
        errors.print(said.text, markup=False, style="red")
        sys.exit(said.code)
