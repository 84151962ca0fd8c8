"""Turns publications into the JSON of the FirstAgenda Publication API (shapes as its real answers have them)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from config.clock import COPENHAGEN
from service.demo.calendar_dates import date_and_time, short_date
from service.demo.content_model import Attachment, Item
from service.demo.pdf import make_pdf
from service.demo.read_content import Content, Publication
from service.demo.word_html import Section, field_html, sections

Json = dict[str, Any]

ZERO_GUID = str(UUID(int=0))
NAMESPACE = uuid5(NAMESPACE_URL, "dagsordenvagt/demo")
COVER_SHEET_CHARACTERS = 900


@dataclass
class Portal:
    """What the portal answers in one phase."""

    committees: Json
    meetings: dict[str, Json] = field(default_factory=dict)
    pdfs: dict[str, Callable[[], bytes]] = field(default_factory=dict)

    def pdf(self, document_id: str) -> bytes | None:
        """The PDF of an attachment or case document; None if there is none."""
        make = self.pdfs.get(document_id)
        return make() if make else None


def portal(content: Content, phase: int) -> Portal:
    """The portal's list, meetings and documents in `phase` (1 or 2)."""
    listed = [p for p in content.publications if p.visible(phase)]
    result = Portal(committees=_committee_list(content, listed))
    for publication in listed:
        _add_meeting(result, content, publication)
    return result


def publication_id(publication: Publication) -> str:
    """The publication's GUID: another file, or another day, is another publication."""
    return _guid(publication, "meeting")


def _guid(publication: Publication, part: str) -> str:
    return str(uuid5(NAMESPACE, f"{publication.key}|{publication.starts_at.isoformat()}|{part}"))


def _local_iso(moment: datetime | None, *, fraction: bool = False) -> str | None:
    """ISO with the local offset; `fraction` adds the seven digits of ReleasedDate."""
    if moment is None:
        return None
    text = moment.astimezone(COPENHAGEN).isoformat(timespec="microseconds" if fraction else "seconds")
    return f"{text[:26]}6{text[26:]}" if fraction else text


def _committee_list(content: Content, listed: Sequence[Publication]) -> Json:
    groups: Json = {}
    for key, committee in content.municipality.committees.items():
        mine = sorted((p for p in listed if p.committee == key), key=lambda p: p.starts_at, reverse=True)
        entry = {"Id": _committee_id(key), "Navn": committee.name, "Moeder": [_in_list(p) for p in mine]}
        groups.setdefault(committee.group, []).append(entry)
    return {"Udvalg": groups}


def _committee_id(key: str) -> str:
    return str(uuid5(NAMESPACE, f"committee|{key}"))


def _in_list(publication: Publication) -> Json:
    starts_at = _local_iso(publication.starts_at)
    return {
        "Id": publication_id(publication),
        "MeetingBeginUtc": starts_at,
        "MeetingEndUtc": _local_iso(publication.ends_at),
        "Dato": starts_at,
        "ReleasedDate": _local_iso(publication.released_at, fraction=True),
        "Sted": publication.place,
        "Afsluttet": publication.is_minutes,
        "Navn": publication.kind,
        # The list does not say so even of a supplementary agenda; only the name and the meeting itself do.
        "IsSupplementaryAgenda": False,
        "Moededeltagere": None,
        "Description": None,
        "ElasticSearchResults": None,
        "SourceId": None,
    }


def _add_meeting(result: Portal, content: Content, publication: Publication) -> None:
    committee = content.committee(publication.committee)
    head = _in_list(publication) | {
        "Id": ZERO_GUID,
        "ReleasedDate": None,
        "Description": "",
        "SourceId": str(int(publication_id(publication)[:6], 16)),
        "Moededeltagere": [_member(name, publication) for name in committee.members],
    }
    meeting_id = publication_id(publication)
    result.meetings[meeting_id] = {
        "Dagsordenpunkter": [
            _item(result, content, publication, number, item)
            for number, item in enumerate(publication.items, start=publication.numbered_from)
        ],
        "Udvalg": {
            "Id": _committee_id(publication.committee),
            "OrganisationId": str(uuid5(NAMESPACE, "organisation")),
            "Navn": committee.name,
            "Historisk": "istorisk" in committee.group,
        },
        "Moede": head,
        "TillaegsDagsorden": bool(publication.kind and publication.kind.startswith("Tillæg")),
        "Id": meeting_id,
        "Lydfiler": None,
        "LiveIntegrationEnabled": False,
    }


