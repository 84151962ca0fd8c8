"""FirstAgenda Publication: 88 of the 98 municipalities (state of knowledge October 2026).

The site's own page asks a JSON API behind an anonymous cookie: GET / sets it; without it the API answers 302.
``udvalgsliste`` gives all committees with all their meetings in one answer; ``dagsorden/{id}`` gives one publication.
No ETag or Last-Modified: ``ReleasedDate`` in the list is the best sign that something changed.

``apiVersion`` is asked for when a site is checked (by a person, or at night because it has gone quiet), not at each
visit: that would double what a quiet sweep asks, and a new form of the answers fails there with what was seen.

2026-11 first version, from saved responses; not yet run against a live site.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from crawler.danish_time import Moment, read_moment
from crawler.items import Attachment, Item, ListedMeeting, Meeting, MeetingList, Section, Stage
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised, ServerError, Trouble
from crawler.sections import Occasion, split_sections

if TYPE_CHECKING:
    from scrapy.http import Response

Json = Mapping[str, Any]

NO_ID = "00000000-0000-0000-0000-000000000000"
LIST = "/api/agenda/udvalgsliste"
MEETING = "/api/agenda/dagsorden/"
VERSION = "/api/agenda/apiVersion"
# What all sites that were asked answered (May 2026).
KNOWN_VERSION = "1"
# The cookie page may send a visitor round once or twice before it is content.
COOKIE_REDIRECTS = 3
LONGEST_ID = 100
# What a database's integer holds.
LARGEST_SORTING = 2**31 - 1
CASE_DOCUMENT = "Sagsfremstilling (PDF)"
MINUTES_DOCUMENT = "Punktet i referatet (PDF)"
_HEADERS = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}


class FirstAgenda(Platform):
    """Adapter for FirstAgenda Publication."""

    name: ClassVar[str] = "firstagenda"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:dagsorden(?:er)?|dagsordner|udvalg|dagsordener-(?:og-)?referater)\.",)
    # True from a renewed cookie until data comes: a portal in trouble is not asked for a new one at every meeting.
    _cookie_renewed = False

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The cookie page and the list behind it."""
        await fetch.get("/", redirects=COOKIE_REDIRECTS)
        answer = await fetch.get(LIST, headers=_HEADERS)
        try:
            groups = json.loads(answer.body).get("Udvalg")
        except (ValueError, RecursionError, AttributeError):
            return None
        if not isinstance(groups, dict):
            return None
        return Recognised(f"{len(groups)} grupper af udvalg fra {LIST}, {await _version(fetch)}")

    async def read_list(self) -> MeetingList:
        """All meetings of all committees, groups and periods."""
        self.fetch.cookies.update(self.site.memory)
        if not self.fetch.cookies:
            await self._sign_in()
        answer = await self._api(LIST)
        groups = answer.get("Udvalg")
        if not isinstance(groups, dict):
            raise BadAnswer(f"Listen over udvalg har en ukendt form: feltet Udvalg er {_seen(groups)}.")
        meetings: list[ListedMeeting] = []
        problems: list[str] = []
        for group, committee, line in _lines(groups, problems):
            listed = _listed(group, committee, line)
            if isinstance(listed, ListedMeeting):
                meetings.append(listed)
            else:
                problems.append(listed)
        unique = {meeting.platform_id: meeting for meeting in meetings}
        return MeetingList(meetings=tuple(unique.values()), problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """One publication."""
        try:
            answer = await self._api(MEETING + quote(listed.platform_id, safe=""))
        except ServerError as error:
            raise BadAnswer(
                "Siden kan ikke vise mødet (HTTP 500). "
                "Sådan svarer den, når et møde er trukket tilbage eller udgivet på ny."
            ) from error
        head, committee = _object(answer, "Moede"), _object(answer, "Udvalg")
        points = answer.get("Dagsordenpunkter")
        if not isinstance(points, list):
            raise BadAnswer(f"Mødet har en ukendt form: feltet Dagsordenpunkter er {_seen(points)}.")
        if not points:
            raise BadAnswer("Mødet har ingen punkter: listen Dagsordenpunkter er tom.")
        begin = _begin(head) or (Moment(listed.starts_at) if listed.starts_at else None)
        if begin is None:
            raise BadAnswer(
                f"Mødet har intet brugbart tidspunkt: feltet MeetingBeginUtc er {_seen(_time_field(head))}."
            )
        name = clean_text(committee.get("Navn")) or listed.committee_name
        stage = _stage_of_answer(answer, head, listed.stage)
        occasion = Occasion(name, begin.at.date(), is_minutes=stage == "minutes")
        ends = read_moment(head.get("MeetingEndUtc"))
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=name,
            committee_platform_id=_id(committee) or listed.committee_platform_id,
            group_name=listed.group_name,
            starts_at=begin.at,
            ends_at=ends.at if ends else None,
            time_known=begin.time_known,
            place=clean_text(head.get("Sted")),
            stage=stage,
            url=f"{self.site.base_url}/vis?id={quote(listed.platform_id, safe='')}",
            fingerprint=listed.fingerprint,
            items=await self.apart(read_points, points, listed.platform_id, occasion, self.site.base_url),
        )

    def memory(self) -> dict[str, str]:
        """The anonymous session's cookies."""
        return dict(self.fetch.cookies)

    # The API and its cookie

    async def _sign_in(self) -> None:
        self.fetch.cookies.clear()
        await self.fetch.get("/", redirects=COOKIE_REDIRECTS)

    async def _api(self, path: str) -> Json:
        """A JSON object of the API; 302 or a page instead means that the cookie is no longer valid: get one, once."""
        answer = await self._ask(path)
        if not _is_json(answer) and not self._cookie_renewed:
            self._cookie_renewed = True
            await self._sign_in()
            answer = await self._ask(path)
        if not _is_json(answer):
            raise BadAnswer(f"API'et svarer ikke med data, heller ikke med en ny cookie: {_what_came(answer)}.")
        self._cookie_renewed = False
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"API'et svarer med ødelagt JSON ({len(answer.body)} byte): {error}.") from error
        if not isinstance(data, dict):
            raise BadAnswer(f"API'et svarer med en ukendt form: {_seen(data)} i stedet for et objekt.")
        return data

    async def _ask(self, path: str) -> Response:
        referer = {"Referer": f"{self.site.base_url}/"}
        return await self.fetch.get(path, headers=_HEADERS | referer, accept=(200, 301, 302, 303, 307))


