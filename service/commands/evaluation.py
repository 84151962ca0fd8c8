"""`dagsordenvagt evaluate`: how good the matcher is."""

from pathlib import Path
from typing import Annotated

import typer

from service.console import console

File = typer.Option(exists=True, dir_okay=False, readable=True)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(evaluate)


def evaluate(
    items: Annotated[Path, File],
    profiles: Annotated[Path, File],
    gold: Annotated[Path, File],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    out: Annotated[Path | None, typer.Option(help="CSV med score for hvert par")] = None,
) -> None:
    """Måler matcheren på et sæt bedømte punkter: præcision, genfinding, F1 og nDCG@10."""
    from matcher.evaluate import run_evaluation

    report = run_evaluation(items, profiles, gold, out)
    if as_json:
        typer.echo(report.as_json())
    else:
        console.print(report.table())
