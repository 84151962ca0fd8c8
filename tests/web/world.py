"""A small council and its readers, as rows: what the pages are shown with.

Alice reads for Besøgsvennerne (confirmed) and for Ungerummet; Bob reads for Ungerummet and is still pending; Charlie
is the consultant of Lindebjerg.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.catalogue import Catalogue, Municipality
from config.clock import now
from config.profile_file import AssociationEntry, ConsultantEntry, Contact
from config.settings import Settings
from crawler.items import Attachment, Item, ListedMeeting, Meeting, Section
from notifier.links import Links, links_for
from storage.engine import transaction
from storage.models import (
    AgendaItem,
    Association,
    CrawlOutcome,
    CrawlRun,
    Grade,
    Match,
    MatchOrigin,
    Message,
    MessageEntry,
    MessageKind,
    MessageStatus,
    Profile,
    Recipient,
    Source,
    Subscription,
)
from storage.retry import publication_failed
from storage.save_association import save_association, save_consultant
from storage.save_catalogue import save_catalogue
from storage.save_list import save_list
from storage.save_meeting import save_meeting

PORTAL = "https://dagsordener.lindebjerg.example"
SCRIPT = "<script>alert('hul')</script>"

ALICE, BOB, CHARLIE = "alice@example.org", "bob@example.org", "charlie@example.com"


@dataclass(frozen=True)
class World:
    """Where things are in the database."""

    url: str
    settings: Settings
    links: Links
    loneliness: int
    budget: int
    withdrawn: int
    closed: int
    hostile: int
    meeting: int
    mail: int
    confirm_mail: int


def days(number: float, hour: int = 16, minute: int = 0) -> datetime:
    """So many days from today, at a meeting's hour."""
    day = now() + timedelta(days=number)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def build(url: str, data_dir: Path, **more: object) -> World:
    """Fills a fresh database."""
    settings = Settings(database_url=url, data_dir=data_dir, secret_key="et hemmeligt ord", **more)
    links = links_for(settings)
    with transaction(url) as session:
        source = _catalogue(session)
        _associations(session)
        _meetings(session, source)
        _runs(session, source)
        found = {item.title_key: item for item in session.scalars(select(AgendaItem).order_by(AgendaItem.id))}
        ids = {
            "loneliness": _find(found, "ensomme ældre"),
            "budget": _find(found, "budgetforslag"),
            "withdrawn": _find(found, "plejehjemmet"),
            "closed": _find(found, "køb af grund"),
            "hostile": _find(found, "script"),
        }
        _matches(session, ids)
        meeting = session.get_one(AgendaItem, ids["loneliness"]).meeting_id
        mail, confirm = _mails(session, links, ids)
    return World(url=url, settings=settings, links=links, meeting=meeting, mail=mail, confirm_mail=confirm, **ids)


def _find(found: dict[str, AgendaItem], words: str) -> int:
    return next(item.id for key, item in found.items() if words in key)


def _catalogue(session: Session) -> Source:
    entries = (
        Municipality(code=999, name="Lindebjerg", region="Demoregionen", platform="firstagenda", url=PORTAL),
        Municipality(code=998, name="Havnsø", platform="firstagenda", url="https://dagsordener.havnsoe.example"),
        Municipality(code=997, name="Skovlunde", platform="prepare", url="https://politik.skovlunde.example"),
    )
    save_catalogue(session, Catalogue(Path("test.toml"), entries))
    by_code = {source.municipality_code: source for source in session.scalars(select(Source))}
    good, bad, other = by_code[999], by_code[998], by_code[997]
    good.last_success_at = good.last_attempt_at = now() - timedelta(minutes=42)
    good.next_poll_at = now() + timedelta(hours=5)
    bad.last_success_at, bad.last_attempt_at = now() - timedelta(days=3), now() - timedelta(hours=1)
    bad.failure_streak, bad.last_error = 4, "Siden svarede med HTTP 503 tre gange i træk."
    bad.last_outcome, other.last_outcome = CrawlOutcome.FAILED, CrawlOutcome.UNSUPPORTED
    session.add(CrawlRun(source_id=other.id, started_at=now(), finished_at=now(), outcome=CrawlOutcome.UNSUPPORTED))
    return good


