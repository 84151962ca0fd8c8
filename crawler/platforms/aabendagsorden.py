"""Åben Dagsorden: Glostrup and Syddjurs.

The search gives at most 50 meetings, so it is asked in windows of ten days, and in halves of one that is full. Its
dates are YYYY-MM-DD at Glostrup and DD/MM/YYYY at Syddjurs (``options = { date_format = "DD/MM/YYYY" }``): dates in the
wrong form find nothing. The list does not say whether a meeting has minutes yet; the page does, by its decisions. No
address of a single item is known.

2026-11 first version, from format notes; not yet run against the live sites.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import quote, urlencode

from config.clock import now
from crawler.danish_time import clock_known, read_moment
from crawler.freshness import slices
from crawler.item_parts import split_number
from crawler.items import ListedMeeting, Meeting, MeetingList
from crawler.page_items import ItemPart, MeetingPage, read_either
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Fetch, NotPublished, Platform, Recognised, ServerError
from crawler.sections import Occasion, parts_at
from crawler.web_page import read_json, read_page, seen

SEARCH = "/rest/meeting/search?"
SLICE_DAYS = 10
MOST_RESULTS = 50
USUAL_FORMAT = "YYYY-MM-DD"
DATE_FORMATS = {USUAL_FORMAT: "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y"}
# Councils and committees meet in these ten days of any year with a mandate; only the form of the date is of interest.
PROBED_DAYS = (date(2026, 1, 12), date(2026, 1, 21))
# Glostrup tries the system out in public.
TEST_COMMITTEES = {"testudvalget"}


class AabenDagsorden(Platform):
    """Adapter for Åben Dagsorden."""

    name: ClassVar[str] = "aabendagsorden"
    hosts: ClassVar[tuple[str, ...]] = (r"^aabendagsorden\.", r"^dagsorden\.glostrup\.dk$")
    minutes_listed: ClassVar[bool] = False
    archive_days: ClassVar[int | None] = 30

    @classmethod
    async def recognise(cls, fetch: Fetch) -> Recognised | None:
        """The search, and which form of dates finds meetings in it."""
        counts: dict[str, int] = {}
        for form, pattern in DATE_FORMATS.items():
            dates = {"query": "", "fromDate": f"{PROBED_DAYS[0]:{pattern}}", "toDate": f"{PROBED_DAYS[1]:{pattern}}"}
            try:
                answer = read_json(await fetch.get(SEARCH + urlencode(dates)))
            except (BadAnswer, ServerError):
                # A form that the site does not know may be answered with an error.
                continue
            if isinstance(answer.get("meetings"), list):
                counts[form] = len(answer["meetings"])
        if not counts:
            return None
        best = max(counts, key=lambda form: counts[form])
        told = f"søgningen /rest/meeting/search fandt {counts[best]} møder med datoer på formen {best}"
        return Recognised(told, {"date_format": best} if counts[best] and best != USUAL_FORMAT else {})

    async def read_list(self) -> MeetingList:
        """The meetings of the window, ten days at a time."""
        meetings: dict[str, ListedMeeting] = {}
        problems: list[str] = []
        form = self._date_format()
        for first, last in slices(self.site.window, SLICE_DAYS):
            for line in await self._search(first, last, form, problems):
                listed = _listed(line)
                if isinstance(listed, ListedMeeting):
                    meetings[listed.platform_id] = listed
                elif listed:
                    problems.append(listed)
        if not meetings:
            raise BadAnswer(
                f"Søgningen fandt ingen møder i hele perioden; datoer blev skrevet {self.site.window.since:{form}}. "
                + " ".join(problems)
            )
        return MeetingList(meetings=tuple(meetings.values()), whole=False, problems=tuple(problems))

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's fragment."""
        meeting_id = quote(listed.platform_id, safe="")
        page = read_page(await self.fetch.get(f"/fragments/meeting/{meeting_id}/view"))
        if listed.starts_at is None:
            raise BadAnswer("Mødet har intet brugbart tidspunkt.")
        # The class is on the heading or on a box around it.
        titles = [tag for tag in page.select(".agenda-item-title") if not tag.find_parent(class_="agenda-item-title")]
        if not titles:
            reason = f"Mødet viser ingen punkter (agenda-item-title): {seen(page)}"
            raise NotPublished(reason) if listed.starts_at > now() else BadAnswer(reason)
        parts = [ItemPart(*split_number(clean_text(tag.get_text(" "))), nodes) for tag, nodes in parts_at(page, titles)]
        url = f"{self.site.base_url}/meeting/{meeting_id}"
        stage, items = read_either(
            parts,
            MeetingPage(url, self.site.base_url, headings=("h2", "h3", "h4", "h5")),
            Occasion(listed.committee_name, listed.starts_at.date(), is_minutes=False),
        )
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            group_name=listed.group_name,
            starts_at=listed.starts_at,
            time_known=clock_known(listed.starts_at),
            stage=stage,
            url=url,
            fingerprint=listed.fingerprint,
            items=items,
        )

    def _date_format(self) -> str:
        asked = self.site.options.get("date_format", USUAL_FORMAT)
        if asked not in DATE_FORMATS:
            raise BadAnswer(f"Kataloget har en ukendt options.date_format: {asked!r}; brug en af {list(DATE_FORMATS)}.")
        return DATE_FORMATS[str(asked)]

    async def _search(self, first: date, last: date, form: str, problems: list[str]) -> list[object]:
        dates = {"query": "", "fromDate": f"{first:{form}}", "toDate": f"{last:{form}}"}
        answer = read_json(await self.fetch.get(SEARCH + urlencode(dates), headers={"Accept": "application/json"}))
        found = answer.get("meetings")
        if not isinstance(found, list):
            raise BadAnswer(f"Søgningen svarer med en ukendt form: {clean_text(answer)[:120]!r}.")
        count = answer.get("numberOfResults")
        if len(found) >= MOST_RESULTS or (isinstance(count, int) and count > len(found)):
            if first < last:
                # Two halves: what the search left out is in one of them.
                middle = first + (last - first) // 2
                halves = ((first, middle), (middle + timedelta(days=1), last))
                return [line for since, until in halves for line in await self._search(since, until, form, problems)]
            problems.append(
                f"Søgningen den {first} gav {len(found)} af {count} møder: den viser højst {MOST_RESULTS}, "
                "så nogle kan mangle."
            )
        return found


def _listed(line: object) -> ListedMeeting | str:
    """The search's line; a sentence on what is wrong with it, or nothing for what is no public meeting."""
    if not isinstance(line, Mapping):
        return f"Et møde i søgningen har en ukendt form: {clean_text(line)[:100]!r}."
    committee = clean_text(line.get("committeeName"))
    if line.get("blocked") is True or committee.casefold() in TEST_COMMITTEES:
        return ""
    meeting_id, begin = clean_text(line.get("meetingId")), read_moment(line.get("date"))
    if not meeting_id or not committee or begin is None:
        return f"Et møde i søgningen mangler id, udvalg eller dato: {clean_text(dict(line))[:150]!r}."
    return ListedMeeting(
        platform_id=meeting_id,
        committee_name=committee,
        group_name=clean_text(line.get("committeeGroupName")),
        name="",
        stage="agenda",
        starts_at=begin.at,
        fingerprint=f"{begin.at.isoformat()}|{committee}",
    )
