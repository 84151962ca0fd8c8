"""Rows to match: a municipality with a meeting and its items, and associations with profiles."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from config.clock import COPENHAGEN
from config.profile_file import AssociationEntry
from storage.models import Municipality, Source
from storage.save_association import save_association
from storage.save_meeting import save_meeting

SEEN = datetime(2026, 10, 1, 6, 0, tzinfo=COPENHAGEN)
MEETING = datetime(2026, 10, 8, 16, 0, tzinfo=COPENHAGEN)


@dataclass(frozen=True)
class SectionRecord:
    kind: str
    heading: str
    text: str
    html: str = ""
    own_decision: bool = False


@dataclass(frozen=True)
class AttachmentRecord:
    title: str
    platform_id: str = "a"
    url: str = "https://example.dk/bilag"
    has_pdf: bool = True


@dataclass(frozen=True)
class ItemRecord:
    number: str
    title: str
    sections: tuple[SectionRecord, ...] = ()
    attachments: tuple[AttachmentRecord, ...] = ()
    case_number: str = ""
    platform_id: str = "i"
    sorting: int = 0
    is_open: bool = True
    url: str = "https://example.dk/punkt"
    unread: bool = False


@dataclass(frozen=True)
class MeetingRecord:
    items: tuple[ItemRecord, ...]
    platform_id: str = "m1"
    stage: str = "agenda"
    committee_name: str = "Social- og Sundhedsudvalget"
    committee_platform_id: str = "c"
    group_name: str = "Udvalg"
    starts_at: datetime = MEETING
    ends_at: datetime | None = None
    time_known: bool = True
    place: str = "Rådhuset"
    url: str = "https://example.dk/vis?id=1"
    fingerprint: str = "1"
    problems: tuple[str, ...] = ()


LONELINESS = ItemRecord(
    "1",
    "Handleplan for færre ensomme ældre",
    (SectionRecord("summary", "Resume", "Frivillige besøgsvenner og fællesspisning skal mindske ensomhed."),),
)
SEWER = ItemRecord(
    "2",
    "Tillæg til spildevandsplanen",
    (SectionRecord("summary", "Resume", "Kloakken i Industrikvarteret separeres."),),
)


def source(session: Session) -> Source:
    """Aarhus with a source."""
    session.add(Municipality(code=751, name="Aarhus"))
    row = Source(municipality_code=751, platform="firstagenda", base_url="https://example.dk")
    session.add(row)
    session.flush()
    return row


def publish(session: Session, where: Source, *items: ItemRecord, platform_id: str = "m1") -> None:
    """A meeting with these items appears."""
    save_meeting(session, where, MeetingRecord(items, platform_id=platform_id), seen_at=SEEN)


def association(session: Session, slug: str, **keys: object) -> int:
    """An association that subscribes to loneliness unless told otherwise; the id of its profile."""
    words = {"name": slug, "topics": ["ensomhed", "besøgsvenner"], "target_groups": ["ældre"]} | keys
    entry = AssociationEntry.model_validate({"id": slug, **words})
    saved = save_association(session, entry, confirmed=True, now=SEEN)
    session.refresh(saved, ["profile"])
    assert saved.profile is not None
    return saved.profile.id
