"""`dagsordenvagt reports …`: management reports on the agendas, and cases that the municipalities have announced."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from config.settings import settings
from service.console import console
from service.prepare import prepare
from service.words import counted
from storage.engine import reading
from web.queries.reports import CaseLine, ReportLine, coming_cases, report_lines, unread_lists

app = typer.Typer(help="Ledelsesrapporter og sager på vej.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="reports")


Named = Annotated[list[str] | None, typer.Option("--municipality", "-m", help="Kun disse (navn eller kode)")]
Json = Annotated[bool, typer.Option("--json")]
PAGES_AT_MOST = 20


@app.command(name="list")
def list_reports(municipality: Named = None, as_json: Json = False) -> None:
    """Viser ledelsesrapporter og budgetopfølgninger, de nyeste først."""
    lines: list[ReportLine] = []
    with reading(settings().effective_database_url) as session:
        for code in _codes(municipality):
            for number in range(1, PAGES_AT_MOST + 1):
                found = report_lines(session, municipality=code, number=number)
                lines += found.rows
                if not found.has_next:
                    break
    if as_json:
        typer.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2, default=str))
        return
    table = Table()
    for heading in ("Kommune", "Møde", "Slags"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Punkt eller bilag", overflow="fold", ratio=1)
    table.add_column("Periode", overflow="fold")
    for line in lines:
        held = f"{line.starts_at:%d-%m-%Y}"
        table.add_row(line.municipality, held, line.kind, escape(line.paper or line.item), escape(line.period))
    console.print(table)
    console.print(counted(len(lines), "rapport", "rapporter") + ".")


@app.command()
def coming(municipality: Named = None, as_json: Json = False) -> None:
    """Viser sager på vej: hvad kommunerne selv har varslet, og hvornår de venter det."""
    lines, unread = [], []
    with reading(settings().effective_database_url) as session:
        for code in _codes(municipality):
            unread += unread_lists(session, municipality=code)
            for number in range(1, PAGES_AT_MOST + 1):
                found = coming_cases(session, municipality=code, number=number)
                lines += [_as_json(line) for line in found.rows]
                if not found.has_next:
                    break
    if as_json:
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    table = Table()
    table.add_column("Kommune", no_wrap=True)
    table.add_column("Sag", overflow="fold", ratio=2)
    table.add_column("Afdeling", overflow="fold", ratio=1)
    table.add_column("Forventet", overflow="fold", ratio=1)
    for line in lines:
        said = [str(line[key]) for key in ("municipality", "title", "department", "expected")]
        table.add_row(*(escape(one) for one in said))
    console.print(table)
    for one in unread:
        console.print(f"{one.municipality}: »{one.title}« kunne ikke læses: {one.reason}", markup=False, style="yellow")
    console.print(counted(len(lines), "sag", "sager") + " på vej.")


def _codes(names: list[str] | None) -> list[int | None]:
    catalogue = prepare(settings())
    return [entry.code for entry in catalogue.select(names)] if names else [None]


def _as_json(line: CaseLine) -> dict[str, object]:
    case = line.case
    return {
        "municipality": line.municipality,
        "title": case.title,
        "department": case.department,
        "committee": case.committee,
        "expected": case.expected,
        "expected_first": case.expected_first and case.expected_first.isoformat(),
        "expected_last": case.expected_last and case.expected_last.isoformat(),
        "state": case.state.value,
        "history": case.history,
        "list": line.list_title,
        "page": case.page,
        "first_seen": case.first_seen_on.isoformat(),
        "last_seen": case.last_seen_on.isoformat(),
        "associations": list(line.associations),
    }
