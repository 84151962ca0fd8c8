"""`dagsordenvagt sources …`: which sites are read, and how that goes."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.table import Table

from config.catalogue import Municipality, load_catalogue
from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from service.console import console
from service.exit_codes import FAILED, OK, PARTIAL
from service.prepare import prepare
from service.source_status import as_json as as_plain
from service.source_status import failed_publications, papers_in_words
from service.status_table import status_lines
from service.stop import Stop, stopping_on_signals
from service.words import counted
from storage.archive import all_wishes, forget_wishes
from storage.engine import reading, transaction
from storage.papers import queue_counts
from storage.save_catalogue import accept_shorter_list
from storage.source_report import last_sweep, one_cause, source_reports
from storage.source_words import probe_said

if TYPE_CHECKING:
    from crawler.probe import ProbeResult

app = typer.Typer(help="Kommunernes sider: hvordan det går, og hvad der fejler.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="sources")


@app.command()
def status(
    municipality: Annotated[
        list[str] | None, typer.Option("--municipality", "-m", help="Kun disse (navn eller kode)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    by_name: Annotated[bool, typer.Option("--by-name", help="Efter navn i stedet for de værste først")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Slut med 3, når noget, der skulle læses, ikke bliver læst")
    ] = False,
) -> None:
    """Viser for hver kommune, om den bliver læst, hvad der er galt, og hvad der skal gøres."""
    catalogue = prepare(settings())
    chosen = {entry.code for entry in catalogue.select(municipality or [])}
    moment = now()
    with reading(settings().effective_database_url) as session:
        reports = source_reports(session, moment, chosen)
        swept_at = last_sweep(session)
        papers = queue_counts(session)
        failures = failed_publications(session, chosen) if municipality else []
    if by_name:
        reports.sort(key=lambda one: one.municipality.name)
    if as_json:
        typer.echo(
            json.dumps(
                [as_plain(one, papers.get(one.municipality.code, (0, 0))) for one in reports],
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        cause = "" if municipality else one_cause(reports, swept_at, moment)
        for line in status_lines(
            reports, cause=cause, swept_at=swept_at, width=console.width, closely=bool(municipality)
        ):
            console.print(line)
        waiting, given_up = (sum(papers.get(code, (0, 0))[which] for code in chosen) for which in (0, 1))
        if said := papers_in_words(waiting, given_up):
            console.print(said, markup=False)
        for failure in failures:
            console.print(f"  {failure}", markup=False)
        for problem in catalogue.problems:
            console.print(problem.message, markup=False, style="yellow")
    if exit_code and any(one.in_trouble for one in reports):
        raise typer.Exit(PARTIAL)


@app.command()
def check(
    municipality: Annotated[
        str | None,
        typer.Argument(metavar="[NAVN|ADRESSE]", help="Navn, kode eller en adresse; uden: de kommuner, der er stille"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Undersøger, hvilket system en side bruger, og foreslår linjerne til kataloget."""
    from service.site_check import check_quiet, check_site

    if municipality is not None and municipality.startswith(("http://", "https://")):
        _check_address(municipality, as_json=as_json)
    catalogue, url = prepare(settings()), settings().effective_database_url
    if municipality is None:
        stop = Stop()
        with stopping_on_signals(stop):
            found = check_quiet(url, catalogue, stop)
    else:
        found = [check_site(url, catalogue.select([municipality])[0])]
    numbers = [one.source_id for one in found]
    with reading(url) as session:
        reports = [one for one in source_reports(session, now()) if one.source.id in numbers]
        papers = queue_counts(session)
    if as_json:
        typer.echo(
            json.dumps(
                [as_plain(one, papers.get(one.municipality.code, (0, 0))) for one in reports],
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for report in reports:
            console.print(f"{report.municipality.name}: {report.probe and probe_said(report.probe)}", markup=False)
            if report.probe and report.probe.proposal:
                console.print(report.probe.proposal, markup=False)
        if not reports:
            console.print("Ingen kommuner har været stille i over et døgn uden at være undersøgt.")
    raise typer.Exit(OK if all(one.platform for one in found) else FAILED)


def _check_address(address: str, *, as_json: bool) -> NoReturn:
    from crawler.probe import probe

    result = probe(address)
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        _print_probe(result)
    raise typer.Exit(OK if result.platform is not None else FAILED)


def _print_probe(result: "ProbeResult") -> None:
    if result.platform is None:
        console.print(f"{result.url}: {result.reason}", markup=False)
        for lead in result.leads:
            console.print(f"  Forsiden henviser til {lead}: undersøg også den.", markup=False)
        return
    console.print(f"{result.url} bruger {result.platform}: {result.evidence}", markup=False)
    console.print("Til kataloget:\n" + result.catalogue_entry(), markup=False)


@app.command()
def archive(
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="NAVN", help="Læs ikke mere af denne kommunes gamle møder")
    ] = None,
) -> None:
    """Viser, hvilke gamle møder der er bedt om at få læst (`crawl --since`), og hvor langt det er."""
    chosen = prepare(settings()).select([forget])[0] if forget else None
    with transaction(settings().effective_database_url) as session:
        dropped = forget_wishes(session, chosen.code) if chosen else 0
        rows = all_wishes(session)
    if chosen:
        wishes = counted(dropped, "ønske", "ønsker")
        console.print(f"{chosen.name}: {wishes} om gamle møder er glemt. Det læste bliver.")
        return
    table = Table()
    for heading in ("Kommune", "Fra", "Læst ned til", "Hentet", "Venter", "Fejl", "Færdig"):
        table.add_column(heading, justify="right" if heading in {"Hentet", "Venter", "Fejl"} else "left")
    for wish, source in rows:
        waiting = "?" if wish.waiting is None and wish.finished_at is None else str(wish.waiting or 0)
        reached = wish.since if wish.finished_at else wish.reached
        days = (f"{wish.since:%d-%m-%Y}", f"{reached:%d-%m-%Y}")
        counts = (str(wish.fetched), waiting, str(wish.failed))
        table.add_row(
            source.municipality.name, *days, *counts, f"{wish.finished_at:%d-%m-%Y}" if wish.finished_at else "nej"
        )
    if rows:
        console.print(table)
    else:
        console.print("Ingen har bedt om gamle møder. `dagsordenvagt crawl --since ÅÅÅÅ-MM-DD` gør det.")


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
