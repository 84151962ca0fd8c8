"""The meetings of a mail as an .ics file for the reader's calendar."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vText

from notifier.links import Links
from notifier.story import Story
from notifier.words import one_line
from storage.models import Meeting

# Few sites say when a meeting ends.
USUAL_LENGTH = timedelta(hours=2)


def meetings_as_ics(stories: Sequence[Story], links: Links, host: str, now: datetime) -> bytes | None:
    """One event for each meeting ahead, or None when there is none. Items taken off the agenda bring no meeting.

    The UID stays the same for a meeting over all mails (RFC 5545, 3.8.4.7), and SEQUENCE grows with each time that
    it was moved (3.8.7.4), so a calendar keeps one entry and corrects it.
    """
    ahead: dict[int, tuple[Meeting, int]] = {}
    for story in stories:
        meeting = story.item.meeting
        if meeting.starts_at > now and "withdrawn" not in story.changes:
            moves = sum("moved" in revision.changes for revision in story.item.revisions)
            ahead[meeting.id] = (meeting, max(moves, ahead[meeting.id][1] if meeting.id in ahead else 0))
    if not ahead:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Dagsordenvagt//DA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for meeting, moves in sorted(ahead.values(), key=lambda one: (one[0].starts_at, one[0].id)):
        calendar.add_component(_event(meeting, moves, links, host, now))
    content: bytes = calendar.to_ical()
    return content


def _event(meeting: Meeting, moves: int, links: Links, host: str, now: datetime) -> Event:
    event = Event()
    committee = meeting.committee
    event.add("uid", f"moede-{meeting.id}@{host}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", moves)
    event.add("summary", one_line(f"{committee.name}, {committee.municipality.name} Kommune"))
    if meeting.time_known:
        # In UTC: every calendar shows it in its reader's own time, and no table of time zones has to be sent along.
        event.add("dtstart", meeting.starts_at.astimezone(UTC))
        ends = meeting.ends_at if meeting.ends_at and meeting.ends_at > meeting.starts_at else None
        event.add("dtend", (ends or meeting.starts_at + USUAL_LENGTH).astimezone(UTC))
    else:
        event.add("dtstart", meeting.starts_at.date())
    if meeting.place:
        event.add("location", vText(one_line(meeting.place)))
    event.add("url", meeting.url if meeting.url.startswith(("http://", "https://")) else links.page("/moeder"))
    event.add("transp", "TRANSPARENT")
    return event
