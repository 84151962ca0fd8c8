"""Formpipe Meetings+: Billund and Norddjurs ({x}.meetingsplus.dk).

The overview shows about two months of all committees; older meetings stand on the committees' own pages, which are
only asked when the window reaches back that far. The addresses cannot be built, so links are used as they are given.
A meeting's page has a tab for the agenda and one for the minutes.
The text of an item exists as PDF only: once there are minutes, the whole meeting's PDF is one of its papers.

2026-11 first version, from format notes; not yet run against the live sites.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import ClassVar

from bs4 import BeautifulSoup
from bs4.element import Tag

from config.clock import now
from crawler.danish_time import Moment, clock_known, read_danish
from crawler.item_parts import apart, is_closed, paper
from crawler.items import Attachment, Item, ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, NotPublished, Platform, Recognised
from crawler.web_page import attribute, own_address, page_or_problem, read_page, seen, text_at

OVERVIEW = "/overview"
# The overview reaches back about a month, as the usual window does: only a longer one is worth a page per committee.
OVERVIEW_REACH = timedelta(days=35)
WHOLE_MINUTES = "Hele referatet (PDF)"
_HISTORY = "#committeesRecentContent a.accessible-table-cell[href]"
_COMMITTEE = re.compile(r"/committees/[^/?#]+/?$")
# "D - " and "O - ": for decision and for information.
_KIND = re.compile(r"^[DOBE]\s+[-–]\s+")
_ANCHOR = re.compile(r"^id_\d+$")


class MeetingsPlus(Platform):
    """Adapter for Formpipe Meetings+."""

    name: ClassVar[str] = "meetingsplus"
    hosts: ClassVar[tuple[str, ...]] = (r"\.meetingsplus\.dk$",)
    minutes_listed: ClassVar[bool] = False

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The overview."""
        rows = read_page(await fetch.get(OVERVIEW)).select(".meeting-list-item[data-content-id]")
        return Recognised(f"{len(rows)} møder (meeting-list-item) på {OVERVIEW}") if rows else None

    async def read_list(self) -> MeetingList:
        """The overview's meetings, and the committees' older ones if the window asks for them."""
        page = read_page(await self.fetch.get(OVERVIEW))
        rows = page.select(".meeting-list-item")
        if not rows:
            raise BadAnswer(f"Oversigten har ingen møder (meeting-list-item): {seen(page)}")
        read = [_from_overview(row, self.site.base_url) for row in rows]
        if self.site.window.since < now() - OVERVIEW_REACH:
            read += [line async for line in self._history(page)]
        found = {one.address: one for one in reversed(read) if isinstance(one, ListedMeeting)}
        if not found:
            raise BadAnswer(f"Ingen af oversigtens {len(rows)} rækker kunne læses. {read[0]}")
        problems = tuple(one for one in read if isinstance(one, str))
        return MeetingList(meetings=tuple(reversed(found.values())), whole=False, problems=problems)

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page: the tab with the minutes if it has items, else the one with the agenda."""
        page = read_page(await self.fetch.get(listed.address))
        url = f"{self.site.base_url}{listed.address}"
        stage: Stage = "minutes"
        items = _items(page.select_one("#protocolTabContent"), url, _whole_minutes(page, url))
        if not items:
            stage, items = "agenda", _items(page.select_one("#agendaTabContent"), url, ())
        begin = _begin(page, listed)
        if not items:
            is_known = page.select_one("#agendaTabContent, #protocolTabContent") is not None
            reason = f"Mødet viser ingen punkter (meeting-item-row): {seen(page)}"
            raise NotPublished(reason) if is_known and begin.at > now() else BadAnswer(reason)
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=begin.at,
            time_known=begin.time_known,
            stage=stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=items,
        )

    async def _history(self, overview: BeautifulSoup) -> AsyncIterator[ListedMeeting | str]:
        committees = {
            path: clean_text(link.get_text(" "))
            for link in overview.select("a[href]")
            if (path := self._path(link)) and _COMMITTEE.search(path)
        }
        if not committees:
            yield "Oversigten henviser ikke til udvalgenes egne sider (/committees/…), så ældre møder er ikke læst."
        for path, committee in committees.items():
            wrong: list[str] = []
            page = await page_or_problem(self.fetch.get(path), path, wrong)
            if page is None:
                yield wrong[0]
                continue
            links = page.select(_HISTORY)
            if not links:
                yield f"Siden {path} viser ingen møder (#committeesRecentContent): {seen(page)}"
            for link in links:
                yield _from_history(link, committee or text_at(page, "h1"), self.site.base_url)

    def _path(self, link: Tag) -> str:
        return (own_address(attribute(link, "href"), self.site.base_url) or "").removeprefix(self.site.base_url)


def _from_overview(row: Tag, base_url: str) -> ListedMeeting | str:
    """The row as a meeting, or a sentence on what is wrong with it."""
    link = row.select_one("a[href]")
    begin = read_danish(clean_text(link.get_text(" "))) if link else None
    committee = text_at(row, ".url-text")
    return _listed(link, begin, committee, base_url, seen(row))


def _from_history(link: Tag, committee: str, base_url: str) -> ListedMeeting | str:
    begin = read_danish(clean_text(link.get_text(" "))) or read_danish(attribute(link, "aria-label"))
    return _listed(link, begin, committee, base_url, seen(link))


def _listed(link: Tag | None, begin: Moment | None, committee: str, base_url: str, shown: str) -> ListedMeeting | str:
    address = own_address(attribute(link, "href"), base_url) if link else None
    if address is None or begin is None or not committee:
        return f"En række i oversigten mangler link, dato eller udvalg: {shown}"
    path = address.removeprefix(base_url)
    return ListedMeeting(
        # The link is all that the overview and the history have in common.
        platform_id=path.strip("/"),
        committee_name=committee,
        name="",
        stage="agenda",
        starts_at=begin.at,
        fingerprint=f"{begin.at.isoformat()}|{committee}",
        address=path,
    )


def _begin(page: BeautifulSoup, listed: ListedMeeting) -> Moment:
    """The start with its clock time, from the page's headings when the list gave the date only."""
    if listed.starts_at is None:
        raise BadAnswer("Mødet har intet brugbart tidspunkt.")
    if clock_known(listed.starts_at):
        return Moment(listed.starts_at)
    for heading in page.select("h1, h2, time, .meeting-date"):
        found = read_danish(clean_text(heading.get_text(" ")))
        if found and found.at.date() == listed.starts_at.date() and found.time_known:
            return found
    return Moment(listed.starts_at, time_known=False)