async def _version(fetch: Fetch) -> str:
    try:
        said = clean_text((await fetch.get(VERSION, headers=_HEADERS)).body.decode("utf-8", "replace"))[:40].strip('"')
    except Trouble:
        return "uden oplyst version af API'et"
    if said == KNOWN_VERSION:
        return f"version {said} af API'et"
    return f"version »{said}« af API'et, som læseren ikke kender: den er skrevet til version {KNOWN_VERSION}"


def _lines(groups: Json, problems: list[str]) -> Iterator[tuple[str, Json, Json]]:
    """(group, committee, meeting) of every line, in the list's order; what has no such form goes to ``problems``."""
    for group, committees in groups.items():
        if not isinstance(committees, list):
            problems.append(f"Gruppen {clean_text(group)!r} i listen har en ukendt form: {_seen(committees)}.")
            continue
        for committee in committees:
            if not isinstance(committee, dict):
                problems.append(f"Et udvalg i gruppen {clean_text(group)!r} har en ukendt form: {_seen(committee)}.")
                continue
            for line in committee.get("Moeder") or []:
                if isinstance(line, dict):
                    yield clean_text(group), committee, line
                else:
                    problems.append(f"Et møde i {clean_text(committee.get('Navn'))} har en ukendt form: {_seen(line)}.")


def _listed(group: str, committee: Json, line: Json) -> ListedMeeting | str:
    """The line as a record, or what is wrong with it."""
    name, begin, released = clean_text(line.get("Navn")), _begin(line), read_moment(line.get("ReleasedDate"))
    body = clean_text(committee.get("Navn"))
    if not 0 < len(_id(line)) <= LONGEST_ID:
        return f"Et møde i {body or 'et udvalg uden navn'} har intet brugbart Id."
    if not body:
        return f"Mødet {_id(line)} hører til et udvalg uden navn."
    return ListedMeeting(
        platform_id=_id(line),
        committee_name=body,
        committee_platform_id=_id(committee),
        group_name=group,
        name=name,
        stage=_stage(
            name, is_over=line.get("Afsluttet") is True, is_supplement=line.get("IsSupplementaryAgenda") is True
        ),
        starts_at=begin.at if begin else None,
        released_at=released.at if released else None,
        # The start is part of it, so that a meeting that is moved is read again.
        fingerprint="|".join(
            clean_text(part) for part in (line.get("ReleasedDate"), line.get("Navn"), _time_field(line))
        ),
    )


def _stage(name: str, *, is_over: bool, is_supplement: bool) -> Stage:
    """The name is free text ("Lukket referat", "Referat 1. behandling budget"), the flags are not always set."""
    words = name.casefold().removeprefix("lukket ").removeprefix("åbent ").removeprefix("åben ").strip()
    if words.startswith(("referat", "tillægsreferat", "beslutningsreferat", "protokol", "beslutningsprotokol")):
        return "minutes"
    if words.startswith("tillæg") or (is_supplement and not is_over):
        return "supplementary"
    if words.startswith("dagsorden"):
        return "agenda"
    return "minutes" if is_over else "agenda"


def _stage_of_answer(answer: Json, head: Json, listed: Stage) -> Stage:
    supplement = answer.get("TillaegsDagsorden") is True or head.get("IsSupplementaryAgenda") is True
    return "supplementary" if supplement and listed == "agenda" else listed


def _begin(meeting: Json) -> Moment | None:
    return read_moment(meeting.get("MeetingBeginUtc")) or read_moment(meeting.get("Dato"))


def _time_field(meeting: Json) -> object:
    return meeting.get("MeetingBeginUtc") or meeting.get("Dato")


