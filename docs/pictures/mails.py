"""Makes a picture of each kind of mail, from a demo folder: desktop, a narrow phone, dark, and the text part.

dagsordenvagt demo --once --folder data/demo
python docs/pictures/mails.py data/demo

The demo sends most kinds by itself. The others are made here from its database at later moments: what a reader would
get a week on, before a deadline, or with a profile of too much. The database is copied first; nothing is sent.
"""

import email
import io
import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local, now
from config.settings import Settings
from notifier.deadlines import ahead, read_deadlines
from notifier.forward import forward
from notifier.message import sender_for
from notifier.run import notify
from storage.engine import engine_for, reading, transaction
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    Frequency,
    Match,
    Meeting,
    Message,
    MessageEntry,
    MessageKind,
    ProfileCheck,
    Recipient,
    Revision,
    Role,
    Subscription,
    SubscriptionStatus,
)

HERE = Path(__file__).parent / "mails"
# The upper part of a long digest says how it looks; the rest is more of the same.
TALLEST = 2200
DESKTOP, PHONE = 640, 320
COLOURS = 48


@dataclass(frozen=True)
class Wanted:
    """A picture's name, and the first mail of this kind that ``fits``."""

    name: str
    kind: MessageKind
    fits: Callable[[EmailMessage], bool] = lambda _: True


KINDS = (
    Wanted("confirm", MessageKind.CONFIRM),
    Wanted("immediate", MessageKind.IMMEDIATE, lambda mail: mail["In-Reply-To"] is None),
    Wanted("follow-up", MessageKind.IMMEDIATE, lambda mail: mail["In-Reply-To"] is not None),
    Wanted("reminder", MessageKind.REMINDER),
    Wanted("weekly", MessageKind.WEEKLY, lambda mail: "Ingen nye" not in mail["Subject"]),
    Wanted("weekly-empty", MessageKind.WEEKLY, lambda mail: "Ingen nye" in mail["Subject"]),
    Wanted("weekly-compact", MessageKind.WEEKLY, lambda mail: str(mail["To"]).startswith("Kompakt")),
    Wanted("consultant", MessageKind.CONSULTANT_WEEKLY),
    Wanted("profile", MessageKind.NOTICE, lambda mail: "profil" in mail["Subject"]),
    Wanted("known", MessageKind.NOTICE, lambda mail: "allerede tilmeldt" in mail["Subject"]),
    Wanted("closed", MessageKind.NOTICE, lambda mail: "er lukket" in mail["Subject"]),
    Wanted("daily", MessageKind.DAILY),
    Wanted("catch-up", MessageKind.CATCH_UP),
    Wanted("forward", MessageKind.FORWARD),
    Wanted("operator", MessageKind.OPERATOR),
)


