"""`dagsordenvagt demo`: the whole service on this machine, offline, from a made-up council site to the mailbox."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from itertools import groupby
from pathlib import Path

from rich.table import Table
from sqlalchemy import func, select

from config.settings import Settings, settings
from service import pipeline
from service.console import console
from service.demo.catalogue import write_catalogue
from service.demo.mailbox import Mailbox, mail_server
from service.demo.serving import serve
from service.demo.site import DemoSite, build_site
from service.exit_codes import FAILED, OK
from service.people import import_profiles
from service.prepare import prepare
from service.stop import Stop, stopping_on_signals
from service.words import counted, decimal
from storage.engine import reading, transaction
from storage.models import AgendaItem, Association, Match, Meeting, Revision
from web.server import in_background

ASSOCIATIONS = Path(__file__).with_name("associations.yaml")
PAGE_PORT = 8000
WIDTH = 72
SHOWN = 5


def run_demo(*, once: bool, folder: Path) -> int:
    """Runs the demo in ``folder`` (emptied first) and gives the exit code. Without ``once`` the pages stay up."""
    stop = Stop()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(stop))
        site = build_site()
        site_url = stack.enter_context(serve(site.app))
        _empty(folder)
        mailbox = stack.enter_context(mail_server(Mailbox(folder / "mails")))
        stack.enter_context(_environment(folder, site_url, mailbox))
        code = _story(settings(), site, mailbox, stop)
        if not once and code == OK and not stop.asked:
            _stay(settings(), stop)
    return code


def _empty(folder: Path) -> None:
    """The demo always begins at the beginning; only a folder of its own is ever emptied."""
    marker = folder / ".demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise FileExistsError(f"{folder} findes og er ikke demoens egen mappe.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()


@contextmanager
def _environment(folder: Path, site_url: str, mailbox: Mailbox) -> Iterator[None]:
    """The demo's settings for this process and for the crawler's child process; the operator's own are put aside."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DAGSORDENVAGT_")}
    catalogue = write_catalogue(folder / "municipalities.toml", site_url)
    demo = {
        "DATA_DIR": str(folder),
        "MUNICIPALITIES": str(catalogue),
        "SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}?starttls=0",
        "MAIL_FROM": "Dagsordenvagt <vagt@dagsordenvagt.example>",
        "BASE_URL": f"http://127.0.0.1:{PAGE_PORT}",
        "CONTACT": "demo@dagsordenvagt.example",
    }
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(own | {f"DAGSORDENVAGT_{name}": value for name, value in demo.items()})
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def _story(here: Settings, site: DemoSite, mailbox: Mailbox, stop: Stop) -> int:
    """First day, a later day, and Monday morning's digests."""
    prepare(here)
    with transaction(here.effective_database_url) as session:
        imported = import_profiles(session, ASSOCIATIONS, confirmed=True)
    people = counted(imported.consultants, "konsulent", "konsulenter")
    console.print(f"{counted(imported.associations, 'forening', 'foreninger')} og {people} er tilmeldt.")

    codes = [_chapter("Første dag: kommunen har udgivet sine dagsordener", here, stop)]
    site.advance()
    codes.append(_chapter("Nogle dage senere: en dagsorden er udgivet igen, og der er tillæg og referater", here, stop))
    console.rule("Mandag morgen: ugens overblik", align="left")
    codes.append(pipeline.notify(here, stop, digest=True))
    console.print("(Demoen kan ikke stille uret frem: referaterne kommer her, før møderne er holdt.)")
    _show(here, mailbox)
    return OK if all(code == OK for code in codes) else FAILED


def _chapter(title: str, here: Settings, stop: Stop) -> int:
    console.rule(title, align="left")
    return OK if stop.asked else pipeline.cycle(here, stop)


def _show(here: Settings, mailbox: Mailbox) -> None:
    """What was found and which mails were sent."""
    console.rule("Det blev fundet", align="left")
    with reading(here.effective_database_url) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Meeting, AgendaItem, Match)]
        found = session.execute(
            select(Association.name, AgendaItem.title, func.max(Match.score))
            .join(Match.profile)
            .join(Association)
            .join(Revision, Revision.id == Match.revision_id)
            .join(AgendaItem, AgendaItem.id == Revision.item_id)
            .where(Match.current)
            .group_by(Association.name, AgendaItem.title)
            .order_by(Association.name, func.max(Match.score).desc())
        ).all()
    console.print("{} møder, {} punkter, {} fund. De stærkeste for hver forening:".format(*counts))
    table = Table("Forening", "Punkt", "Styrke")
    for name, rows in groupby(found, key=lambda row: row[0]):
        hits = list(rows)
        for place, (_, title, score) in enumerate(hits[:SHOWN]):
            table.add_row("" if place else name, _cut(title), decimal(score, 2))
        if len(hits) > SHOWN:
            table.add_row("", f"og {len(hits) - SHOWN} mere", "", end_section=True)
    console.print(table)

    console.rule(f"{len(mailbox.mails)} mails er sendt", align="left")
    mails = Table("Til", "Emne")
    for mail in mailbox.mails:
        mails.add_row(_to_whom(mail), str(mail["Subject"]))
    console.print(mails)
    console.print(f"Som filer: {mailbox.folder}", markup=False)


def _cut(title: str) -> str:
    return title if len(title) <= WIDTH else title[: WIDTH - 1] + "…"


def _to_whom(mail: EmailMessage) -> str:
    (address,) = mail["To"].addresses
    return str(address.display_name or address.addr_spec)


def _stay(here: Settings, stop: Stop) -> None:
    """Keeps the pages up until Ctrl-C."""
    try:
        with in_background(here, port=PAGE_PORT) as address:
            console.print(f"\nSe punkter, fund og mails på {address}. Stop med Ctrl-C.", markup=False)
            stop.wait()
    except OSError:
        console.print(f"Port {PAGE_PORT} er optaget, så siderne får en anden; links i mailene virker ikke der.")
        with in_background(here) as address:
            console.print(f"Se punkter, fund og mails på {address}. Stop med Ctrl-C.", markup=False)
            stop.wait()
