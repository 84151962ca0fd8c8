"""Does the record make sense? What does not is recorded as failed, with the reason; nothing is dropped."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from config.clock import now
from crawler.items import Item, Meeting, MeetingFailed, MeetingRead
from crawler.platforms.base import is_internal

if TYPE_CHECKING:
    from crawler.spider import CouncilSpider, Parcel

FIRST_YEAR = 2000
FARTHEST_AHEAD = timedelta(days=3 * 366)
_KINDS = {"summary", "question", "recommendation", "presentation", "economy", "hearing", "decision", "other"}


class CheckPipeline:
    """Turns a meeting that makes no sense into a failed one. Other records pass."""

    def __init__(self, base_urls: dict[int, str]) -> None:
        self._base_urls = base_urls

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CheckPipeline":
        """Scrapy's way of making one."""
        return cls({site.code: site.base_url for site in cast("CouncilSpider", crawler.spider).sites})

    def process_item(self, item: "Parcel") -> "Parcel":
        """The parcel, with the reason in place of a meeting that makes no sense."""
        record = item.record
        if isinstance(record, MeetingRead):
            wrong = next(faults(record.meeting, self._base_urls[record.code], now()), None)
            if wrong:
                item.record = MeetingFailed(code=record.code, platform_id=record.meeting.platform_id, reason=wrong)
        return item


def faults(meeting: Meeting, base_url: str, moment: datetime) -> Iterator[str]:
    """What makes no sense in ``meeting``, in Danish, the worst first."""
    if not meeting.platform_id or not meeting.committee_name.strip():
        yield "Mødet mangler id eller udvalg."
    if meeting.starts_at.tzinfo is None:
        yield f"Mødets tidspunkt {meeting.starts_at} har ingen tidszone."
    elif meeting.starts_at.year < FIRST_YEAR or meeting.starts_at > moment + FARTHEST_AHEAD:
        yield f"Mødets dato {meeting.starts_at:%d-%m-%Y} kan ikke være rigtig."
    if not meeting.items:
        yield "Mødet har ingen punkter."
    doubled = [one for one, times in Counter(item.platform_id for item in meeting.items).items() if times > 1]
    if doubled:
        yield f"Flere punkter har samme id ({doubled[0]})."
    yield from _bad_link(meeting.url, base_url)
    for item in meeting.items:
        yield from _item_faults(item, base_url)


def _item_faults(item: Item, base_url: str) -> Iterator[str]:
    if not item.platform_id or not item.title.strip():
        yield f"Punkt {item.number or item.sorting} mangler id eller titel."
    for section in item.sections:
        if section.kind not in _KINDS:
            yield f"Punkt {item.number or item.sorting} har et afsnit af ukendt slags ({section.kind})."
    for link in (item.url, *(paper.url for paper in item.attachments)):
        yield from _bad_link(link, base_url)


def _bad_link(link: str, base_url: str) -> Iterator[str]:
    """Links are shown to people and followed for documents: public http(s) only, or the source's own host."""
    try:
        parts, own = urlsplit(link), urlsplit(base_url)
    except ValueError:
        parts, own = urlsplit(""), urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield f"Et link er ikke en fuld http-adresse: {link[:200]!r}."
    elif parts.hostname != own.hostname and is_internal(parts.hostname):
        yield f"Et link peger på en intern adresse: {link[:200]!r}."
