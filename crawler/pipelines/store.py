"""Keeps the records: one transaction each, so a crash leaves whole publications and nothing else."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never, cast

from scrapy.crawler import Crawler
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import now
from crawler import health, progress
from crawler.items import ListRead, MeetingFailed, MeetingRead, Record, SourceEntered, SourceLeft
from storage.engine import transaction
from storage.models import Source
from storage.save_list import ListRefused, publication_failed, save_list
from storage.save_meeting import save_meeting

if TYPE_CHECKING:
    from crawler.spider import CouncilSpider, Parcel

log = logging.getLogger(__name__)

# Meetings that began longer ago than this are the archive: stored like all others, mailed to nobody.
ARCHIVE_AFTER = timedelta(days=30)


class StorePipeline:
    """Writes in a thread of its own, one record after the other, while the visits go on.

    The answer to each record is empty, or says why it was not kept.
    """

    def __init__(self, spider: "CouncilSpider") -> None:
        self._url, self._say, self._outcomes = spider.database_url, spider.say, spider.outcomes
        self._names = {site.code: site.name for site in spider.sites}
        self._tallies: dict[int, health.Tally] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        """Scrapy's way of making one."""
        return cls(cast("CouncilSpider", crawler.spider))

    async def process_item(self, item: "Parcel") -> "Parcel":
        """Keeps the record and answers its visit."""
        answer = "Kunne ikke gemmes."
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._keep, item.record)
        except Exception as error:
            log.exception("%s: a record could not be kept", self._names[item.record.code])
            answer = _not_kept(error)
        finally:
            item.settle(answer)
        return item

    def close_spider(self) -> None:
        """Closes the visits that were broken off."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        for code, tally in self._tallies.items():
            with transaction(self._url) as session:
                outcome = health.interrupt(session, tally, now())
            self._finished(SourceLeft(code=code, outcome=outcome, reason=health.STOPPED), tally)

    def _keep(self, record: Record) -> str:
        match record:
            case SourceEntered():
                self._enter(record.code)
            case ListRead():
                return self._list(record)
            case MeetingRead():
                return self._meeting(record)
            case MeetingFailed():
                self._failed(record)
                return record.reason
            case SourceLeft():
                self._leave(record)
            case _:
                assert_never(record)
        return ""

    def _enter(self, code: int) -> None:
        with transaction(self._url) as session:
            self._tallies[code] = health.enter(session, _source(session, code), now())
        self._say(progress.SourceStarted(code=code, municipality=self._names[code]))

    def _list(self, record: ListRead) -> str:
        try:
            with transaction(self._url) as session:
                save_list(
                    session,
                    _source(session, record.code),
                    listed=record.listed,
                    every_id=record.every_id,
                    whole=record.whole,
                    seen_at=now(),
                )
        except ListRefused as refused:
            return str(refused)
        tally = self._tallies[record.code]
        tally.listed, tally.wanted = len(record.listed), record.wanted
        name = self._names[record.code]
        self._say(progress.ListFound(code=record.code, municipality=name, listed=tally.listed, wanted=record.wanted))
        return ""

    def _meeting(self, record: MeetingRead) -> str:
        meeting, moment = record.meeting, now()
        try:
            with transaction(self._url) as session:
                saved = save_meeting(
                    session,
                    _source(session, record.code),
                    meeting,
                    seen_at=moment,
                    backfill=meeting.starts_at < moment - ARCHIVE_AFTER,
                )
        except Exception as error:  # SQLite's driver says OverflowError, PostgreSQL's DataError
            log.exception("%s: %s could not be stored", self._names[record.code], meeting.platform_id)
            reason = _not_kept(error)
            self._failed(MeetingFailed(code=record.code, platform_id=meeting.platform_id, reason=reason))
            return reason
        tally = self._tallies[record.code]
        tally.fetched += 1
        tally.changed += saved.changed
        self._say(
            progress.MeetingStored(
                code=record.code,
                municipality=self._names[record.code],
                platform_id=meeting.platform_id,
                committee=meeting.committee_name,
                starts_at=meeting.starts_at.isoformat(),
                items=len(meeting.items),
                changed=saved.changed,
            )
        )
        return ""

    def _failed(self, record: MeetingFailed) -> None:
        with transaction(self._url) as session:
            publication_failed(session, _source(session, record.code), record.platform_id, record.reason, seen_at=now())
        self._tallies[record.code].failed += 1
        self._say(
            progress.MeetingNotStored(
                code=record.code,
                municipality=self._names[record.code],
                platform_id=record.platform_id,
                reason=record.reason,
            )
        )

    def _leave(self, record: SourceLeft) -> None:
        with transaction(self._url) as session:
            source = _source(session, record.code)
            # A source without an adapter is left without having been entered.
            tally = self._tallies.get(record.code) or health.enter(session, source, now())
            health.leave(session, source, tally, record, now())
        self._tallies.pop(record.code, None)
        self._finished(record, tally)

    def _finished(self, record: SourceLeft, tally: health.Tally) -> None:
        self._outcomes[record.code] = record.outcome
        self._say(
            progress.SourceFinished(
                code=record.code,
                municipality=self._names[record.code],
                outcome=record.outcome,
                reason=record.reason,
                requests=record.requests,
                listed=tally.listed,
                fetched=tally.fetched,
                changed=tally.changed,
                failed=tally.failed,
            )
        )


def _source(session: Session, code: int) -> Source:
    return session.scalars(select(Source).where(Source.municipality_code == code)).one()


def _not_kept(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).splitlines() or [""]
    return f"Kunne ikke gemmes ({type(error).__name__}: {said[0][:300]})"