def _member(name: str, publication: Publication) -> Json:
    absent = name in publication.absent
    first, _, last = name.partition(" ")
    # The real lists hold double blanks between first name and the rest.
    return {"Name": f"{first}  {last}", "Absent": absent, "ParticipationCancelled": absent, "AttendanceType": 0}


def _item(result: Portal, content: Content, publication: Publication, number: int, item: Item) -> Json:
    link, document_id = "", ZERO_GUID
    if item.pdf_only and not item.closed:
        document_id = _guid(publication, f"{number}|document")
        link = f"/Vis/Pdf/bilag/{document_id}"
        result.pdfs[document_id] = _pdf_maker(item.title, item.pdf_only, _footer(content, publication))
    html = "" if item.closed else field_html(item.body, _decisions(content, publication, item), item.raw_html)
    text_field = {"Navn": "", "Html": html, "Tekst": None, "Id": ZERO_GUID, "Link": link, "DocumentId": document_id}
    attachments = [] if item.closed else item.attachments
    return {
        "Lydfiler": None,
        "Ressourcer": None,
        "Felter": [text_field],
        "Presentations": None,
        "ItemDecision": None,
        "SagsNummer": item.case,
        "Navn": item.title,
        "Punktnummer": str(number),
        "Bilag": [
            _attachment(result, content, publication, (number, order, item), attachment)
            for order, attachment in enumerate(attachments)
        ],
        "Documents": None,
        "Id": _guid(publication, f"{number}"),
        "IntegrationUid": ZERO_GUID,
        "CorporationUid": ZERO_GUID,
        "AgendaUid": publication_id(publication),
        "Number": str(number),
        "Sorting": number,
        "IsOpen": not item.closed,
        "CaseNumber": item.case,
        "SourceId": str(int(_guid(publication, f"{number}")[:6], 16)),
        "Caption": item.title,
        "CasePresentationUid": None,
        "ExternalAgendaItemAttendees": [],
    }


def _attachment(
    result: Portal, content: Content, publication: Publication, place: tuple[int, int, Item], attachment: Attachment
) -> Json:
    number, order, item = place
    attachment_id = _guid(publication, f"{number}|{order}|{attachment.title}")
    if attachment.has_pdf:
        text = attachment.text or _cover_sheet(number, item)
        result.pdfs[attachment_id] = _pdf_maker(attachment.title, text, _footer(content, publication))
    # HarPdfVersion is a string in the platform's answers.
    has_pdf = "true" if attachment.has_pdf else "false"
    return {"Id": attachment_id, "Navn": attachment.title, "Order": order, "HarPdfVersion": has_pdf}


def _pdf_maker(title: str, text: str, footer: str) -> Callable[[], bytes]:
    @cache
    def make() -> bytes:
        return make_pdf(title, text, footer)

    return make


def _footer(content: Content, publication: Publication) -> str:
    committee = content.committee(publication.committee)
    return f"{content.municipality.name} · {committee.name}, {date_and_time(publication.starts_at)}"


def _cover_sheet(number: int, item: Item) -> str:
    opening = next((section.text for section in sections(item.body)), "")
    case = f"Sagsnummer {item.case}. " if item.case else ""
    return f"{case}Bilag til punkt {number}: {item.title}\n\n{opening[:COVER_SHEET_CHARACTERS]}"


def _decisions(content: Content, publication: Publication, item: Item) -> list[Section]:
    """Earlier committees' decisions first, then this meeting's own."""
    committee_of = {p.meeting: p.committee for p in content.publications}
    found = [
        Section(_decision_heading(content, committee_of[e.meeting], content.meeting_days[e.meeting]), e.text)
        for e in item.earlier
    ]
    if item.decision and publication.is_minutes:
        bare = content.committee(publication.committee).bare_decision
        heading = _decision_heading(content, publication.committee, publication.starts_at.date())
        found.append(Section("Beslutning" if bare else heading, item.decision))
    return found


def _decision_heading(content: Content, committee_key: str, day: date) -> str:
    return f"Beslutning i {content.committee(committee_key).spoken_name} den {short_date(day)}"