def _associations(session: Session) -> None:
    besoeg = AssociationEntry(
        id="besoegsvenner",
        name="Besøgsvennerne",
        description="Frivillige besøgsvenner for ældre, der bor alene eller på plejehjem.",
        topics=["ensomhed", "ældrepleje", "fællesspisning", "plejehjem"],
        target_groups=["ældre", "ensomme"],
        contacts=[Contact(name="Alice Holm", email=ALICE)],
    )
    unge = AssociationEntry(
        id="ungerummet",
        name="Ungerummet",
        description="Gratis rådgivning og fællesskaber for unge i mistrivsel.",
        topics=["mistrivsel", "ungeindsats", "SSP"],
        target_groups=["unge"],
        municipalities=["Lindebjerg"],
        exclude=["lokalplan"],
        frequency="weekly",
        contacts=[Contact(name="Alice Holm", email=ALICE)],
    )
    save_association(session, besoeg, confirmed=True, now=now() - timedelta(days=20))
    save_association(session, unge, confirmed=True, now=now() - timedelta(days=20))
    bob = unge.model_copy(update={"contacts": [Contact(name="Bob", email=BOB)]})
    save_association(session, bob, confirmed=False, now=now() - timedelta(days=1))
    consultant = ConsultantEntry(name="Charlie Krag", email=CHARLIE, municipalities=["Lindebjerg"])
    save_consultant(session, consultant, confirmed=True, now=now() - timedelta(days=20))


def _section(kind: str, heading: str, html: str, own: bool = False) -> Section:
    text = html.replace("</p>", "\n").replace("<p>", "").replace("<br>", "\n")
    return Section(kind=kind, heading=heading, text=text, html=html, own_decision=own)


def _item(
    number: int, title: str, *sections: Section, case: str = "", papers: tuple[str, ...] = (), open_: bool = True
) -> Item:
    return Item(
        platform_id=f"i{number}{title[:6]}",
        number=str(number),
        sorting=number,
        title=title,
        url=f"{PORTAL}/vis?id=m&punktid=i{number}",
        case_number=case,
        is_open=open_,
        sections=sections,
        attachments=tuple(
            Attachment(platform_id=f"b{place}", title=paper, url=f"{PORTAL}/vis/pdf/bilag/{number}-{place}")
            for place, paper in enumerate(papers)
        ),
    )


LONELINESS = "Handleplan for færre ensomme ældre 2027-2030"


def loneliness(
    extra: str = "", papers: tuple[str, ...] = ("Udkast til handleplan", "Høringssvar fra Ældrerådet")
) -> Item:
    """The item that the tests follow through its revisions."""
    return _item(
        4,
        LONELINESS,
        _section(
            "summary",
            "Resume",
            "<p>Udvalget skal drøfte et udkast til en handleplan mod ensomhed blandt ældre borgere. Planen bygger på "
            "et samarbejde med kommunens frivillige foreninger.</p>",
        ),
        _section(
            "recommendation",
            "Indstilling",
            "<p>Direktøren indstiller, at Social- og Sundhedsudvalget</p><ol><li>drøfter udkastet til handleplan,</li>"
            "<li>sender handleplanen i høring hos Ældrerådet og de lokale foreninger i fire uger.</li></ol>",
        ),
        _section(
            "presentation",
            "Sagsfremstilling",
            "<p>Knap hver femte borger over 75 år i Lindebjerg siger, at de ofte er uønsket alene. Administrationen "
            "foreslår flere besøgsvenner, fællesspisning på kommunens plejehjem og en pulje til foreninger.</p>"
            "<h3>Forslag til indsatser</h3><table><tbody><tr><th>Indsats</th><th>Udgift i 2027</th></tr>"
            "<tr><td>Koordinator for besøgsvenner</td><td>450.000 kr.</td></tr>"
            f"<tr><td>Fællesspisning på plejehjem</td><td>200.000 kr.</td></tr></tbody></table>{extra}",
        ),
        _section("economy", "Økonomi", "<p>Udgiften holdes inden for udvalgets ramme.</p>"),
        case="27.35.00-P22-3-26",
        papers=papers,
    )


