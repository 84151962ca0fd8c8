"""`dagsordenvagt feedback …`: what associations have answered."""

from pathlib import Path
from typing import Annotated

import typer

from config.settings import settings
from service.console import console
from service.feedback_export import export_feedback
from service.prepare import prepare
from service.words import counted
from storage.engine import reading

app = typer.Typer(help="Foreningernes svar på, om sagerne var relevante.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="feedback")


@app.callback()
def feedback() -> None:
    """Foreningernes svar på, om sagerne var relevante."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="MAPPE", help="Mappen, filerne skrives i", file_okay=False)],
) -> None:
    """Skriver svarene som et bedømt sæt til `evaluate`: uden navne og adresser på foreninger og personer."""
    prepare(settings())
    with reading(settings().effective_database_url) as session:
        done = export_feedback(session, folder)
    console.print(
        f"{counted(done.answers, 'svar', 'svar')} fra {counted(done.profiles, 'forening', 'foreninger')} "
        f"om {counted(done.items, 'punkt', 'punkter')} er skrevet.",
        markup=False,
    )
