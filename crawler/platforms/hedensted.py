"""Hedensted: SBSYS agendas as a module of the municipality's Umbraco site, www.hedensted.dk.

The overview links to a page for each committee. That page holds three data attributes with which its list of meetings
is asked for; with any of them missing the answer is 400. The list id follows the election period ("2026UKlima"), so
it is read anew each time. The date stands in the path of a meeting, its clock time, if anywhere, on its page.

2026-11 first version, from format notes; not yet run against the live site.
"""

import re
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from crawler.danish_time import Moment, clock_known, read_danish
from crawler.item_parts import split_number
from crawler.items import ListedMeeting, Meeting, MeetingList
from crawler.page_items import ItemPart, MeetingPage, read_either
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised
from crawler.sections import Occasion, parts_at
from crawler.web_page import attribute, own_address, page_or_problem, read_page, seen

OVERVIEW = "/politik-og-indflydelse/kommunalbestyrelse-og-udvalg/dagsordener-og-referater"
LIST = "/surface/AgendaSurface/GetAgendaList?"
# The question's names for the page's attributes.
PARAMETERS = {"folderId": "data-listid", "pageUrl": "data-pageurl", "elementId": "data-elementid"}
_COMMITTEE_PAGE = re.compile(r"-dagsordener-og-referater/?$")
_FIELD = r"{}:\s*([^\n]+)"


class Hedensted(Platform):
    """Adapter for www.hedensted.dk."""

    name: ClassVar[str] = "hedensted"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:www\.)?hedensted\.dk$",)
    minutes_listed: ClassVar[bool] = False

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The overview of committees."""
        links = [attribute(link, "href") for link in read_page(await fetch.get(OVERVIEW)).select("a[href]")]
        committees = {href for href in links if _COMMITTEE_PAGE.search(href)}
        return Recognised(f"{len(committees)} udvalgssider (…-dagsordener-og-referater)") if committees else None

    async def read_list(self) -> MeetingList:
        """The meetings of every committee on the overview."""
        page = read_page(await self.fetch.get(OVERVIEW))
        committees = {
            path: clean_text(link.get_text(" "))
            for link in page.select("a[href]")
            if _COMMITTEE_PAGE.search(urlsplit(path := self._path(link)).path)
        }
        if not committees:
            raise BadAnswer(f"Oversigten henviser ikke til noget udvalg (…-dagsordener-og-referater): {seen(page)}")
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        for path, committee in committees.items():
            for listed in await self._committee(path, committee, problems):
                meetings[listed.platform_id] = listed
        if not meetings:
            raise BadAnswer(f"Ingen møder i noget af de {len(committees)} udvalg. {' '.join(problems)}"[:1000])
        return MeetingList(meetings=tuple(meetings.values()), whole=not problems, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page."""
        page = read_page(await self.fetch.get(listed.address))
        headings = [tag for tag in page.find_all("h2") if split_number(clean_text(tag.get_text(" ")))[0]]
        if not headings:
            raise BadAnswer(f"Mødet har ingen punkter (h2 »N. Titel«): {seen(page)}")
        begin = _begin(page, listed)
        url = f"{self.site.base_url}{listed.address}"
        stage, items = read_either(
            [ItemPart(*split_number(clean_text(tag.get_text(" "))), nodes) for tag, nodes in parts_at(page, headings)],
            MeetingPage(url, self.site.base_url, headings=("h3", "h4")),
            Occasion(listed.committee_name, begin.at.date(), is_minutes=False),
        )
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            committee_platform_id=listed.committee_platform_id,
            starts_at=begin.at,
            time_known=begin.time_known,
            place=_field(page, "Mødested"),
            stage=stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=items,
        )

    async def _committee(self, path: str, committee: str, problems: list[str]) -> list[ListedMeeting]:
        page = await page_or_problem(self.fetch.get(path), path, problems)
        if page is None:
            return []
        holder = page.select_one("[data-listid]") or page.select_one("[data-pageurl], [data-elementid]")
        asked = {name: attribute(holder, data) if holder else "" for name, data in PARAMETERS.items()}
        missing = [PARAMETERS[name] for name, value in asked.items() if not value]
        if missing:
            problems.append(
                f"Siden for {committee} mangler {', '.join(missing)}, så dens møder kan ikke hentes: {seen(page)}"
            )
            return []
        fragment = await page_or_problem(self.fetch.get(LIST + urlencode(asked)), f"Listen for {committee}", problems)
        links = fragment.select("a.list__link[href]") if fragment else []
        if fragment and not links:
            problems.append(f"{committee} viser ingen møder (a.list__link): {seen(fragment)}")
        lines = [_listed(link, path, committee, self.site.base_url) for link in links]
        problems += [line for line in lines if isinstance(line, str)]
        return [line for line in lines if isinstance(line, ListedMeeting)]

    def _path(self, link: Tag) -> str:
        return (own_address(attribute(link, "href"), self.site.base_url) or "").removeprefix(self.site.base_url)


def _listed(link: Tag, committee_path: str, committee: str, base_url: str) -> ListedMeeting | str:
    """The list's line, or a sentence on what is wrong with it."""
    # Links may be relative to the committee's page: "?agenda=…".
    address = own_address(attribute(link, "href"), base_url, f"{base_url}{committee_path}") or ""
    agenda = (parse_qs(urlsplit(address).query).get("agenda") or [""])[0]
    folder, _, day = agenda.removeprefix("/dagsorden/").strip("/").rpartition("/")
    begin = read_danish(day)
    if begin is None or not folder:
        return f"Et møde i {committee} har en ukendt adresse: {attribute(link, 'href')[:150]}"
    return ListedMeeting(
        platform_id=f"{folder}/{day}",
        committee_name=committee,
        committee_platform_id=folder,
        name=clean_text(link.get_text(" ")),
        stage="agenda",
        starts_at=begin.at,
        # Whether the minutes have come shows on the page only.
        fingerprint=clean_text(link.get_text(" ")),
        address=address.removeprefix(base_url),
    )


def _begin(page: BeautifulSoup, listed: ListedMeeting) -> Moment:
    """The start from "Mødedato: 26. november 2025 16:00"; the clock time may be missing."""
    said = _field(page, "Mødedato")
    found = read_danish(said)
    if listed.starts_at is None or (found and found.at.date() != listed.starts_at.date()):
        raise BadAnswer(f"Sidens mødedato er en anden end listens: »{said}«")
    return found or Moment(listed.starts_at, time_known=clock_known(listed.starts_at))


def _field(page: BeautifulSoup, label: str) -> str:
    found = re.search(_FIELD.format(label), page.get_text("\n"))
    return clean_text(found[1] if found else "")