def meeting(
    platform_id: str,
    starts_at: datetime,
    *items: Item,
    committee: str = "Social- og Sundhedsudvalget",
    stage: str = "agenda",
) -> Meeting:
    """A publication of Lindebjerg."""
    return Meeting(
        platform_id=platform_id,
        committee_name=committee,
        starts_at=starts_at,
        stage=stage,
        url=f"{PORTAL}/vis?id={platform_id}",
        fingerprint="1",
        items=items,
        place="Rådhuset, mødelokale 2",
    )


def _meetings(session: Session, source: Source) -> None:
    failed = ListedMeeting(
        platform_id="væk", committee_name="Ældrerådet", name="Dagsorden", stage="agenda", starts_at=days(6)
    )
    save_list(session, source, listed=[failed], every_id=["væk"], seen_at=now())
    publication_failed(session, source, "væk", "Siden svarede med HTTP 500.", seen_at=now())
    withdrawn = _item(6, "Nedrivning af plejehjemmet Egely", _section("summary", "Resume", "<p>Hemmeligt udkast.</p>"))
    hostile = Item(
        platform_id="x",
        number="7",
        sorting=7,
        title=f"Orientering {SCRIPT}",
        url="javascript:alert(1)",
        sections=(
            Section(
                kind="other",
                heading=f"Overskrift {SCRIPT}",
                text="Tekst med rod & <b>tegn</b>",
                html=f"<p onclick='alert(1)'>Tekst {SCRIPT}<img src='https://ude.example/x.png'>"
                "<a href='javascript:alert(2)'>link</a><style>body{display:none}</style></p>",
            ),
        ),
        attachments=(Attachment(platform_id="a", title=SCRIPT, url="javascript:alert(3)"),),
    )
    first = meeting("m1", days(9), _item(1, "Godkendelse af dagsorden"), loneliness(), withdrawn, hostile)
    save_meeting(session, source, first, seen_at=now() - timedelta(days=3))
    again = meeting(
        "m1",
        days(9),
        _item(1, "Godkendelse af dagsorden"),
        loneliness(
            "<p>Ældrerådet har sendt et foreløbigt svar.</p>",
            ("Udkast til handleplan", "Høringssvar fra Ældrerådet", "Notat om frivillige"),
        ),
        hostile,
    )
    save_meeting(session, source, again, seen_at=now() - timedelta(hours=5))
    budget = _item(
        2,
        "Budgetforslag for børne- og ungeområdet 2027-2030: 100% finansiering af ungdomsklubber og fritidstilbud",
        _section("summary", "Resume", "<p>Forslag til budget, herunder SSP-indsatsen for unge i mistrivsel.</p>"),
        case="00.30.02-S55-1-26",
        papers=("Forslag B12 – Styrket SSP",),
    )
    closed = _item(9, "Køb af grund - Lukket punkt", open_=False)
    save_meeting(session, source, meeting("m2", days(16, 17, 30), budget, closed, committee="Byrådet"), seen_at=now())
    decided = _section("decision", "Beslutning", "<p>Udvalget godkendte at igangsætte arbejdet.</p>", own=True)
    earlier = _item(
        3, "Igangsætning af handleplan for færre ensomme ældre 2027-2030", decided, case="27.35.00-P22-3-26"
    )
    past = meeting("m0", days(-40), earlier, stage="minutes")
    save_meeting(session, source, past, seen_at=now() - timedelta(days=38))


def _runs(session: Session, source: Source) -> None:
    run = CrawlRun(source_id=source.id, started_at=now() - timedelta(minutes=43), finished_at=now())
    run.requests, run.listed, run.fetched, run.changed, run.failed = 5, 4, 3, 6, 1
    run.outcome, run.error = CrawlOutcome.PARTIAL, "1 møde kunne ikke læses."
    session.add(run)
    source.meetings_listed = 4


