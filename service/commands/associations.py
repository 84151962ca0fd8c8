"""`dagsordenvagt associations …`: who is watched for."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import func, select

from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from service.console import console, errors
from service.exit_codes import FAILED, OK, PARTIAL, USAGE
from service.people import close_association, delete_association, export_association, find_association, import_profiles
from service.prepare import prepare
from service.words import counted, decimal
from storage.engine import reading, transaction
from storage.models import Analysis, Association, Recipient, Subscription, SubscriptionStatus

app = typer.Typer(help="Foreninger og konsulenter: indlæs, vis, prøv af, hent ud, slet.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Adds the commands."""
    program.add_typer(app, name="associations")


Slug = Annotated[str, typer.Argument(metavar="ID", help="Foreningens id i profilfilen")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Profilfil (YAML)")],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Adresserne er bekræftet af jer: send ingen bekræftelsesmails")
    ] = False,
) -> None:
    """Indlæser foreninger og konsulenter. Uden --confirmed får nye adresser først en mail, de skal bekræfte."""
    prepare(settings())
    with transaction(settings().effective_database_url) as session:
        done = import_profiles(session, file, confirmed=confirmed)
    for problem in done.problems:
        errors.print(problem, markup=False, style="red")
    for slug, warning in _warnings(done.slugs).items():
        errors.print(f"{slug}: {warning}", markup=False, style="yellow")
    for slug in done.closed:
        hint = f"{slug} er lukket og bliver det: `dagsordenvagt associations close {slug} --undo` åbner igen."
        errors.print(hint, markup=False, style="yellow")
    people = counted(done.consultants, "konsulent", "konsulenter")
    console.print(f"{counted(done.associations, 'forening', 'foreninger')} og {people} er indlæst.")
    if not confirmed and done.associations + done.consultants:
        console.print("Nye adresser får en mail, de skal bekræfte, næste gang der sendes (`dagsordenvagt notify`).")
    if done.problems:
        raise typer.Exit(PARTIAL if done.associations + done.consultants else USAGE)
    raise typer.Exit(OK)


def _warnings(slugs: Sequence[str]) -> dict[str, str]:
    """Profiles that would find too much or nothing, once there is something to try them on."""
    with reading(settings().effective_database_url) as session:
        if not slugs or session.scalar(select(Analysis.id).limit(1)) is None:
            return {}
        from service.preview import profile_warnings

        return profile_warnings(session, slugs)


@dataclass(frozen=True)
class _Row:
    id: str
    name: str
    topics: list[str]
    confirmed: int
    pending: int
    bounced: int


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Viser foreningerne og hvor mange modtagere hver har."""
    prepare(settings())
    with reading(settings().effective_database_url) as session:
        counts = {
            (association, status): count
            for association, status, count in session.execute(
                select(Subscription.association_id, Subscription.status, func.count()).group_by(
                    Subscription.association_id, Subscription.status
                )
            )
        }
        refusing = {
            row.association_id: row.addresses
            for row in session.execute(
                select(Subscription.association_id, func.count().label("addresses"))
                .join(Recipient, Subscription.recipient_id == Recipient.id)
                .where(Recipient.bounced, Subscription.status != SubscriptionStatus.UNSUBSCRIBED)
                .group_by(Subscription.association_id)
            )
        }
        rows = [
            _Row(
                id=one.slug,
                name=one.name,
                topics=one.profile.topics if one.profile else [],
                confirmed=counts.get((one.id, SubscriptionStatus.CONFIRMED), 0),
                pending=counts.get((one.id, SubscriptionStatus.PENDING), 0),
                bounced=refusing.get(one.id, 0),
            )
            for one in session.scalars(select(Association).order_by(Association.name))
        ]
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    table = Table("Id", "Navn", "Emner", "Bekræftede", "Venter", "Afviser mail")
    for row in rows:
        table.add_row(row.id, row.name, ", ".join(row.topics), str(row.confirmed), str(row.pending), str(row.bounced))
    console.print(table)


@app.command()
def preview(
    slug: Slug,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Hvor mange dage tilbage")] = 90,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Viser, hvad foreningen ville have fået at vide i de seneste dage. Sender intet."""
    from matcher.run import run_matching
    from service.preview import preview_association

    prepare(settings())
    # The archive is met first, as the next round would do it; finding is not mailing.
    run_matching(settings().effective_database_url)
    with reading(settings().effective_database_url) as session:
        shown = preview_association(session, slug, days)
    if shown is None:
        raise _unknown(slug)
    if as_json:
        typer.echo(json.dumps(shown.as_json(), ensure_ascii=False, indent=2))
        return
    for hit in shown.hits:
        console.print(f"{hit.starts_at:%d-%m-%Y} {hit.municipality}, {hit.committee}: {hit.title}", markup=False)
        for reason in hit.reasons:
            console.print(f"    {reason}", markup=False, style="dim")
    found = counted(len(shown.hits), "punkt", "punkter")
    console.print(f"{found} på {days} dage, cirka {decimal(shown.per_week, 1)} om ugen.")
    for monday, count in shown.weeks:
        console.print(f"    uge {monday.isocalendar().week}: {count}", style="dim")
    if shown.warning:
        console.print(shown.warning, markup=False, style="yellow")
    if shown.suggested:
        console.print("Ord, der kunne føjes til profilen:")
    for one in shown.suggested:
        console.print(f"    {one.word}: {one.why}", markup=False)
    if not shown.meetings:
        console.print("Der er ikke læst nogen møder fra de dage: kør først `dagsordenvagt crawl`.")


@app.command()
def export(slug: Slug) -> None:
    """Skriver alt, hvad der er gemt om foreningen og dens modtagere, som JSON."""
    prepare(settings())
    with reading(settings().effective_database_url) as session:
        association = find_association(session, slug)
        if association is None:
            raise _unknown(slug)
        typer.echo(json.dumps(export_association(session, association), ensure_ascii=False, indent=2))


@app.command()
def delete(slug: Slug, yes: Annotated[bool, typer.Option("--yes", help="Spørg ikke først")] = False) -> None:
    """Sletter foreningen, dens profil og de modtagere, der ikke hører til andre."""
    from notifier.outbox import forget_files

    prepare(settings())
    with transaction(settings().effective_database_url) as session:
        association = find_association(session, slug)
        if association is None:
            raise _unknown(slug)
        if not yes and not typer.confirm(f"Slet {association.name} og alt om den?"):
            errors.print("Intet er slettet.")
            raise typer.Exit(FAILED)
        people = delete_association(session, association)
    forget_files(settings().effective_database_url, settings().outbox_dir)
    console.print(f"Slettet, sammen med {counted(people, 'modtager', 'modtagere')}.")


@app.command()
def close(slug: Slug, undo: Annotated[bool, typer.Option("--undo", help="Åbn foreningen igen")] = False) -> None:
    """Lukker en forening: dens modtagere får én mail om det og ellers ikke flere. Intet slettes."""
    prepare(settings())
    with transaction(settings().effective_database_url) as session:
        association = find_association(session, slug)
        if association is None:
            raise _unknown(slug)
        people = close_association(session, association, None if undo else now())
        name = association.name
    if undo:
        console.print(f"{name} er åben igen. Modtagerne får det, der stadig ligger forude.", markup=False)
    else:
        told = counted(people, "modtager", "modtagere")
        console.print(f"{name} er lukket. {told} får en mail om det, næste gang der sendes.", markup=False)


def _unknown(slug: str) -> ConfigError:
    return ConfigError(f"Ingen forening har id'et '{slug}'.", hint="Se `dagsordenvagt associations list`.")
