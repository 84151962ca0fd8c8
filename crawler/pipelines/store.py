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
from crawler.awaited import key_of
from crawler.items import (
    ArchiveRead,
    ListRead,
    MeetingFailed,
    MeetingNotReady,
    MeetingRead,
    Record,
    SourceEntered,
    SourceLeft,
)
from crawler.reader import reader_of
from crawler.turns import Turns
from storage.archive import add_to_wish, archive_reached
from storage.engine import transaction
from storage.models import Source
from storage.retry import publication_failed, publication_not_ready
from storage.save_list import ListRefused, note_listed, save_list
from storage.save_meeting import save_meeting

if TYPE_CHECKING:
    from crawler.spider import CouncilSpider, Parcel

log = logging.getLogger(__name__)

# Meetings that began longer ago than this are the archive: stored like all others, mailed to nobody.
ARCHIVE_AFTER = timedelta(days=30)
# What a visit saw ahead tells of the source's health only if it also asked for the last weeks.
SHORTEST_LOOK_BACK = timedelta(days=25)


class StorePipeline:
    """Writes in a thread of its own, one record after the other, while the visits go on; the longest visit's first.

    The answer to each record is empty, or says why it was not kept.
    """

    def __init__(self, spider: "CouncilSpider") -> None:
        self._url, self._say, self._outcomes = spider.database_url, spider.say, spider.outcomes
        self._names = {site.code: site.name for site in spider.sites}
        self._windows = {site.code: site.window for site in spider.sites}
        self._wishes = {site.code: site.wish for site in spider.sites if site.wish is not None}
        self._awaited = {site.code: site.awaited for site in spider.sites}
        self._waited_for: dict[int, set[str]] = {}
        self._tallies: dict[int, health.Tally] = {}
        self._turns = Turns(1)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        """Scrapy's way of making one."""
        return cls(cast("CouncilSpider", crawler.spider))

    async def process_item(self, item: "Parcel") -> "Parcel":
        """Keeps the record and answers its visit."""
        answer = "Kunne ikke gemmes."
        try:
            async with self._turns.turn(item.left):
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
            case ArchiveRead():
                self._archive(record)
            case MeetingNotReady():
                self._not_ready(record)
            case SourceLeft():
                self._leave(record)
            case _:
                assert_never(record)
        return ""

    def _enter(self, code: int) -> None:
        with transaction(self._url) as session:
            self._tallies[code] = health.enter(session, _source(session, code), now(), archive=code in self._wishes)
        self._say(progress.SourceStarted(code=code, municipality=self._names[code]))

    def _list(self, record: ListRead) -> str:
        moment = now()
        if record.code in self._wishes:
            with transaction(self._url) as session:
                note_listed(session, _source(session, record.code), record.listed, record.every_id, moment)
            self._listed(record)
            return ""
        try:
            with transaction(self._url) as session:
                source = _source(session, record.code)
                save_list(
                    session,
                    source,
                    listed=[*record.listed, *record.late],
                    every_id=record.every_id,
                    whole=record.whole,
                    flawed=record.flawed,
                    seen_at=moment,
                )
                source.list_is_whole = record.whole
        except ListRefused as refused:
            return str(refused)
        lines = [*record.listed, *record.late]
        awaited = self._awaited[record.code]
        self._waited_for[record.code] = {one.platform_id for one in lines if key_of(one) in awaited}
        self._listed(record)
        tally = self._tallies[record.code]
        window = self._windows[record.code]
        if not tally.archive and window.until is None and window.since <= moment - SHORTEST_LOOK_BACK:
            tally.ahead = sum(one.starts_at is not None and one.starts_at >= moment for one in record.listed)
        return ""

    def _listed(self, record: ListRead) -> None:
        tally, name = self._tallies[record.code], self._names[record.code]
        tally.listed += len(record.listed)
        tally.wanted += record.wanted
        tally.flawed = tally.flawed or record.flawed
        self._say(
            progress.ListFound(
                code=record.code,
                municipality=name,
                listed=len(record.listed),
                wanted=record.wanted,
                again=record.again,
            )
        )

    def _meeting(self, record: MeetingRead) -> str:
        meeting, moment = record.meeting, now()
        # What was asked for as archive is never news, whatever its date; minutes that were waited for always are.
        waited_for = meeting.platform_id in self._waited_for.get(record.code, ())
        old = meeting.starts_at < moment - ARCHIVE_AFTER and not waited_for
        try:
            with transaction(self._url) as session:
                source = _source(session, record.code)
                saved = save_meeting(
                    session,
                    source,
                    meeting,
                    seen_at=moment,
                    backfill=record.code in self._wishes or old,
                    reader=reader_of(source.platform),
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
        if meeting.problems:
            # What was read is kept; the rest is asked for again as of any paper that failed.
            reason = " ".join(meeting.problems)
            self._failed(MeetingFailed(code=record.code, platform_id=meeting.platform_id, reason=reason))
            return reason
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

    def _archive(self, record: ArchiveRead) -> None:
        with transaction(self._url) as session:
            archive_reached(session, record.wish, record.reached, record.waiting, now(), finished=record.finished)
        wish, name = self._wishes[record.code], self._names[record.code]
        self._say(
            progress.ArchiveReached(
                code=record.code,
                municipality=name,
                reached=record.reached.isoformat(),
                days_left=(record.reached - wish.since).days,
                waiting=record.waiting,
                finished=record.finished,
            )
        )

    def _not_ready(self, record: MeetingNotReady) -> None:
        with transaction(self._url) as session:
            publication_not_ready(session, _source(session, record.code), record.platform_id, seen_at=now())

    def _leave(self, record: SourceLeft) -> None:
        with transaction(self._url) as session:
            source = _source(session, record.code)
            # A source without an adapter is left without having been entered.
            tally = self._tallies.get(record.code) or health.enter(session, source, now())
            health.leave(session, source, tally, record, now())
            if record.code in self._wishes:
                wish = self._wishes[record.code].id
                add_to_wish(session, wish, requests=record.requests, fetched=tally.fetched)
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
