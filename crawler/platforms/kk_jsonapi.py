"""København: kk.dk, a Drupal site whose JSON:API lists agenda items, each with a page of its own.

One paged question covers all committees, Borgerrepræsentationen and the twelve local committees. The site has no
meetings as such: a meeting here is what one committee has on one date. An item stands under /dagsorden/ and again
under /referat/ once decided: they are one item, and the minutes' page is read. Time, place and appendices are only
on the item's page, so it is read in any case; the API's own body fields are therefore not asked for.

2026-11 first version, from format notes and saved pages; not yet run against the live site.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlencode

from bs4 import BeautifulSoup
from bs4.element import Tag

from config.clock import COPENHAGEN, now
from crawler.danish_time import Moment, read_danish
from crawler.freshness import slices
from crawler.item_parts import apart, is_closed, papers, without_marks
from crawler.items import Item, ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised, Trouble
from crawler.sections import Occasion, labelled, sections_of
from crawler.web_page import own_address, read_json, read_page, seen

LIST = "/jsonapi/node/agenda_element"
MOST_PAGES = 200
SLICE_DAYS = 28
# Four weeks that begin in these months may well be without any meeting.
SUMMER = (6, 7)
# So many items of a meeting may be unreadable without the others being lost; more is a fault of the site or of ours.
FEW_UNREAD = 3
_ALIAS = re.compile(r"^/dagsordener-og-referater/([^/]+)/[^/]*\d{8}[^/]*/(dagsorden|referat)/([^/]+)/?$", re.IGNORECASE)
_PLACE = re.compile(r"Mødested:\s*(.+)")
_NOT_BODY = "h1, .btn-appendices, #agenda-element-appendices, .agenda-element-appendix, nav"


@dataclass(frozen=True)
class _Element:
    """An agenda item as listed. ``alias`` is its path, decoded."""

    committee: str
    day: date
    title: str
    alias: str
    number: str
    is_minutes: bool


class Copenhagen(Platform):
    """Adapter for kk.dk."""

    name: ClassVar[str] = "kk_jsonapi"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:www\.)?kk\.dk$",)
    archive_days: ClassVar[int | None] = 28

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._elements: dict[str, list[_Element]] = {}

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The JSON:API's list of agenda items."""
        answer = read_json(await fetch.get(f"{LIST}?{urlencode({'page[limit]': '1'})}"))
        kinds = [record.get("type") for record in answer.get("data") or [] if isinstance(record, dict)]
        return Recognised(f"JSON:API med agenda_element på {LIST}") if "node--agenda_element" in kinds else None

    async def read_list(self) -> MeetingList:
        """The meetings of the window, put together from its items."""
        problems: list[str] = []
        meetings: dict[str, list[_Element]] = defaultdict(list)
        for first, last in slices(self.site.window, SLICE_DAYS):
            found = await self._slice(first, last, problems)
            whole_and_past = last < now().date() and (last - first).days + 1 == SLICE_DAYS
            if not found and whole_and_past and first.month not in SUMMER:
                problems.append(f"Ingen punkter fra {first} til {last}: i fire uger er det næppe rigtigt.")
            for element in found:
                meetings[f"{element.committee}/{element.day}"].append(element)
        if not meetings:
            raise BadAnswer(" ".join(problems) or "Ingen punkter i hele perioden: det er næppe rigtigt.")
        self._elements = {key: _merged(elements) for key, elements in meetings.items()}
        listed = tuple(_listed(key, elements) for key, elements in self._elements.items())
        return MeetingList(meetings=listed, whole=False, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """Every item's page."""
        elements = self._elements[listed.platform_id]
        items: list[Item] = []
        moments: list[Moment] = []
        problems: list[str] = []
        place = ""
        for sorting, element in enumerate(elements, start=1):
            url = f"{self.site.base_url}{quote(element.alias, safe='/')}"
            try:
                page = read_page(await self.fetch.get(quote(element.alias, safe="/")))
                moment = _moment(page, element)
                items.append(_item(page, element, sorting, url))
            except Trouble as trouble:
                problems.append(trouble.reason)
                if trouble.host_fault or len(problems) in {FEW_UNREAD + 1, len(elements)}:
                    raise
                items.append(_unread(element, sorting, url))
                continue
            moments.append(moment)
            found = _PLACE.search(page.get_text("\n"))
            place = place or clean_text(found[1] if found else "")
        begin = next((moment for moment in moments if moment.time_known), moments[0])
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=begin.at,
            time_known=begin.time_known,
            place=place,
            stage=listed.stage,
            url=items[0].url.rpartition("/")[0],
            fingerprint=listed.fingerprint,
            items=apart(items),
            problems=tuple(problems),
        )

    async def _slice(self, first: date, last: date, problems: list[str]) -> list[_Element]:
        found: list[_Element] = []
        address = f"{LIST}?{urlencode(_question(first, last))}"
        for _ in range(MOST_PAGES):
            answer = read_json(await self.fetch.get(address, headers={"Accept": "application/vnd.api+json"}))
            records = answer.get("data")
            if not isinstance(records, list):
                raise BadAnswer(f"JSON:API'et svarer med en ukendt form: {clean_text(answer)[:120]!r}.")
            for record in records:
                element = _element(record)
                found += [element] if isinstance(element, _Element) else []
                problems += [element] if isinstance(element, str) else []
            following = _next(answer)
            if not following:
                return found
            # To be used as given, but only on our own host.
            own = own_address(following, self.site.base_url)
            if own is None:
                raise BadAnswer(f"Næste side af listen ligger på en anden adresse: {following[:200]}")
            address = own
        problems.append(f"Listen fra {first} til {last} har mere end {MOST_PAGES} sider; resten er ikke læst.")
        return found


