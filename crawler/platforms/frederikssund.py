"""Frederikssund: the municipality's own pages, www.frederikssund.dk.

A page of committees, a page for each committee and year, a page for each meeting; the agenda and the minutes of one
meeting have one address but for its last word, and the minutes are read when both are there. Committees whose slug
starts with "udvalg-" are those of an earlier period. The decision stands before the presentation of the case.

2026-11 first version, from format notes; not yet run against the live site.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from bs4 import BeautifulSoup
from bs4.element import Tag

from config.clock import now
from crawler.danish_time import clock_known, read_danish
from crawler.freshness import years
from crawler.items import ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_items import ItemPart, MeetingPage, read_items
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised
from crawler.sections import Occasion, parts_at
from crawler.web_page import attribute, own_address, page_or_problem, read_page, seen

COMMITTEES = "/Politik/Dagsordener-og-referater"
EARLIER_PERIOD = "udvalg-"
_SLUG = re.compile(rf"^{COMMITTEES}/(?P<slug>[^/?#]+)/?$", re.IGNORECASE)
_MEETING = re.compile(
    rf"^{COMMITTEES}/(?P<slug>[^/]+)/(?P<when>\d{{4}}-\d\d-\d\d(?:_\d\d-\d\d)?)/(?P<kind>dagsorden|referat)/?$",
    re.IGNORECASE,
)
# "Social- og Sundhedsudvalgets møde den 14. januar 2026"
_TITLE = re.compile(r"^(?P<committee>.+?)s\s+møde\s+den\s+\d", re.IGNORECASE)
_BLOCK = re.compile(r"^item-")
_HEADINGS = ["h1", "h2", "h3", "h4", "button", "a"]
_CLOCK = re.compile(r",?\s*(?:kl\.?|klokken)\s*\d{1,2}[.:]\d\d.*$", re.IGNORECASE)


class Frederikssund(Platform):
    """Adapter for www.frederikssund.dk."""

    name: ClassVar[str] = "frederikssund"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:www\.)?frederikssund\.dk$",)

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The page of committees."""
        links = [attribute(link, "href") for link in read_page(await fetch.get(COMMITTEES)).select("a[href]")]
        committees = {href for href in links if _SLUG.match(href)}
        return Recognised(f"{len(committees)} udvalg under {COMMITTEES}/") if committees else None

    async def read_list(self) -> MeetingList:
        """The meetings of every committee in the years of the window."""
        page = read_page(await self.fetch.get(COMMITTEES))
        committees = {
            found["slug"]: clean_text(link.get_text(" "))
            for link in page.select("a[href]")
            if (found := _SLUG.match(self._path(link))) and not found["slug"].casefold().startswith(EARLIER_PERIOD)
        }
        if not committees:
            raise BadAnswer(f"Siden med udvalg henviser ikke til noget udvalg ({COMMITTEES}/…): {seen(page)}")
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        for slug, committee in committees.items():
            found_any = False
            # Next year's meetings are not known to have a page of their own yet.
            for year in [year for year in years(self.site.window) if year <= now().year]:
                path = f"{COMMITTEES}/{slug}" + ("" if year == now().year else f"?year={year}")
                of_year = await page_or_problem(self.fetch.get(path), path, problems)
                for listed in self._listed(of_year, slug, committee) if of_year else ():
                    found_any = True
                    # Of one meeting the minutes, whichever comes first on the page.
                    if listed.stage == "minutes" or listed.platform_id not in meetings:
                        meetings[listed.platform_id] = listed
            if not found_any:
                problems.append(f"{committee or slug} viser ingen møder.")
        if not meetings:
            raise BadAnswer(f"Ingen møder i noget af de {len(committees)} udvalg. {' '.join(problems)}"[:1000])
        return MeetingList(meetings=tuple(meetings.values()), whole=False, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page."""
        page = read_page(await self.fetch.get(listed.address))
        title = next((text for tag in page.select("h1, h2") if _TITLE.match(text := clean_text(tag.get_text(" ")))), "")
        if listed.starts_at is None or not title:
            raise BadAnswer(f"Siden har ingen titel som »Byrådets møde den 1. januar 2026«: {seen(page)}")
        dated = read_danish(title)
        if dated is None or dated.at.date() != listed.starts_at.date():
            raise BadAnswer(f"Sidens dato er en anden end listens {listed.starts_at:%d-%m-%Y}: »{title}«")
        url = f"{self.site.base_url}{listed.address}"
        parts = _parts(page)
        if not parts:
            raise BadAnswer(f"Mødet har ingen punkter (span.no): {seen(page)}")
        occasion = Occasion(listed.committee_name, listed.starts_at.date(), is_minutes=listed.stage == "minutes")
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            committee_platform_id=listed.committee_platform_id,
            starts_at=listed.starts_at,
            time_known=clock_known(listed.starts_at),
            place=_place(page, title),
            stage=listed.stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=read_items(parts, MeetingPage(url, self.site.base_url, headings=("h3", "h4")), occasion),
        )

    def _listed(self, page: BeautifulSoup, slug: str, committee: str) -> Iterator[ListedMeeting]:
        for link in page.select("a[href]"):
            path = self._path(link)
            found = _MEETING.match(path)
            begin = read_danish(found["when"]) if found else None
            if found is None or begin is None or found["slug"].casefold() != slug.casefold():
                continue
            stage: Stage = "minutes" if found["kind"].casefold() == "referat" else "agenda"
            yield ListedMeeting(
                platform_id=f"{slug}/{found['when']}",
                committee_name=committee or slug,
                committee_platform_id=slug,
                name="Referat" if stage == "minutes" else "Dagsorden",
                stage=stage,
                starts_at=begin.at,
                fingerprint=stage,
                address=path,
            )

    def _path(self, link: Tag) -> str:
        return (own_address(attribute(link, "href"), self.site.base_url) or "").removeprefix(self.site.base_url)


def _parts(page: BeautifulSoup) -> list[ItemPart]:
    """Each item: span.no with its number, the span after it with its title, and the rest of its block."""
    heads: list[tuple[str, str]] = []
    blocks: list[Tag] = []
    for number in page.select("span.no"):
        title = number.find_next_sibling("span")
        heads.append((clean_text(number.get_text(" ")).rstrip(".: "), clean_text(title.get_text(" ")) if title else ""))
        block = number.find_parent(id=_BLOCK)
        blocks.append(block or number)
        # What is left of the block is the item's text.
        for part in (title, block and (number.find_parent(_HEADINGS) or number)):
            if part is not None:
                part.extract()
    return [
        ItemPart(number, title, [block, *below] if block.name != "span" else below, anchor=f"item-{number}")
        for (number, title), (block, below) in zip(heads, parts_at(page, blocks), strict=True)
    ]


def _place(page: BeautifulSoup, title: str) -> str:
    """The line below the title, up to its clock time: "Byrådssalen, kl. 17:00"."""
    lines = [clean_text(line) for line in page.get_text("\n").split("\n")]
    after = [line for line in lines[lines.index(title) + 1 :] if line] if title in lines else []
    line = next((line for line in after[:3] if _CLOCK.search(line)), "")
    return _CLOCK.sub("", line).removeprefix("Sted:").strip(" ,:")
