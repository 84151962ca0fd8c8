"""<Name of the system>: which municipalities use it, and what its pages look like.

This example reads a plain HTML site:

    /moeder      a table of <tr><td><a href="/moeder/17">2026-03-02 16:00</a></td><td>Byråd</td><td>Dagsorden</td></tr>
    /moeder/17   <article id="4"><h2>4. Titel</h2><p class="sag">26/1234</p><h3>Resume</h3><p>…</p></article>

Keep a dated line for each change, with its reason:
2026-11-22 written as the example.
"""

from typing import ClassVar
from urllib.parse import urljoin

from bs4.element import Tag

from crawler.danish_time import read_moment
from crawler.items import Item, ListedMeeting, Meeting, MeetingList, Stage
from crawler.page_text import clean_text
from crawler.platforms.base import BadAnswer, Platform
from crawler.sections import Occasion, split_sections
from crawler.web_page import read_page, seen, text_at


class Template(Platform):
    """Adapter for <name of the system>."""

    # The catalogue's `platform`. One name, one file, one class.
    name: ClassVar[str] = "template"

    async def read_list(self) -> MeetingList:
        """Every meeting on the list page."""
        page = read_page(await self.fetch.get("/moeder"))
        rows = page.select("table.moeder tr")
        if not rows:
            # A page that looks different must never read as "no meetings".
            raise BadAnswer(f"Listen over møder har ingen tabel: {seen(page)}.")
        read = [_listed(row, self.site.base_url) for row in rows]
        return MeetingList(
            meetings=tuple(line for line in read if isinstance(line, ListedMeeting)),
            problems=tuple(line for line in read if isinstance(line, str)),
        )

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        """The meeting's page."""
        answer = await self.fetch.get(listed.address)
        articles = read_page(answer).select("article")
        if not articles:
            raise BadAnswer("Mødet har ingen punkter.")
        if listed.starts_at is None:
            raise BadAnswer("Mødet har intet brugbart tidspunkt.")
        occasion = Occasion(listed.committee_name, listed.starts_at.date(), is_minutes=listed.stage == "minutes")
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=listed.starts_at,
            stage=listed.stage,
            url=answer.url,
            fingerprint=listed.fingerprint,
            items=tuple(self._item(article, answer.url, occasion, at) for at, article in enumerate(articles, start=1)),
        )

    def _item(self, article: Tag, page_url: str, occasion: Occasion, place: int) -> Item:
        number, _, title = text_at(article, "h2").partition(". ")
        return Item(
            platform_id=str(article.get("id") or place),
            number=number,
            sorting=place,
            title=title or number,
            case_number=text_at(article, "p.sag"),
            url=f"{page_url}#{article.get('id')}",
            sections=tuple(
                split_sections(
                    str(article), container="article", heading="h3", occasion=occasion, base_url=self.site.base_url
                )[1:]  # what stands before the first h3 is the title and the case number
            ),
        )


def _listed(row: Tag, base_url: str) -> ListedMeeting | str:
    """A row of the list as a record, or a Danish sentence on what is wrong with it."""
    link = row.select_one("a[href]")
    cells = [clean_text(cell.get_text()) for cell in row.select("td")]
    if link is None or len(cells) != 3:  # noqa: PLR2004
        return f"En række i listen har en ukendt form: {clean_text(row.get_text())[:100]!r}."
    begin = read_moment(cells[0].replace(" ", "T"))
    stage: Stage = "minutes" if cells[2].casefold().startswith("referat") else "agenda"
    return ListedMeeting(
        platform_id=str(link["href"]).rpartition("/")[2],
        committee_name=cells[1],
        name=cells[2],
        stage=stage,
        starts_at=begin.at if begin else None,
        # Whatever the list says that moves when the meeting's page changes.
        fingerprint="|".join(cells),
        address=urljoin(f"{base_url}/", str(link["href"])),
    )
