"""Small helpers that build rows: each has sensible defaults, so that a test says only what it is about."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import COPENHAGEN
from storage.keys import committee_key, committee_kind, fold, title_key
from storage.models import (
    AgendaItem,
    Analysis,
    Association,
    Attachment,
    Case,
    Committee,
    CrawlOutcome,
    CrawlRun,
    Frequency,
    Grade,
    Match,
    MatchOrigin,
    Meeting,
    Municipality,
    Profile,
    ProfileKind,
    Publication,
    PublicationStatus,
    Recipient,
    Revision,
    Role,
    Section,
    SectionKind,
    Source,
    Stage,
    Subscription,
    SubscriptionStatus,
)

# A Thursday. Agendas are seen on it; meetings lie a week ahead; people signed up two weeks before.
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=COPENHAGEN)
MEETING = datetime(2026, 10, 8, 16, 0, tzinfo=COPENHAGEN)
LONG_AGO = NOW - timedelta(days=14)

_numbers = itertools.count(1)


def a_municipality(session: Session, name: str = "Aarhus", code: int = 751, **source: Any) -> Municipality:
    """A municipality with a source that was read this morning; the same one when asked for again."""
    known = session.get(Municipality, code)
    if known is not None:
        return known
    row = Municipality(code=code, name=name, region="Midtjylland", website=f"https://{fold(name)}.example.dk")
    values = {"last_success_at": NOW - timedelta(hours=3), "last_attempt_at": NOW - timedelta(hours=3)} | source
    row.source = Source(platform="firstagenda", base_url=f"https://dagsordener.{fold(name)}.example.dk", **values)
    session.add(row)
    session.flush()
    return row


def a_visit(session: Session, municipality: Municipality, started_at: datetime, outcome: CrawlOutcome) -> CrawlRun:
    """A visit that came to its end, with its marks on the source."""
    source = municipality.source
    assert source is not None
    row = CrawlRun(source_id=source.id, started_at=started_at, finished_at=started_at, outcome=outcome)
    source.last_outcome = outcome
    failed = outcome in {CrawlOutcome.FAILED, CrawlOutcome.BLOCKED, CrawlOutcome.EMPTY}
    source.failing_since = (source.failing_since or started_at) if failed else None
    session.add(row)
    session.flush()
    return row


def a_meeting(
    session: Session,
    committee: str = "Social- og Beskæftigelsesudvalget",
    *,
    starts_at: datetime = MEETING,
    municipality: Municipality | None = None,
    **values: Any,
) -> Meeting:
    """A meeting with one stored agenda."""
    municipality = municipality or a_municipality(session)
    body = session.scalar(
        select(Committee).where(
            Committee.municipality_code == municipality.code, Committee.name_key == committee_key(committee)
        )
    )
    if body is None:
        body = Committee(municipality_code=municipality.code, name=committee, name_key=committee_key(committee))
        body.kind = committee_kind(committee)
        body.municipality = municipality
    row = Meeting(committee=body, starts_at=starts_at, first_seen_at=NOW, **values)
    row.url = values.get("url", "https://dagsordener.example.dk/vis?id=1")
    session.add(row)
    session.flush()
    a_publication(session, row)
    return row


def a_publication(session: Session, meeting: Meeting, stage: Stage = Stage.AGENDA, **values: Any) -> Publication:
    source = meeting.committee.municipality.source
    assert source is not None
    given = {"status": PublicationStatus.STORED, "fetched_at": NOW - timedelta(hours=3)} | values
    row = Publication(
        source_id=source.id,
        platform_id=f"publication-{next(_numbers)}",
        meeting=meeting,
        committee_name=meeting.committee.name,
        starts_at=meeting.starts_at,
        stage=stage,
        first_seen_at=NOW,
        last_seen_at=NOW,
        **given,
    )
    session.add(row)
    session.flush()
    return row


def an_item(
    session: Session,
    title: str = "Budgetforslag Social- og beskæftigelsesområdet",
    *,
    meeting: Meeting | None = None,
    case: str = "",
    **revision: Any,
) -> AgendaItem:
    """An item with its first revision. ``case``: a case number that ties items of different meetings."""
    meeting = meeting or a_meeting(session)
    number = next(_numbers)
    known_case = _case(session, meeting, case, title) if case else None
    row = AgendaItem(
        meeting=meeting,
        case=known_case,
        publication_id=meeting.publications[0].id,
        platform_id=f"item-{number}",
        number=str(number),
        sorting=number,
        title=title,
        title_key=title_key(title),
        case_number=case,
        url=f"https://dagsordener.example.dk/vis?id=1&punktid={number}",
        first_seen_at=revision.get("seen_at", NOW),
    )
    session.add(row)
    session.flush()
    a_revision(session, row, **({"changes": ["published"]} | revision))
    return row


def _case(session: Session, meeting: Meeting, number: str, title: str) -> Case:
    code = meeting.committee.municipality_code
    known = session.scalar(select(Case).where(Case.municipality_code == code, Case.case_number == number))
    return known or Case(
        municipality_code=code,
        key=f"{number}|{title_key(title)}",
        case_number=number,
        title=title,
        first_seen_at=NOW,
    )


def a_revision(
    session: Session,
    item: AgendaItem,
    *,
    changes: Sequence[str] = ("text",),
    seen_at: datetime = NOW,
    stage: Stage = Stage.AGENDA,
    text: str = "Forvaltningen indstiller, at kriserådgivningen for psykisk sårbare fortsætter.",
    decision: str = "",
    attachments: Sequence[str] = (),
    material: bool = True,
    backfill: bool = False,
) -> Revision:
    """A new revision of an item."""
    number = len(item.revisions) + 1
    row = Revision(
        number=number,
        publication_id=item.publication_id,
        stage=stage,
        seen_at=seen_at,
        changes=list(changes),
        material=material,
        backfill=backfill,
        content_hash=f"content-{number}",
        meaning_hash=f"meaning-{number}",
        title=item.title,
    )
    row.sections = [Section(position=0, kind=SectionKind.SUMMARY, heading="Resume", text=text)]
    if decision:
        row.sections.append(
            Section(position=1, kind=SectionKind.DECISION, heading="Beslutning", text=decision, own_decision=True)
        )
    row.attachments = [
        Attachment(position=position, title=title, url="https://dagsordener.example.dk/bilag")
        for position, title in enumerate(attachments)
    ]
    item.revisions.append(row)
    session.flush()
    return row


def a_reading(
    session: Session,
    item: AgendaItem,
    *deadlines: str,
    amounts: Sequence[str] = (),
    revision: Revision | None = None,
) -> Analysis:
    """What the matcher read in an item's newest revision. A deadline is ``hearing 2026-12-01`` or ``… 12:00``."""
    rows = [
        {"kind": kind, "day": day, "clock": clock[0] if clock else None, "sentence": f"Fristen er {day}."}
        for kind, day, *clock in (one.split() for one in deadlines)
    ]
    row = Analysis(
        revision_id=(revision or item.newest).id,
        version="1",
        terms={},
        signals={"deadlines": rows, "amounts": [{"text": one} for one in amounts]},
        last_deadline=max((date.fromisoformat(str(one["day"])) for one in rows), default=None),
        analysed_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def an_association(session: Session, name: str = "Sind Aarhus", **profile: Any) -> Association:
    """An association with its profile."""
    row = Association(slug=fold(name).replace(" ", "-"), name=name, created_at=LONG_AGO)
    row.profile = a_profile(ProfileKind.ASSOCIATION, **profile)
    session.add(row)
    session.flush()
    return row


def a_civil_society_profile(session: Session) -> Profile:
    row = a_profile(ProfileKind.CIVIL_SOCIETY)
    session.add(row)
    session.flush()
    return row


def a_profile(kind: ProfileKind, **values: Any) -> Profile:
    lists: dict[str, Any] = {
        name: [] for name in ("topics", "target_groups", "municipality_codes", "exclude", "committees", "own_names")
    }
    return Profile(kind=kind, **({"content_hash": "p", "changed_at": LONG_AGO} | lists | values))


def a_recipient(session: Session, name: str = "Alice") -> Recipient:
    """A person by first name; the same one when asked for again."""
    email = f"{fold(name)}@example.org"
    known = session.scalar(select(Recipient).where(Recipient.email_key == email))
    if known is not None:
        return known
    row = Recipient(email=email, email_key=email, name=name, created_at=LONG_AGO)
    session.add(row)
    session.flush()
    return row


def a_subscription(
    session: Session,
    recipient: Recipient | str = "Alice",
    about: Association | Municipality | None = None,
    *,
    frequency: Frequency = Frequency.IMMEDIATE,
    status: SubscriptionStatus = SubscriptionStatus.CONFIRMED,
    confirmed_at: datetime | None = LONG_AGO,
) -> Subscription:
    """A watcher of an association, or a consultant of a municipality."""
    person = a_recipient(session, recipient) if isinstance(recipient, str) else recipient
    about = about or an_association(session)
    row = Subscription(recipient=person, created_at=LONG_AGO, status=status, frequency=frequency)
    row.confirmed_at = None if status is SubscriptionStatus.PENDING else confirmed_at
    if isinstance(about, Municipality):
        row.role, row.municipality_code, row.frequency = Role.CONSULTANT, about.code, Frequency.WEEKLY
    else:
        row.role, row.association_id = Role.WATCHER, about.id
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def a_match(
    session: Session,
    about: Association | Profile,
    item: AgendaItem,
    *,
    revision: Revision | None = None,
    grade: Grade = Grade.STRONG,
    score: float = 0.8,
    said: Sequence[str] = ("Emnet psykisk sårbarhed: 'kriserådgivningen' i Resume.",),
    quote: str = "kriserådgivningen for psykisk sårbare fortsætter",
    origin: MatchOrigin = MatchOrigin.PUBLISHED,
    current: bool = True,
) -> Match:
    """A match of the item's newest revision, unless another is named."""
    profile = about.profile if isinstance(about, Association) else about
    assert profile is not None
    row = Match(
        profile_id=profile.id,
        revision_id=(revision or item.newest).id,
        score=score,
        grade=grade,
        reasons=[{"label": "emne", "text": "x", "section": "Resume", "said": sentence} for sentence in said],
        quote=quote,
        origin=origin,
        profile_hash="p",
        current=current,
        found_at=NOW,
    )
    session.add(row)
    session.flush()
    return row
