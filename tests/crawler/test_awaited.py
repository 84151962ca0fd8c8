"""Minutes that come long after their meeting, on systems whose list does not tell and only shows a window of time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from config.clock import now
from crawler.awaited import LOOKED_FOR_EVERY, widened
from crawler.freshness import first_and_last
from crawler.items import Known, ListedMeeting, ListRead, Meeting, MeetingList, MeetingRead, Record, Site, Window
from crawler.platforms.base import Platform
from crawler.visit import Visit

MOMENT = now()
HELD = (MOMENT - timedelta(days=60)).replace(hour=16, minute=0, second=0, microsecond=0)


class Windowed(Platform):
    """Shows a meeting a week, as far back as it is asked."""

    name = "windowed"
    minutes_listed = False

    async def read_list(self) -> MeetingList:
        since, _ = first_and_last(self.site.window)
        weeks = (HELD + timedelta(weeks=week) for week in range(-4, 12))
        return MeetingList(meetings=tuple(line(at) for at in weeks if at.date() >= since), whole=False)

    async def read_meeting(self, listed: ListedMeeting) -> Meeting:
        assert listed.starts_at is not None
        return Meeting(
            platform_id=listed.platform_id,
            committee_name=listed.committee_name,
            starts_at=listed.starts_at,
            stage="minutes",
            url="https://example.dk/1",
            fingerprint=listed.fingerprint,
            items=(),
        )


def line(at: datetime) -> ListedMeeting:
    return ListedMeeting(
        platform_id=f"{at:%Y%m%d}", committee_name="Ældrerådet", name="", stage="agenda", starts_at=at, fingerprint="1"
    )


def site(last_shown: timedelta, **more: Any) -> Site:
    """A source that waits for the minutes of ``HELD``; everything that it lists was read long ago."""
    known = Known(fingerprint="1", read_at=MOMENT - timedelta(hours=1))
    return Site(
        code=1,
        name="Et",
        platform="windowed",
        base_url="https://example.dk",
        window=Window(since=MOMENT - timedelta(days=30)),
        known={line(HELD + timedelta(weeks=week)).platform_id: known for week in range(-4, 12)},
        awaited={("Ældrerådet", HELD.date()): MOMENT - last_shown},
        **more,
    )


def visited(of: Site) -> list[Record]:
    records: list[Record] = []

    async def hand(record: Record) -> str:
        records.append(record)
        return ""

    fetch: Any = type("NoFetch", (), {"requests": 0, "left": 0, "cookies": {}})()
    asyncio.run(Visit(of, Windowed(widened(of, MOMENT), fetch), fetch, hand).run())
    return records


def test_a_meeting_that_waits_for_its_minutes_is_read_again_once_a_week_and_no_other_old_one() -> None:
    records = visited(site(LOOKED_FOR_EVERY + timedelta(hours=1)))
    [listed] = [one for one in records if isinstance(one, ListRead)]
    assert [one.starts_at for one in listed.late] == [HELD]
    assert all(one.starts_at and one.starts_at > MOMENT - timedelta(days=31) for one in listed.listed)
    assert [one.meeting.starts_at for one in records if isinstance(one, MeetingRead)] == [HELD]


def test_in_between_the_site_is_asked_for_no_more_than_its_window() -> None:
    of = site(LOOKED_FOR_EVERY - timedelta(hours=1))
    assert widened(of, MOMENT) == of
    [listed] = [one for one in visited(of) if isinstance(one, ListRead)]
    assert (listed.late, listed.wanted) == ((), 0)
