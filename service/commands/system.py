"""`doctor`, `web`, `db` and `bench`."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError
from config.log import set_up_logging
from config.settings import settings
from service.console import console
from service.exit_codes import FAILED, OK
from service.prepare import prepare
from storage.migrate import downgrade, schema_state, upgrade

database = typer.Typer(help="Databasens skema.", no_args_is_help=True)
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
_MARKS = {"ok": "[green]i orden[/]", "warning": "[yellow]bemærk[/]  ", "error": "[red]fejl[/]    "}


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(doctor)
    app.command()(web)
    app.command()(bench)
    app.add_typer(database, name="db")


def doctor(
    as_json: Annotated[bool, typer.Option("--json")] = False,
    database_only: Annotated[bool, typer.Option("--database-only", help="Kun databasen, til overvågning")] = False,
) -> None:
    """Undersøger indstillinger, database, mailserver, ur og sprogdata, og siger, hvad der skal gøres."""
    from service.doctor import database_finding, examine

    findings = [database_finding(settings())] if database_only else examine(settings())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    else:
        for one in findings:
            console.print(f"{_MARKS[one.state]} {one.subject}: ", end="")
            console.print(one.said, markup=False)
            if one.advice:
                console.print(f"          → {one.advice}", markup=False)
    raise typer.Exit(FAILED if any(one.state == "error" for one in findings) else OK)


def web(
    host: Annotated[str, typer.Option(help="Adresse at lytte på")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
) -> None:
    """Viser siderne: sager, møder, kilder, mails, og bekræft og afmeld."""
    from web.server import serve

    set_up_logging(settings())
    prepare(settings())
    serve(settings(), host, port)


def bench(
    name: Annotated[str | None, typer.Argument(help="Kun denne måling")] = None,
    arguments: Annotated[list[str] | None, typer.Argument(help="Videre til målingen")] = None,
) -> None:
    """Måler hastighed som forhold i samme kørsel. Findes kun i kildekoden, ikke i en installeret pakke."""
    scripts = {path.stem.removeprefix("bench_"): path for path in sorted(BENCHMARKS.glob("bench_*.py"))}
    if not scripts:
        raise ConfigError(
            "Målingerne følger ikke med en installeret pakke.", hint="Hent kildekoden, og kør `make bench`."
        )
    if name is not None and name not in scripts:
        raise ConfigError(f"Ingen måling hedder '{name}'.", hint=f"Der er: {', '.join(scripts)}.")
    chosen = [scripts[name]] if name else list(scripts.values())
    modules = [f"{BENCHMARKS.name}.{path.stem}" for path in chosen]
    codes = [
        subprocess.run([sys.executable, "-m", one, *(arguments or [])], cwd=BENCHMARKS.parent, check=False).returncode
        for one in modules
    ]
    raise typer.Exit(max(codes))


@database.command("upgrade")
def upgrade_schema(revision: Annotated[str, typer.Argument(help="Til denne udgave")] = "head") -> None:
    """Bringer databasens skema op til denne udgave af programmet."""
    upgrade(settings().effective_database_url, revision)
    console.print(f"Skema: {schema_state(settings().effective_database_url)[0]}.")


@database.command("downgrade")
def downgrade_schema(revision: Annotated[str, typer.Argument(help="Tilbage til denne udgave")]) -> None:
    """Fører skemaet tilbage. Det, kun det nyere skema kan gemme, går tabt: tag en sikkerhedskopi først."""
    downgrade(settings().effective_database_url, revision)
    console.print(f"Skema: {schema_state(settings().effective_database_url)[0] or 'tomt'}.")
