"""Ringkøbing-Skjern: eDoc in Dynamicweb, www.rksk.dk.

The council has a list of its own; the other committees' lists hang under a page of committees. Any meeting is read at
one address with its AgendaID. Sections are told by bold words. The charset is missing (UTF-8), and pages weigh up to
4 MB because images stand in them as base64.

2026-11 first version, from format notes; not yet run against the live site.
"""

import re
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from crawler.danish_time import clock_known, read_danish
from crawler.freshness import first_and_last
from crawler.item_parts import split_number
from crawler.items import ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_items import ItemPart, MeetingPage, read_items
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised
from crawler.sections import Occasion, parts_at
from crawler.web_page import attribute, own_address, page_or_problem, read_page, seen, text_at

MEETING = "/om-kommunen/byraad/dagsorden-og-referat"
COUNCIL = "/om-kommunen/byraad{}/dagsorden-og-referat"
COMMITTEES = "/om-kommunen/politiske-udvalg{}"
# The lists of an earlier election period move to addresses that end in its years.
EARLIER = {2025: "-2022-2025"}
_ROWS = "tr.agenda--tr"
_ONCLICK = re.compile(r"top\.location(?:\.href)?\s*=\s*['\"]([^'\"]+)")
_LIST_PAGE = re.compile(r"/dagsorden(?:er)?-(?:og-)?referat(?:er)?/?$", re.IGNORECASE)
# Printing one item or all of them, beside the papers.
_PRINT = re.compile(r"^(?:print|hent hele (?:referat|dagsorden)\w*|hent (?:referat|dagsorden)\w*)$", re.IGNORECASE)


class RingkoebingSkjern(Platform):
    """Adapter for www.rksk.dk."""

    name: ClassVar[str] = "rksk"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:www\.)?rksk\.dk$",)

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The council's list."""
        rows = read_page(await fetch.get(COUNCIL.format(""))).select(_ROWS)
        return Recognised(f"{len(rows)} rækker ({_ROWS}) på {COUNCIL.format('')}") if rows else None

    async def read_list(self) -> MeetingList:
        """The council's meetings and those of every committee."""
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        async for page, path in self._lists(problems):
            rows = page.select(_ROWS)
            if not rows:
                problems.append(f"{path} viser ingen møder ({_ROWS}): {seen(page)}")
            for row in rows:
                listed = _listed(row, self.site.base_url)
                if isinstance(listed, ListedMeeting):
                    meetings[listed.platform_id] = listed
                elif listed:
                    problems.append(listed)
        if not meetings:
            raise BadAnswer(f"Ingen møder på nogen liste. {' '.join(problems)}"[:1000])
        return MeetingList(meetings=tuple(meetings.values()), whole=False, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page."""
        address = f"{MEETING}?AgendaID={listed.platform_id}"
        page = read_page(await self.fetch.get(address))
        cards = page.select("div.agenda--card.agenda--item")
        if listed.starts_at is None or not cards:
            raise BadAnswer(f"Mødet har ingen punkter (agenda--item): {seen(page)}")
        url = f"{self.site.base_url}{address}"
        for link in page.select("a[href]"):
            if _PRINT.match(clean_text(link.get_text(" "))):
                link.extract()
        occasion = Occasion(listed.committee_name, listed.starts_at.date(), is_minutes=listed.stage == "minutes")
        items = read_items([_part(card) for card in cards], MeetingPage(url, self.site.base_url, headings=()), occasion)
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=listed.starts_at,
            time_known=clock_known(listed.starts_at),
            stage=listed.stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=items,
        )

    async def _lists(self, problems: list[str]) -> AsyncIterator[tuple[BeautifulSoup, str]]:
        """Every page with a list, and its path; of earlier periods too if the window reaches back to them."""
        since, _ = first_and_last(self.site.window)
        for ending in ["", *(ending for last_year, ending in EARLIER.items() if since.year <= last_year)]:
            council, committees = COUNCIL.format(ending), COMMITTEES.format(ending)
            page = await page_or_problem(self.fetch.get(council), council, problems)
            if page:
                yield page, council
            overview = await page_or_problem(self.fetch.get(committees), committees, problems)
            links = self._below(overview, committees) if overview else []
            if overview and not links:
                problems.append(f"{committees} henviser ikke til noget udvalg: {seen(overview)}")
            for committee in links:
                path, page = committee, await page_or_problem(self.fetch.get(committee), committee, problems)
                # The link may lead to the committee's own page, with its list one step further on.
                further = [one for one in self._below(page, path) if _LIST_PAGE.search(one)] if page else []
                if page and further and not page.select(_ROWS):
                    path, page = further[0], await page_or_problem(self.fetch.get(further[0]), further[0], problems)
                if page:
                    yield page, path

    def _below(self, page: BeautifulSoup, path: str) -> list[str]:
        """The paths right under ``path`` that a page links to, but for those of bodies that have ended ("ref-")."""
        found: dict[str, str] = {}
        for link in page.select("a[href]"):
            own = urlsplit(own_address(attribute(link, "href"), self.site.base_url) or "").path.rstrip("/")
            rest = own.removeprefix(f"{path}/")
            if own != rest and rest and not rest.startswith("ref-"):
                # A list page of its own is asked for rather than the committee's page above it.
                committee = rest.partition("/")[0]
                if committee not in found or _LIST_PAGE.search(own):
                    found[committee] = own
        return list(found.values())


def _listed(row: Tag, base_url: str) -> ListedMeeting | str:
    """The row, a sentence on what is wrong with it, or nothing for a row of headings."""
    cells = [clean_text(cell.get_text(" ")) for cell in row.select("td")]
    if not cells:
        return ""
    clicked = _ONCLICK.search(attribute(row, "onclick"))
    hrefs = [attribute(link, "href") for link in row.select("a[href]")] + ([clicked[1]] if clicked else [])
    ids = [one for href in hrefs if (one := _agenda_id(href, base_url))]
    dated = next(((place, begin) for place, cell in enumerate(cells) if (begin := read_danish(cell))), None)
    kind = next((cell for cell in reversed(cells) if cell.casefold().startswith(("referat", "dagsorden"))), "")
    committee = cells[dated[0] + 1] if dated and dated[0] + 1 < len(cells) else ""
    if not ids or dated is None or not kind or not committee or committee == kind:
        return f"En række i en liste mangler AgendaID, dato, udvalg eller art: {' | '.join(cells)[:150]}"
    stage: Stage = "minutes" if kind.casefold().startswith("referat") else "agenda"
    begin = dated[1]
    return ListedMeeting(
        platform_id=ids[0],
        committee_name=committee,
        name=kind,
        stage=stage,
        starts_at=begin.at,
        fingerprint=f"{kind}|{begin.at.isoformat()}",
    )


def _agenda_id(href: str, base_url: str) -> str:
    query = parse_qs(urlsplit(own_address(href, base_url) or "").query)
    found = next((values[0] for name, values in query.items() if name.casefold() == "agendaid"), "")
    return found if found.isascii() and found.isdecimal() else ""


def _part(card: Tag) -> ItemPart:
    """An item's card: h2 "N : Titel", and below it the rest."""
    guid, heading = attribute(card, "id"), text_at(card, "h2")
    title = card.select_one("h2")
    below = parts_at(card, [title])[0][1] if title else [*card.contents]
    number, name = split_number(heading)
    return ItemPart(number, name, below, anchor=guid, platform_id=guid)
