"""`dagsordenvagt sources …`: which sites are read, and how that goes."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from config.catalogue import Municipality, load_catalogue
from config.errors import ConfigError
from config.settings import settings
from service.console import console
from service.exit_codes import FAILED, OK
from service.prepare import prepare
from service.source_status import SourceStatus, failed_publications, source_statuses
from service.words import counted
from storage.engine import reading, transaction
from storage.save_catalogue import accept_shorter_list

if TYPE_CHECKING:
    from crawler.probe import ProbeResult

app = typer.Typer(help="Kommunernes sider: hvordan det går, og hvad der fejler.", no_args_is_help=True)

_STYLES = {"frisk": "green", "fejler": "red", "delvis": "yellow", "blokeret": "red", "ikke dækket": "magenta"}


@app.command()
def status(
    municipality: Annotated[
        list[str] | None, typer.Option("--municipality", "-m", help="Kun disse (navn eller kode)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Viser for hver kommune, hvornår der sidst blev læst, og hvad der gik galt."""
    catalogue = prepare(settings())
    chosen = {entry.code for entry in catalogue.select(municipality or [])}
    with reading(settings().effective_database_url) as session:
        rows = [row for row in source_statuses(session) if row.code in chosen]
        failures = failed_publications(session, chosen) if municipality else []
    if as_json:
        typer.echo(json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=2))
        return
    _print_table(rows)
    for failure in failures:
        console.print(f"  {failure}", markup=False)
    for problem in catalogue.problems:
        console.print(problem.message, markup=False, style="yellow")
    healthy = sum(row.state == "frisk" for row in rows)
    console.print(f"{healthy} af {counted(len(rows), 'kilde', 'kilder')} er læst uden fejl.")


def _print_table(rows: list[SourceStatus]) -> None:
    table = Table()
    for heading in ("Kommune", "Tilstand", "Sidst læst"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Møder", "Fejl"):
        table.add_column(heading, justify="right")
    table.add_column("Seneste fejl", overflow="fold", ratio=1)
    for row in rows:
        state = f"[{_STYLES.get(row.state, 'white')}]{row.state}[/]"
        read = _when(row.last_success_at)
        error = escape(row.config_problem or row.last_error or "")
        table.add_row(row.name, state, read, str(row.meetings), str(row.failed), error)
    console.print(table)


def _when(moment: datetime | None) -> str:
    return f"{moment:%d-%m-%Y %H:%M}" if moment else "–"


@app.command()
def check(
    municipality: Annotated[
        str, typer.Argument(metavar="NAVN|ADRESSE", help="Navn, kode eller en adresse (https://…)")
    ],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Undersøger, hvilket system en side bruger, og foreslår linjerne til kataloget."""
    from crawler.probe import probe

    is_address = municipality.startswith(("http://", "https://"))
    entry = None if is_address else prepare(settings()).select([municipality])[0]
    result = probe(municipality if entry is None else entry.url)
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        _print_probe(result, entry)
    raise typer.Exit(OK if result.platform is not None else FAILED)


def _print_probe(result: "ProbeResult", entry: Municipality | None) -> None:
    if result.platform is None:
        console.print(f"{result.url}: {result.reason}", markup=False)
        for lead in result.leads:
            console.print(f"  Forsiden henviser til {lead}: undersøg også den.", markup=False)
        return
    console.print(f"{result.url} bruger {result.platform}: {result.evidence}", markup=False)
    if entry is not None and entry.platform == result.platform:
        console.print("Det passer med kataloget.")
        return
    console.print("Til kataloget:\n" + result.catalogue_entry(entry), markup=False)


@app.command()
def accept(municipality: Annotated[str, typer.Argument(help="Navn eller kode")]) -> None:
    """Godtager, at kommunens liste er blevet meget kortere, så den bruges ved næste læsning."""
    (entry,) = prepare(settings()).select([municipality])
    with transaction(settings().effective_database_url) as session:
        accept_shorter_list(session, entry.code)
    console.print(f"{entry.name}: den næste liste bruges, uanset hvor kort den er.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Kommunens navn")],
    code: Annotated[int, typer.Option(help="Kommunekode (3 cifre)")],
    url: Annotated[str, typer.Option(help="Adressen på dagsordenerne")],
    platform: Annotated[str, typer.Option(help="Udgivelsessystem")] = "firstagenda",
    crawl_delay: Annotated[float, typer.Option(help="Sekunder mellem forespørgsler")] = 1.0,
) -> None:
    """Føjer en kommune til jeres eget katalog (filen i DAGSORDENVAGT_MUNICIPALITIES)."""
    path = settings().municipalities
    if path is None:
        raise ConfigError(
            "Det indbyggede katalog ændres ikke.",
            hint="Kopiér config/municipalities.toml, og sæt DAGSORDENVAGT_MUNICIPALITIES til kopien.",
        )
    try:
        entry = Municipality(code=code, name=name, platform=platform, url=url, crawl_delay=crawl_delay)
    except ValueError as error:
        raise ConfigError(f"Kan ikke tilføjes: {str(error).splitlines()[-2].strip()}") from error
    if any(one.code == code for one in load_catalogue(settings())):
        raise ConfigError(f"Koden {code} findes allerede i {path.name}.")
    values = {"code": code, "name": name, "platform": platform, "url": entry.url, "crawl_delay": crawl_delay}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n[[municipality]]\n" + "\n".join(lines) + "\n")
    console.print(f"{name} er føjet til {path.name}.")