def _question(first: date, last: date) -> dict[str, str]:
    return {
        "filter[fra][condition][path]": "agenda_meeting_date",
        "filter[fra][condition][operator]": ">=",
        "filter[fra][condition][value]": first.isoformat(),
        "filter[til][condition][path]": "agenda_meeting_date",
        "filter[til][condition][operator]": "<",
        "filter[til][condition][value]": (last + timedelta(days=1)).isoformat(),
        "fields[node--agenda_element]": "title,path,agenda_meeting_date,agenda_element_serial_no",
        "sort": "agenda_meeting_date",
        "page[limit]": "50",
    }


def _next(answer: dict[str, Any]) -> str:
    links = answer.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    address = following.get("href") if isinstance(following, dict) else following
    return address if isinstance(address, str) else ""


def _element(record: object) -> _Element | str:
    """The item, or a sentence on what is wrong with its record."""
    told = record.get("attributes") if isinstance(record, dict) else None
    if not isinstance(told, dict):
        return f"En post i listen har en ukendt form: {clean_text(record)[:100]!r}."
    path = told.get("path")
    alias = unquote(clean_text(path.get("alias"))) if isinstance(path, dict) else ""
    found, title = _ALIAS.match(alias), clean_text(told.get("title"))
    try:
        day = date.fromisoformat(clean_text(told.get("agenda_meeting_date"))[:10])
    except ValueError:
        return f"Punktet {title[:80]!r} har ingen brugbar dato: {clean_text(told.get('agenda_meeting_date'))[:40]!r}."
    if not found or not title:
        return f"Punktet {title[:80]!r} har en ukendt adresse: {alias[:150]!r}."
    number = clean_text(told.get("agenda_element_serial_no")) or found[3].rpartition("-")[2]
    return _Element(clean_text(found[1]), day, title, alias, number, found[2].casefold() == "referat")


def _merged(elements: Sequence[_Element]) -> list[_Element]:
    """Agenda and minutes as one list: of an item in both, the minutes' one. Two items of one title stay two; one whose
    title was put right for the minutes is known by its number.
    """
    chosen: dict[tuple[str, int], _Element] = {}
    times: Counter[tuple[str, bool]] = Counter()
    for element in elements:
        title = element.title.casefold()
        times[title, element.is_minutes] += 1
        key = (title, times[title, element.is_minutes])
        if key not in chosen or element.is_minutes:
            chosen[key] = element
    retitled = {one.number for one in chosen.values() if one.is_minutes and not times[one.title.casefold(), False]}
    chosen = {key: one for key, one in chosen.items() if one.is_minutes or one.number not in retitled}
    return sorted(chosen.values(), key=lambda one: (int(one.number) if one.number.isdecimal() else 10_000, one.alias))


def _listed(key: str, elements: Sequence[_Element]) -> ListedMeeting:
    day, committee = elements[0].day, elements[0].committee
    stage: Stage = "minutes" if any(element.is_minutes for element in elements) else "agenda"
    starts_at = datetime.combine(day, time(0), COPENHAGEN)
    lines = "\n".join(f"{one.alias}\t{one.title}" for one in elements)
    return ListedMeeting(
        platform_id=key,
        committee_name=committee,
        name="Referat" if stage == "minutes" else "Dagsorden",
        stage=stage,
        starts_at=starts_at,
        fingerprint=sha256(lines.encode()).hexdigest()[:32],
    )


def _moment(page: BeautifulSoup, element: _Element) -> Moment:
    moment = read_danish(_after(page, "Mødedato"))
    if moment is None or moment.at.date() != element.day:
        raise BadAnswer(f"Siden for punkt {element.number} har ikke mødets dato efter »Mødedato«: {seen(page)}")
    return moment


def _unread(element: _Element, sorting: int, url: str) -> Item:
    return Item(
        platform_id=element.alias,
        number=element.number,
        sorting=sorting,
        title=element.title,
        url=url,
        is_open=not is_closed(element.title),
        unread=True,
    )


def _item(page: BeautifulSoup, element: _Element, sorting: int, url: str) -> Item:
    body = page.select_one("div.node__content")
    if body is None:
        raise BadAnswer(f"Siden for punkt {element.number} har ingen tekst (div.node__content): {seen(page)}")
    appendices = page.select("#agenda-element-appendices, .agenda-element-appendix")
    attachments = papers([*appendices, body], url)
    for part in body.select(_NOT_BODY):
        part.decompose()
    _drop_head_lines(body)
    occasion = Occasion(element.committee, element.day, is_minutes=element.is_minutes)
    base_url = url.partition("/dagsordener-og-referater")[0]
    sections = sections_of([body], labelled("h2", "h3", "h4"), occasion=occasion, base_url=base_url)
    bare = _unread(element, sorting, url)
    return replace(bare, sections=without_marks(sections), attachments=attachments, unread=False)


def _drop_head_lines(body: Tag) -> None:
    """Time and place are the meeting's, not the item's text."""
    for line in [*body.find_all(string=re.compile(r"^\s*(?:Mødedato|Mødested):"))]:
        block = line.find_parent(["p", "div", "li", "span"])
        value = block.find_next_sibling() if block and clean_text(block.get_text()).endswith(":") else None
        for part in (value, line if block in {body, None} else block):
            if part is not None:
                part.extract()


def _after(page: Tag, label: str) -> str:
    """The text from ``label`` on."""
    return clean_text(page.get_text(" ")).partition(label)[2][:80]
