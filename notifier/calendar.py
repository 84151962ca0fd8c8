"""The meetings of a mail as an .ics file for the reader's calendar."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vText

from notifier.links import Links
from notifier.words import one_line
from storage.models import Meeting

# Few sites say when a meeting ends.
USUAL_LENGTH = timedelta(hours=2)


def meetings_as_ics(meetings: Sequence[Meeting], links: Links, host: str, now: datetime) -> bytes | None:
    """One event for each meeting that lies ahead, or None when there is none.

    The UID stays the same for a meeting over all mails (RFC 5545, 3.8.4.7), so a calendar keeps one entry.
    """
    ahead = sorted({one.id: one for one in meetings if one.starts_at > now}.values(), key=lambda one: one.starts_at)
    if not ahead:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Dagsordenvagt//DA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for meeting in ahead:
        calendar.add_component(_event(meeting, links, host, now))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _event(meeting: Meeting, links: Links, host: str, now: datetime) -> Event:
    event = Event()
    committee = meeting.committee
    event.add("uid", f"moede-{meeting.id}@{host}")
    event.add("dtstamp", now)
    event.add("summary", one_line(f"{committee.name}, {committee.municipality.name} Kommune"))
    if meeting.time_known:
        event.add("dtstart", meeting.starts_at)
        ends = meeting.ends_at if meeting.ends_at and meeting.ends_at > meeting.starts_at else None
        event.add("dtend", ends or meeting.starts_at + USUAL_LENGTH)
    else:
        event.add("dtstart", meeting.starts_at.date())
    if meeting.place:
        event.add("location", vText(one_line(meeting.place)))
    event.add("url", meeting.url if meeting.url.startswith(("http://", "https://")) else links.page("/moeder"))
    event.add("transp", "TRANSPARENT")
    return event
