"""Meetings that were read as they lay ahead and whose minutes have not come yet, however long ago they were held.

Advisory councils and local committees put their minutes up when the next meeting has approved them, after the summer at
times: long after the meeting has left a sweep's window. What was decided at it is news all the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from config.clock import local
from crawler.items import ListedMeeting, MeetingKey, Site, Window

# Quarterly meetings with a summer between them. Of what has no minutes by then there will be none.
WAITED_FOR = timedelta(days=180)
# Where the site has to be asked for older meetings, it is asked about once a week.
LOOKED_FOR_EVERY = timedelta(days=6, hours=12)


def due(site: Site, moment: datetime) -> frozenset[MeetingKey]:
    """The meetings that this visit looks for, also where that costs requests."""
    return frozenset(key for key, seen_at in site.awaited.items() if seen_at <= moment - LOOKED_FOR_EVERY)


def widened(site: Site, moment: datetime) -> Site:
    """``site`` with a window that reaches back to all that is due, for an adapter that asks for a window's meetings."""
    days = [day for _, day in due(site, moment)]
    if not days or site.window.until is not None:
        return site
    first = datetime.combine(min(days), site.window.since.timetz())
    return replace(site, window=Window(since=min(first, site.window.since)))


def late(lines: Iterable[ListedMeeting], site: Site, moment: datetime) -> tuple[ListedMeeting, ...]:
    """Of the lines before the site's window those of awaited meetings: their minutes, and whatever is due, since not
    every system's list says that minutes came.
    """
    if site.window.until is not None:
        return ()
    wanted = due(site, moment)
    return tuple(
        one
        for one in lines
        if not site.window.holds(one.starts_at)
        and (key := key_of(one)) in site.awaited
        and (one.stage == "minutes" or key in wanted)
    )


def key_of(listed: ListedMeeting) -> MeetingKey | None:
    """By what the list says of a meeting it is known again; None without a date."""
    return None if listed.starts_at is None else (listed.committee_name, local(listed.starts_at).date())
