"""`run`, `crawl`, `documents` and `notify`: the work itself."""

import json
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from config.clock import now
from config.errors import ConfigError
from config.log import set_up_logging
from config.schedule import read_schedule
from config.settings import settings
from notifier.report import Note
from service import pipeline, scheduler
from service.archive import ask_for, said_of, split_span
from service.console import console, errors
from service.exit_codes import OK, worst
from service.prepare import prepare
from service.stop import Stop, stopping_on_signals

Names = Annotated[list[str] | None, typer.Option("--municipality", "-m", help="Kun disse (navn eller kode)")]
Day = typer.Option(formats=["%Y-%m-%d"], metavar="ÅÅÅÅ-MM-DD")


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (run, crawl, documents, notify):
        app.command()(command)


def run(
    once: Annotated[bool, typer.Option("--once", help="Én omgang nu, og slut")] = False,
    municipality: Names = None,
) -> None:
    """Tjenesten: læs, forstå, find og send efter tidsplanen, eller én omgang nu."""
    set_up_logging(settings())
    catalogue = prepare(settings())
    chosen = [entry.code for entry in catalogue.select(municipality or [])] if municipality else []
    for problem in catalogue.problems:
        errors.print(problem.message, markup=False, style="yellow")
    stop = Stop()
    with stopping_on_signals(stop):
        if once:
            raise typer.Exit(pipeline.cycle(settings(), stop, municipalities=chosen))
        jobs = read_schedule()
        for job in jobs:
            console.print(f"{job.cron:<16} {job.name}: {job.why}", markup=False)
        scheduler.serve(settings(), jobs, pipeline.jobs(settings(), stop, municipalities=chosen), stop)


def crawl(
    municipality: Names = None,
    since: Annotated[datetime | None, Day] = None,
    until: Annotated[datetime | None, Day] = None,
    overnight: Annotated[
        bool, typer.Option("--overnight", help="Læs ikke gamle møder nu, men de kommende nætter")
    ] = False,
) -> None:
    """Læser kommunernes sider. Uden datoer: møder fra 30 dage tilbage og alt, der ligger forude.

    Med --since længere tilbage læses de gamle møder. De sendes der aldrig mail om. Afbrydes læsningen, fortsætter den
    om natten, eller når kommandoen gives igen.
    """
    set_up_logging(settings())
    catalogue = prepare(settings())
    chosen = [entry.code for entry in catalogue.select(municipality or [])] if municipality else []
    if overnight and since is None:
        raise ConfigError("--overnight hører til --since: hvor langt tilbage skal der læses?")
    span = split_span(_day(since), _day(until), now().date())
    stop = Stop()
    codes = []
    with stopping_on_signals(stop):
        if span.archive:
            ask_for(settings(), chosen, *span.archive)
            console.print(said_of(span, overnight=overnight), markup=False)
        if span.ordinary:
            codes.append(pipeline.crawl(settings(), stop, municipalities=chosen, since=span.since, until=_day(until)))
        if span.archive and not overnight and not stop.asked:
            codes.append(pipeline.archive(settings(), stop, municipalities=chosen))
    raise typer.Exit(worst(*codes) if codes else OK)


def documents(
    municipality: Names = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0, help="Højst så mange bilag i denne omgang")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Prøv også dem, der er givet op")] = False,
) -> None:
    """Henter og læser de bilag, der venter: møder forude først."""
    set_up_logging(settings())
    catalogue = prepare(settings())
    chosen = [entry.code for entry in catalogue.select(municipality or [])] if municipality else []
    stop = Stop()
    with stopping_on_signals(stop):
        raise typer.Exit(pipeline.documents(settings(), stop, municipalities=chosen, files=limit, retry=retry))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def notify(
    digest: Annotated[bool, typer.Option("--digest", help="Send denne uges overblik nu")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Vis, hvad der ville blive sendt")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Sammen med --dry-run")] = False,
) -> None:
    """Sender det, der venter."""
    set_up_logging(settings())
    prepare(settings())
    if dry_run:
        _show(pipeline.would_send(settings(), digest=digest), as_json=as_json)
        return
    stop = Stop()
    with stopping_on_signals(stop):
        raise typer.Exit(pipeline.notify(settings(), stop, digest=digest))


def _show(mails: list[Note], *, as_json: bool) -> None:
    if as_json:
        rows = [{"kind": mail.kind.value, "subject": mail.subject} for mail in mails]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("Slags", "Emne")
    for mail in mails:
        table.add_row(mail.kind.value, mail.subject)
    console.print(table)
    console.print(f"{len(mails)} mails ville blive sendt. Intet er sendt eller gemt.")
