"""The meetings and deadlines of a mail as .ics files for the reader's calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

from notifier.deadlines import Deadline, ahead
from notifier.links import Links
from notifier.story import Story
from notifier.words import one_line
from storage.models import Meeting

# Few sites say when a meeting ends.
USUAL_LENGTH = timedelta(hours=2)


@dataclass(frozen=True)
class CalendarFile:
    """One attachment. iTIP allows one method a file (RFC 5546, 1.4)."""

    name: str
    method: Literal["PUBLISH", "CANCEL"]
    content: bytes


@dataclass(frozen=True)
class Organizer:
    """Who publishes: ``host`` stands in UIDs, so it should not change; ``address`` is the sender's."""

    address: str
    host: str
    links: Links


def calendar_files(stories: Sequence[Story], organizer: Organizer, now: datetime) -> tuple[CalendarFile, ...]:
    """What the reader's calendar should hold of these stories, and what it should let go of; often nothing.

    UIDs stay the same over all mails (RFC 5545, 3.8.4.7) and SEQUENCE grows with each change (3.8.7.4), so that a
    calendar keeps one entry for each meeting and each deadline, corrects it, and takes it off when it is cancelled.
    """
    published = [*_meetings(stories, organizer, now), *_deadlines(stories, organizer, now)]
    cancelled = [*_lost_meetings(stories, organizer, now), *_lost_deadlines(stories, organizer, now)]
    files = []
    if published:
        files.append(CalendarFile("moeder.ics", "PUBLISH", _as_file(published, "PUBLISH")))
    if cancelled:
        files.append(CalendarFile("aflyst.ics", "CANCEL", _as_file(cancelled, "CANCEL")))
    return tuple(files)


def _as_file(events: Sequence[Event], method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Dagsordenvagt//DA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _meetings(stories: Sequence[Story], organizer: Organizer, now: datetime) -> Iterator[Event]:
    """One event for each meeting ahead that a story still lies on."""
    kept = {story.item.meeting.id: story for story in stories if not story.gone and story.item.meeting.starts_at > now}
    for story in sorted(kept.values(), key=lambda one: (one.item.meeting.starts_at, one.item.meeting.id)):
        yield _meeting(story, organizer, now)


def _lost_meetings(stories: Sequence[Story], organizer: Organizer, now: datetime) -> Iterator[Event]:
    """Meetings that no item is left of which this reader was told of."""
    kept = {story.item.meeting.id for story in stories if not story.gone}
    lost = {
        story.item.meeting.id: story
        for story in stories
        if story.gone and not story.calendar.others and story.item.meeting.starts_at > now
    }
    for number, story in lost.items():
        if number not in kept:
            event = _meeting(story, organizer, now)
            event.add("status", "CANCELLED")
            yield event


def _meeting(story: Story, organizer: Organizer, now: datetime) -> Event:
    meeting: Meeting = story.item.meeting
    committee = meeting.committee
    event = _event(f"moede-{meeting.id}", story.calendar.step, organizer, now)
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
    event.add("url", _address(meeting.url) or organizer.links.page("/moeder"))
    return event


def _deadlines(stories: Sequence[Story], organizer: Organizer, now: datetime) -> Iterator[Event]:
    for story in stories:
        coming = ahead(story.deadlines, now)
        for uid, deadline in _named(story, story.deadlines):
            if deadline in coming:
                yield deadline_event(story, uid, deadline, organizer, now)


def _lost_deadlines(stories: Sequence[Story], organizer: Organizer, now: datetime) -> Iterator[Event]:
    """Deadlines that the reader was told of and that the text no longer holds."""
    for story in stories:
        kept = {uid for uid, _ in _named(story, story.deadlines)}
        coming = ahead(story.deadlines_before, now)
        for uid, deadline in _named(story, story.deadlines_before):
            if uid not in kept and deadline in coming:
                event = deadline_event(story, uid, deadline, organizer, now)
                event.add("status", "CANCELLED")
                yield event


def _named(story: Story, deadlines: Sequence[Deadline]) -> Iterator[tuple[str, Deadline]]:
    """Each with a UID of its own: the same for the first hearing deadline of an item, wherever it is moved to."""
    count: dict[str, int] = {}
    for one in deadlines:
        count[one.kind] = count.get(one.kind, 0) + 1
        yield f"frist-{story.item.id}-{one.kind}-{count[one.kind]}", one


def deadline_event(story: Story, uid: str, deadline: Deadline, organizer: Organizer, now: datetime) -> Event:
    """A deadline as an entry for the whole day, where calendars show it on top; the hour stands in its name."""
    event = _event(uid, story.revision.number - 1, organizer, now)
    hour = deadline.when().partition(" kl. ")[2]
    event.add("summary", one_line(f"{deadline.name}{' kl. ' + hour if hour else ''}: {story.item.title}", 200))
    event.add("dtstart", deadline.day)
    event.add("dtend", deadline.day + timedelta(days=1))
    if deadline.sentence:
        event.add("description", vText(deadline.sentence))
    event.add("url", _address(story.item.url) or organizer.links.page(f"/sager/{story.item.id}"))
    return event


def _event(uid: str, sequence: int, organizer: Organizer, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{organizer.host}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", sequence)
    # RFC 5546 demands an organizer of what is published or cancelled.
    who = vCalAddress(f"mailto:{organizer.address}")
    who.params["cn"] = vText("Dagsordenvagt")
    event.add("organizer", who)
    event.add("transp", "TRANSPARENT")
    return event


def _address(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""
