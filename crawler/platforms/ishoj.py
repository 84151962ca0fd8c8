"""Ishøj: the municipality's own pages, ishoj.dk, which may stand behind Cloudflare.

One overview with an accordion for each committee, and a page for each meeting with an accordion for each item: titles
stand in their buttons. Links name the site with and without "www.", http and https. A bot challenge is reported as
blocked and never got around.

2026-11 first version, from format notes and pages stored 2014-2025; that the site of 2026 is the same is inferred,
and not yet run against it.
"""

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from crawler.danish_time import Moment, clock_known, read_danish
from crawler.item_parts import split_number
from crawler.items import Item, ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_items import ItemPart, MeetingPage, read_either, read_items
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, Platform, Recognised
from crawler.sections import Occasion
from crawler.web_page import attribute, own_address, read_page, seen, text_at

OVERVIEW = "/borger/demokrati/dagsordener-og-referater/"
# "byraadet-30-09-2025-16-00", older ones without the clock time, some with a GUID stuck on the end
_MEETING = re.compile(
    rf"^{OVERVIEW}(?P<slug>.+?)-(?P<day>\d\d-\d\d-\d{{4}})(?:-(?P<clock>\d\d-\d\d)(?!\d))?"
    r"(?:-?(?P<guid>[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}))?/?$",
    re.IGNORECASE,
)
_ACCORDION = ".accordion-item"
_TITLE = "button.accordion-item-header"
_CONTENT = "div.accordion-item-content"
# On every page, filled in only for what was decided behind closed doors.
_PUBLIC_DECISION = "offentlig beslutning der skal udfyldes"


class Ishoj(Platform):
    """Adapter for ishoj.dk."""

    name: ClassVar[str] = "ishoj"
    hosts: ClassVar[tuple[str, ...]] = (r"^(?:www\.)?ishoj\.dk$",)
    minutes_listed: ClassVar[bool] = False

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The overview with its accordions."""
        groups = read_page(await fetch.get(OVERVIEW)).select(_TITLE)
        return Recognised(f"{len(groups)} udvalg ({_TITLE}) på {OVERVIEW}") if groups else None

    async def read_list(self) -> MeetingList:
        """All meetings of all committees: they stand on one page."""
        page = read_page(await self.fetch.get(OVERVIEW))
        groups = page.select(_TITLE)
        if not groups:
            raise BadAnswer(f"Oversigten har ingen udvalg ({_TITLE}): {seen(page)}")
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        for group in groups:
            committee = clean_text(group.get_text(" "))
            found_any = False
            for link in _below(group).select("a[href]"):
                listed = _listed(link, committee, self.site.base_url)
                if isinstance(listed, ListedMeeting):
                    found_any = True
                    # Two pages of one meeting: the minutes count.
                    if listed.stage == "minutes" or listed.platform_id not in meetings:
                        meetings[listed.platform_id] = listed
                elif listed:
                    problems.append(listed)
            if not found_any:
                problems.append(f"{committee} viser ingen møder.")
        if not meetings:
            raise BadAnswer(f"Ingen møder i noget af de {len(groups)} udvalg. {' '.join(problems)}"[:1000])
        return MeetingList(meetings=tuple(meetings.values()), whole=not problems, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page."""
        page = read_page(await self.fetch.get(listed.address))
        buttons = page.select(_TITLE)
        if not buttons:
            raise BadAnswer(f"Mødet har ingen punkter ({_TITLE}): {seen(page)}")
        begin = _begin(page, listed)
        url = f"{self.site.base_url}{listed.address}"
        parts = [ItemPart(*split_number(clean_text(one.get_text(" "))), [*_below(one).contents]) for one in buttons]
        shown, layout = _kind(page), MeetingPage(url, self.site.base_url, headings=("h3", "h4", "h5"))
        occasion = Occasion(listed.committee_name, begin.at.date(), is_minutes=shown == "minutes")
        stage, items = (shown, read_items(parts, layout, occasion)) if shown else read_either(parts, layout, occasion)
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=begin.at,
            time_known=begin.time_known,
            place=text_at(page, ".place, .location, .meeting-place"),
            stage=stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=tuple(_public_decision(item) for item in items),
        )


def _below(button: Tag) -> Tag:
    """The accordion's content: in the box around its button, or right after it."""
    box = button.find_parent(class_="accordion-item")
    content = box.select_one(_CONTENT) if box else None
    found = content or button.find_next("div", class_="accordion-item-content")
    return found if isinstance(found, Tag) else Tag(name="div")


def _listed(link: Tag, committee: str, base_url: str) -> ListedMeeting | str:
    """The overview's link, a sentence on what is wrong with it, or nothing for a link to something else."""
    path = urlsplit(own_address(attribute(link, "href"), base_url) or "").path
    found = _MEETING.match(path)
    begin = read_danish(f"{found['day']} {found['clock'] or ''}") if found else None
    if found is None or begin is None:
        unknown = f"Et link under {committee} har en ukendt adresse: {attribute(link, 'href')[:150]}"
        return unknown if path.startswith(OVERVIEW) else ""
    name = clean_text(link.get_text(" "))
    return ListedMeeting(
        # Without the GUID, which says nothing of the meeting: with it, a page that gets one would be another meeting.
        platform_id=f"{found['slug']}-{found['day']}" + (f"-{found['clock']}" if found["clock"] else ""),
        committee_name=committee,
        name=name,
        stage="minutes" if name.casefold().startswith("referat") else "agenda",
        starts_at=begin.at,
        fingerprint=f"{path}|{name}",
        address=path,
    )


def _kind(page: BeautifulSoup) -> Stage | None:
    """What the page calls itself, above its items; None when it does not."""
    head = re.search(r"^\s*(referat|dagsorden)\b", page.get_text("\n"), re.IGNORECASE | re.MULTILINE)
    if head is None:
        return None
    return "minutes" if head[1].casefold() == "referat" else "agenda"


def _begin(page: BeautifulSoup, listed: ListedMeeting) -> Moment:
    """The start from "<Udvalg> tirsdag den 30. september 2025 kl. 16.00"; the address may lack the clock time."""
    if listed.starts_at is None:
        raise BadAnswer("Mødet har intet brugbart tidspunkt.")
    if clock_known(listed.starts_at):
        return Moment(listed.starts_at)
    for line in page.get_text("\n").split("\n"):
        found = read_danish(clean_text(line))
        if found and found.time_known and found.at.date() == listed.starts_at.date():
            return found
    return Moment(listed.starts_at, time_known=False)


def _public_decision(item: Item) -> Item:
    """A public decision is written only on closed items; elsewhere its empty heading says nothing."""
    found = [one for one in item.sections if one.heading.casefold().startswith(_PUBLIC_DECISION)]
    if not found:
        return item
    kept = tuple(one for one in item.sections if one not in found or one.text)
    return replace(item, sections=kept, is_open=item.is_open and not any(one.text for one in found))
