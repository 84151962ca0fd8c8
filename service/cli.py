"""The command `dagsordenvagt`: one verb for each thing a person or a timer asks for."""

import sys

import typer
from sqlalchemy.exc import OperationalError

from config.errors import ConfigError
from service.commands import (
    associations,
    demo,
    evaluation,
    feedback,
    items,
    mails,
    matching,
    passing_on,
    reports,
    running,
    sources,
    system,
)
from service.console import errors
from service.exit_codes import FAILED, USAGE
from storage.lock import Busy

app = typer.Typer(
    name="dagsordenvagt",
    help="Holder øje med kommunernes dagsordener og skriver til foreningerne om det, der angår dem.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for commands in (demo, running, evaluation, passing_on, system):
    commands.register(app)
app.add_typer(matching.app, name="match")
app.add_typer(sources.app, name="sources")
app.add_typer(associations.app, name="associations")
app.add_typer(items.app, name="items")
app.add_typer(feedback.app, name="feedback")
app.add_typer(reports.app, name="reports")
app.add_typer(mails.app, name="mails")
app.add_typer(mails.bounces, name="bounces")
app.add_typer(system.database, name="db")


def main() -> None:
    """Runs the command line; what a person set up wrong becomes one line that says what to do."""
    try:
        app()
    except ConfigError as error:
        errors.print(f"Fejl: {error}", markup=False, style="red")
        sys.exit(USAGE)
    except Busy as error:
        errors.print(f"'{error}' kører allerede i en anden proces. Vent, til den er færdig.", markup=False, style="red")
        sys.exit(FAILED)
    except OperationalError as error:
        reason = str(error.orig or error).strip().splitlines()[0]
        errors.print(f"Databasen svarer ikke: {reason}\nKør `dagsordenvagt doctor`.", markup=False, style="red")
        sys.exit(FAILED)