# The items of an agenda


def read_points(points: list[Any], meeting: str, occasion: Occasion, base_url: str) -> tuple[Item, ...]:
    """The items of the publication with the id ``meeting``, from what the API says of them. Raises ``BadAnswer``."""
    return tuple(_item(point, place, meeting, occasion, base_url) for place, point in enumerate(points, start=1))


def _item(point: object, place: int, meeting: str, occasion: Occasion, base_url: str) -> Item:
    if not isinstance(point, dict):
        raise BadAnswer(f"Punkt nr. {place} på listen har en ukendt form: {_seen(point)}.")
    item_id = _id(point)
    if not item_id:
        raise BadAnswer(f"Punkt nr. {place} på listen har intet Id.")
    number = clean_text(point.get("Number")) or clean_text(point.get("Punktnummer"))
    sorting = point.get("Sorting")
    is_open = point.get("IsOpen") is not False
    title = clean_text(point.get("Navn")) or clean_text(point.get("Caption"))
    url = f"{base_url}/vis?id={quote(meeting, safe='')}&punktid={quote(item_id, safe='')}"
    sections = _sections(point, occasion, base_url)
    return Item(
        platform_id=item_id,
        number=number,
        sorting=sorting if isinstance(sorting, int) and abs(sorting) <= LARGEST_SORTING else place,
        title=title or _untitled(number or str(place), is_open=is_open),
        url=url,
        case_number=clean_text(point.get("SagsNummer")) or clean_text(point.get("CaseNumber")),
        is_open=is_open,
        sections=tuple(sections),
        attachments=(
            *_case_documents(point, sections, occasion, base_url),
            *_attachments(point, url, base_url),
        ),
    )


def _sections(point: Json, occasion: Occasion, base_url: str) -> list[Section]:
    found: list[Section] = []
    for field in _objects(point.get("Felter")):
        html = field.get("Html") or field.get("Tekst")
        if isinstance(html, str) and html:
            found += split_sections(
                html, container="#sagsfremstillingContainer", heading="h3", occasion=occasion, base_url=base_url
            )
    return found


def _case_documents(point: Json, sections: list[Section], occasion: Occasion, base_url: str) -> Iterator[Attachment]:
    """Where the container is empty but for a decision, the text stands in the case document only; and where even the
    minutes' is empty, the decision stands in the item's own PDF.
    """
    if any(section.text and section.kind != "decision" for section in sections):
        return
    documents = [clean_text(field.get("DocumentId")) for field in _objects(point.get("Felter"))]
    documents = [one for one in documents if one and one != NO_ID]
    for document in documents:
        yield Attachment(platform_id=document, title=CASE_DOCUMENT, url=_paper(base_url, document))
    if documents and occasion.is_minutes and not any(section.own_decision for section in sections):
        item = quote(_id(point), safe="")
        url = f"{base_url}/vis/pdf/dagsordenpunkt/{item}?redirectDirectlyToPdf=false"
        yield Attachment(platform_id=item, title=MINUTES_DOCUMENT, url=url)


def _attachments(point: Json, item_url: str, base_url: str) -> list[Attachment]:
    papers = _objects(point.get("Bilag"))
    papers.sort(key=lambda paper: paper["Order"] if isinstance(paper.get("Order"), int) else len(papers))
    return [
        Attachment(
            platform_id=_id(paper),
            title=clean_text(paper.get("Navn")) or "Bilag uden titel",
            # Without an id of its own, the paper is reached through its item's page.
            url=_paper(base_url, _id(paper)) if _id(paper) else item_url,
            has_pdf=bool(_id(paper)) and str(paper.get("HarPdfVersion")).casefold() == "true",
        )
        for paper in papers
    ]


def _paper(base_url: str, document: str) -> str:
    return f"{base_url}/vis/pdf/bilag/{quote(document, safe='')}/?redirectDirectlyToPdf=false"


def _id(record: Json) -> str:
    """The record's id; empty for none and for the zero GUID, which means none."""
    found = clean_text(record.get("Id"))
    return "" if found == NO_ID else found


def _object(answer: Json, key: str) -> Json:
    value = answer.get(key)
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _untitled(number: str, *, is_open: bool) -> str:
    return f"Punkt {number} (uden titel)" if is_open else f"Punkt {number} (lukket)"


def _is_json(answer: Response) -> bool:
    return answer.status == 200 and answer.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[", b"")  # noqa: PLR2004


def _what_came(answer: Response) -> str:
    if answer.status != 200:  # noqa: PLR2004
        return f"HTTP {answer.status} til {(answer.headers.get('Location') or b'?').decode('latin-1')[:200]}"
    text = clean_text(getattr(answer, "text", ""))
    if "Der opstod en fejl" in text:
        return "en side med teksten »Der opstod en fejl«"
    return f"HTTP 200 med {text[:120]!r}"


def _seen(value: object) -> str:
    """What stood there instead, in few words."""
    if value is None:
        return "tomt eller mangler"
    return f"{clean_text(value)[:60]!r}"