def add_match(
    session: Session, slug: str, item_id: int, said: str, quote: str = "", *, score: float = 0.9, weak: bool = False
) -> None:
    """A match of the newest revision."""
    profile = session.scalars(select(Profile).join(Association).where(Association.slug == slug)).one()
    session.add(
        Match(
            profile_id=profile.id,
            revision_id=session.get_one(AgendaItem, item_id).newest.id,
            score=score,
            grade=Grade.WEAK if weak else Grade.STRONG,
            reasons=[{"label": "emne", "text": "ord", "section": "Resumé", "said": said}],
            quote=quote,
            origin=MatchOrigin.PUBLISHED,
            profile_hash=profile.content_hash,
            found_at=now() - timedelta(hours=4),
        )
    )


def _matches(session: Session, ids: dict[str, int]) -> None:
    add_match(
        session,
        "besoegsvenner",
        ids["loneliness"],
        "Emnet ensomhed: »ensomme ældre« i overskriften",
        "Administrationen foreslår flere besøgsvenner, fællesspisning på kommunens plejehjem og en pulje.",
    )
    add_match(
        session,
        "ungerummet",
        ids["budget"],
        "Emnet SSP: »SSP-indsatsen« i Resumé",
        "Forslag til budget, herunder SSP-indsatsen for unge i mistrivsel.",
    )
    add_match(
        session,
        "besoegsvenner",
        ids["budget"],
        "Målgruppen ensomme: »fritidstilbud« i overskriften",
        score=0.4,
        weak=True,
    )
    add_match(session, "besoegsvenner", ids["withdrawn"], "Emnet plejehjem", "Hemmeligt udkast")


def _mails(session: Session, links: Links, ids: dict[str, int]) -> tuple[int, int]:
    alice = person(session, ALICE)
    mime = EmailMessage()
    mime["From"], mime["To"] = "Dagsordenvagt <vagt@example.org>", f"Alice Holm <{ALICE}>"
    mime["Subject"] = "Lindebjerg: Handleplan for færre ensomme ældre"
    mime["Message-ID"] = "<abc@example.org>"
    mime["List-Unsubscribe"] = f"<{links.one_click(alice, alice.subscriptions[:1])}>"
    mime.set_content("Kære Alice\n\nLindebjerg behandler en sag, der angår jer.\n")
    mime.add_alternative(
        "<html><head><title>Mail</title></head><body style='font-family:sans-serif'><h1>Kære Alice</h1>"
        f"<p>Lindebjerg behandler <a href='{links.base_url}/sager/{ids['loneliness']}'>en sag</a>, der angår jer.</p>"
        f"{SCRIPT}</body></html>",
        subtype="html",
    )
    told = Message(recipient_id=alice.id, kind=MessageKind.IMMEDIATE, key="k1", message_id="<abc@example.org>")
    told.subject, told.mime, told.status, told.attempts = str(mime["Subject"]), mime.as_bytes(), MessageStatus.SENT, 1
    told.created_at = told.sent_at = now() - timedelta(hours=3)
    newest = session.get_one(AgendaItem, ids["loneliness"]).newest
    told.entries = [MessageEntry(recipient_id=alice.id, revision_id=newest.id, reasons=[])]
    bob = person(session, BOB)
    waiting = Message(recipient_id=bob.id, kind=MessageKind.CONFIRM, key="k2", message_id="<def@example.org>")
    waiting.subject, waiting.created_at, waiting.attempts = "Bekræft din tilmelding", now(), 2
    waiting.next_attempt_at, waiting.last_error = now() + timedelta(minutes=8), "450 4.2.0 Prøv igen senere"
    session.add_all([told, waiting])
    session.flush()
    return told.id, waiting.id


def person(session: Session, email: str) -> Recipient:
    """The recipient of an address."""
    return session.scalars(select(Recipient).where(Recipient.email == email)).one()


def subscription(session: Session, email: str, slug: str | None) -> Subscription:
    """The subscription of an address to an association, or the consultant's."""
    wanted = select(Subscription).join(Recipient).where(Recipient.email == email)
    if slug is None:
        return session.scalars(wanted.where(Subscription.association_id.is_(None))).one()
    return session.scalars(wanted.join(Association).where(Association.slug == slug)).one()