def _items(tab: Tag | None, url: str, whole: tuple[Attachment, ...]) -> tuple[Item, ...]:
    rows = tab.select("li.meeting-item-row") if tab else []
    # "Bilag" is a heading among the rows, not an item.
    rows = [row for row in rows if row.select_one("p.item-title")]
    return apart([_item(row, place, url, whole) for place, row in enumerate(rows, start=1)])


def _item(row: Tag, place: int, url: str, whole: tuple[Attachment, ...]) -> Item:
    title = _KIND.sub("", text_at(row, "p.item-title"))
    number = text_at(row, ".list-item-number").rstrip(".: ")
    anchor = next((name for tag in row.select("a[name]") if _ANCHOR.match(name := attribute(tag, "name"))), "")
    closed = is_closed(title)
    links = (_document(link, url) for link in row.select("a[href]"))
    return Item(
        platform_id=anchor or f"punkt-{number or place}",
        number=number,
        sorting=place,
        title=title or f"Punkt {number or place} (uden titel)",
        url=f"{url}#{anchor}" if anchor else url,
        is_open=not closed,
        # The row's own PDF has the same name before and after the meeting: only the minutes' tells that they came.
        attachments=(*(link for link in links if link), *(() if closed else whole)),
    )


def _whole_minutes(page: BeautifulSoup, url: str) -> tuple[Attachment, ...]:
    link = page.select_one("#openProtocol")
    document = _document(link, url) if link else None
    return (paper(WHOLE_MINUTES, document.url),) if document else ()


def _document(link: Tag, page_url: str) -> Attachment | None:
    """What a link leads to, unless it is the page itself: its text or one of its papers."""
    base_url = page_url[: page_url.index("/", page_url.index("://") + 3)]
    href = attribute(link, "href")
    address = own_address(href.replace("downloadMode=open", "downloadMode=download"), base_url, page_url)
    if not address or href.startswith("#") or address == page_url:
        return None
    return paper(clean_text(link.get_text(" ")), address)