def main(folder: Path) -> None:
    """Writes the pictures into ``mails/`` beside this file."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        shutil.copy(folder / "dagsordenvagt.sqlite3", copy / "dagsordenvagt.sqlite3")
        mails = list(_mails(_settings(copy, folder)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for wanted in KINDS:
            found = next((mail for kind, mail in mails if kind is wanted.kind and wanted.fits(mail)), None)
            if found is None:
                raise SystemExit(f"No mail for the picture {wanted.name!r}; is the demo's folder a fresh one?")
            _photograph_all(browser, found, wanted.name)
        browser.close()


def _settings(copy: Path, folder: Path) -> Settings:
    return Settings(data_dir=copy, municipalities=folder / "municipalities.toml", operator_email="drift@example.org")


def _mails(settings: Settings) -> Iterator[tuple[MessageKind, EmailMessage]]:
    """Every mail of the demo and of the days after it, oldest first."""
    url, here = settings.effective_database_url, now()
    with transaction(url) as session:
        _more_people(session, here)
    monday = local(here).replace(hour=7, minute=0) + timedelta(days=7 - local(here).weekday())
    with reading(url) as session:
        reminders = _days_of_reminders(session, here)
    _pass_on(settings, here)
    for moment in sorted({here, monday, monday + timedelta(days=7), *reminders}):
        notify(settings, now=lambda moment=moment: moment)
    with reading(url) as session:
        for kind, mime in session.execute(select(Message.kind, Message.mime).order_by(Message.id)):
            if mime is not None:
                yield kind, email.message_from_bytes(mime, policy=policy.default)  # type: ignore[misc]
    engine_for(url).dispose()


def _more_people(session: Session, here: datetime) -> None:
    """Readers of every habit, an association that has closed, and a profile that finds nothing."""
    about = session.scalars(
        select(Association).join(Subscription).where(Subscription.frequency == Frequency.IMMEDIATE)
    ).first()
    if about is None or about.profile is None:
        raise SystemExit("The demo's database has no immediate reader.")
    begun = here - timedelta(days=8)
    habits: list[tuple[str, Frequency, dict[str, object]]] = [
        ("Ny Læser", Frequency.IMMEDIATE, {"status": SubscriptionStatus.PENDING, "confirmed_at": None}),
        ("Kompakt Læser", Frequency.WEEKLY, {"compact": True}),
        ("Daglig Læser", Frequency.DAILY, {}),
        ("Tilbage Læser", Frequency.WEEKLY, {"returned_at": here}),
        ("Kendt Læser", Frequency.WEEKLY, {"asked_at": here, "invited_at": begun}),
    ]
    for name, frequency, values in habits:
        _person(session, name, about, begun, {"frequency": frequency} | values)
    closed = Association(slug="klubben", name="Klubben for Nabohjælp", created_at=begun, closed_at=here)
    _person(session, "Sidste Læser", closed, begun, {"frequency": Frequency.IMMEDIATE})
    about.profile.topics, about.profile.target_groups = ["og", "dem"], []
    check = session.get(ProfileCheck, about.profile.id)
    if check is not None:
        check.problem, check.profile_hash = (
            "Profilen har ingen ord, som vi kan finde i en dagsorden.",
            about.profile.content_hash,
        )


def _person(session: Session, name: str, about: Association, begun: datetime, values: dict[str, object]) -> None:
    address = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    person = Recipient(email=address, email_key=address, name=name, created_at=begun)
    given: dict[str, object] = {
        "status": SubscriptionStatus.CONFIRMED,
        "created_at": begun,
        "confirmed_at": begun,
        "asked_at": None,
    }
    if values.get("status") is SubscriptionStatus.PENDING:
        given["asked_at"] = begun
    session.add(Subscription(recipient=person, association=about, role=Role.WATCHER, **given | values))


def _pass_on(settings: Settings, here: datetime) -> None:
    """The consultant passes an item that concerns somebody on to the first association that was not told of it."""
    url, sender = settings.effective_database_url, sender_for(settings)
    with reading(url) as session:
        found = select(Revision.item_id).join(Match, Match.revision_id == Revision.id).where(Match.current)
        ahead_of_us = select(AgendaItem.id).join(Meeting).where(Meeting.starts_at > here, AgendaItem.id.in_(found))
        items, slugs = session.scalars(ahead_of_us).all(), session.scalars(select(Association.slug)).all()
    note = "Det kunne være noget for jer. Ring gerne, hvis I vil have hjælp til et høringssvar."
    for item, slug in itertools.product(items, slugs):
        (done,) = forward(url, sender, item, [slug], note=note, by="Anna, frivilligkonsulent", now=here)
        if done.queued:
            return


def _days_of_reminders(session: Session, here: datetime) -> list[datetime]:
    """Seven days before each deadline that somebody was told of."""
    told = select(MessageEntry.revision_id)
    rows = session.scalars(select(Analysis.signals).where(Analysis.revision_id.in_(told)))
    days = {one.day for signals in rows for one in ahead(read_deadlines(signals), here + timedelta(days=10))}
    return [datetime.combine(day, here.timetz()).replace(hour=9) - timedelta(days=7) for day in sorted(days)][:3]


def _photograph_all(browser: Browser, mail: EmailMessage, name: str) -> None:
    html, text = _part(mail, "html"), _part(mail, "plain")
    style = "margin:0;padding:16px;font:14px/1.45 monospace;white-space:pre-wrap;overflow-wrap:anywhere"
    plain = f"<pre style='{style}'>{escape(text)}</pre>"
    for suffix, width, scheme, content in (
        ("desktop", DESKTOP, "light", html),
        ("phone", PHONE, "light", html),
        ("dark", DESKTOP, "dark", html),
        ("text", DESKTOP, "light", plain),
    ):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page.set_content(content)
        tall = int(page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)"))
        wide = int(page.evaluate("document.documentElement.scrollWidth"))
        if wide > width:
            raise SystemExit(f"{name} is {wide} pixels wide on a screen of {width}.")
        page.set_viewport_size({"width": width, "height": min(tall, TALLEST)})
        _keep(page.screenshot(), HERE / f"{name}-{suffix}.png")
        page.close()


def _part(mail: EmailMessage, subtype: str) -> str:
    body = mail.get_body((subtype,))
    if not isinstance(body, EmailMessage):
        raise SystemExit(f"The mail {mail['Subject']!r} has no {subtype} part.")
    return str(body.get_content())


def _keep(png: bytes, path: Path) -> None:
    """Few colours are enough for text on paper, and make a third of the size."""
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/demo").resolve())
