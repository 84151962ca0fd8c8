"""Aalborg: the municipality's own minutes viewer, apps.aalborgkommune.dk.

Only minutes are published here, so an item shows up after its meeting. The committees' ids are nowhere listed and
change with each constitution of the council: they stand in the catalogue (``options = { committee_ids = [15, …] }``),
and a committee without meetings is a sign that its id is an old one. The links on the lists point at localhost: only
their query is of use. Items have no address of their own.

2026-11 first version, from format notes; not yet run against the live site.
"""

import re
from html import unescape
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from bs4.element import Tag

from crawler.danish_time import clock_known, read_danish
from crawler.item_parts import split_number
from crawler.items import ListedMeeting, Meeting, MeetingList
from crawler.page_items import ItemPart, MeetingPage, read_items
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised
from crawler.sections import Occasion, parts_at
from crawler.web_page import attribute, page_or_problem, read_page, seen

LIST = "/dagsordenreferat/?Id="
MEETING = "/dagsordenreferat/visreferat?"
OPTION = "committee_ids"
# In use in 2026.
PROBED_COMMITTEE = 15
# "Referat for Byrådet 12. februar 2024 kl. 16.00"
_TITLE = re.compile(
    r"^\s*(?:referat|dagsorden)\s+for\s+(?P<committee>.+?)\s+(?:den\s+)?\d{1,2}\.\s*[a-z]+\s+\d{4}", re.IGNORECASE
)


class Aalborg(Platform):
    """Adapter for apps.aalborgkommune.dk."""

    name: ClassVar[str] = "aalborg"
    hosts: ClassVar[tuple[str, ...]] = (r"^apps\.aalborgkommune\.dk$",)

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """A committee's list of minutes. Which ids are in use cannot be asked for."""
        page = read_page(await fetch.get(f"{LIST}{PROBED_COMMITTEE}"))
        links = page.select(".moede-link")
        told = f"{len(links)} møder (moede-link) på {LIST}{PROBED_COMMITTEE}"
        return Recognised(told, {OPTION: [PROBED_COMMITTEE]}) if links else None

    async def read_list(self) -> MeetingList:
        """The minutes of every committee in the catalogue."""
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        for committee_id in self._committee_ids():
            path = f"{LIST}{committee_id}"
            page = await page_or_problem(self.fetch.get(path), path, problems)
            if page is None:
                continue
            links = page.select(".moede-link")
            if not links:
                problems.append(f"Udvalg {committee_id} viser ingen møder; er id'et skiftet? Siden viste {seen(page)}")
            for link in links:
                line = _listed(link, committee_id)
                if isinstance(line, ListedMeeting):
                    meetings[line.platform_id] = line
                else:
                    problems.append(line)
        if not meetings:
            raise BadAnswer("Ingen møder i noget udvalg. " + " ".join(problems))
        return MeetingList(meetings=tuple(meetings.values()), whole=not problems, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The minutes."""
        address = f"{MEETING}{listed.address}"
        page = read_page(await self.fetch.get(address))
        if listed.starts_at is None:
            raise BadAnswer("Mødet har intet brugbart tidspunkt.")
        headings = [tag for tag in page.find_all("h3") if split_number(clean_text(tag.get_text(" ")))[0]]
        parts = [
            ItemPart(*split_number(clean_text(heading.get_text(" "))), nodes)
            for heading, nodes in parts_at(page, headings)
        ]
        url = f"{self.site.base_url}{address}"
        occasion = Occasion(listed.committee_name, listed.starts_at.date(), is_minutes=True)
        items = read_items(parts, MeetingPage(url, self.site.base_url, headings=("h4", "h5")), occasion)
        if not items:
            raise BadAnswer(f"Referatet har ingen punkter (h3 »N. Titel«): {seen(page)}")
        if not any(section.kind == "decision" for item in items for section in item.sections):
            raise BadAnswer(f"Referatet har ingen afsnit med overskriften »Beslutning«: {seen(page)}")
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            committee_platform_id=listed.committee_platform_id,
            starts_at=listed.starts_at,
            time_known=clock_known(listed.starts_at),
            stage="minutes",
            url=url,
            fingerprint=listed.fingerprint,
            items=items,
        )

    def _committee_ids(self) -> list[int]:
        ids = self.site.options.get(OPTION)
        if not isinstance(ids, list) or not ids or not all(isinstance(one, int) for one in ids):
            raise BadAnswer(f"Kataloget siger ikke, hvilke udvalg der skal læses: options.{OPTION} er {ids!r}.")
        return ids


def _listed(link: Tag, committee_id: int) -> ListedMeeting | str:
    """The list's line, or a sentence on what is wrong with it."""
    # The link may sit inside the element; "&" is written "&amp;amp;" now and then.
    holder = link if link.get("href") else link.find("a", href=True) or link
    query = unescape(urlsplit(attribute(holder, "href")).query)
    begin = read_danish(" ".join(parse_qs(query).get("moedetitel", [])))
    title = attribute(link, "title") or attribute(holder, "title") or clean_text(link.get_text(" "))
    named = _TITLE.match(title)
    if begin is None or named is None:
        return f"Et møde i udvalg {committee_id} har en ukendt form: {title[:100]!r}, {query[:150]!r}."
    return ListedMeeting(
        platform_id=f"{committee_id}/{begin.at:%Y-%m-%d %H.%M}",
        committee_name=clean_text(named["committee"]),
        committee_platform_id=str(committee_id),
        name="Referat",
        stage="minutes",
        starts_at=begin.at,
        fingerprint=title,
        address=query,
    )
