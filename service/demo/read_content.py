"""Reads `content/` (one YAML file per meeting) into publications with real dates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import yaml
from pydantic import ValidationError

from service.demo.calendar_dates import fill_in, in_week, local, off_weekend
from service.demo.content_model import Change, Committee, Item, Meeting, Municipality, Update, When

CONTENT = Path(__file__).parent / "content"
MUNICIPALITY_FILE = "kommune.yaml"
# How long before the meeting an agenda is published, and how long after it the minutes.
AGENDA_AHEAD = timedelta(days=6)
MINUTES_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Publication:
    """One published agenda or minutes; `withdrawn` is the phase in which it leaves the list."""

    key: str
    meeting: str
    committee: str
    kind: str | None
    place: str | None
    starts_at: datetime
    ends_at: datetime | None
    released_at: datetime
    items: tuple[Item, ...]
    numbered_from: int
    absent: tuple[str, ...]
    phase: int
    withdrawn: int | None

    @property
    def is_minutes(self) -> bool:
        """Whether the meeting's decisions are in it."""
        return bool(self.kind and self.kind.startswith("Referat"))

    def visible(self, phase: int) -> bool:
        """Whether the portal lists it in `phase`."""
        return self.phase <= phase and (self.withdrawn is None or phase < self.withdrawn)


@dataclass(frozen=True)
class Content:
    """Everything that the made-up municipality has published, oldest file name first."""

    municipality: Municipality
    publications: tuple[Publication, ...]
    meeting_days: Mapping[str, date]

    def committee(self, key: str) -> Committee:
        """The committee that a publication names."""
        return self.municipality.committees[key]


def read_content(today: date, folder: Path = CONTENT) -> Content:
    """All publications around `today`; raises ValueError that names the file and what is wrong in it."""
    municipality, meetings, updates = _read_files(folder, today)
    days = {key: _day(meeting.when, today) for key, meeting in meetings.items()}
    first = {key: _first(key, meeting, meetings, days, today) for key, meeting in meetings.items()}
    later = [_later(key, update, first, today) for key, update in updates.items()]
    gone = {update.based_on: update.phase for update in updates.values() if update.withdraws}
    known = [replace(publication, withdrawn=gone.get(key)) for key, publication in first.items()]
    for publication in [*known, *later]:
        if publication.committee not in municipality.committees:
            raise ValueError(f"{publication.key}.yaml: {publication.committee} is not in {MUNICIPALITY_FILE}")
    filled = tuple(_dated(publication, today, days) for publication in [*known, *later])
    return Content(municipality, filled, days)


def _read_files(folder: Path, today: date) -> tuple[Municipality, dict[str, Meeting], dict[str, Update]]:
    municipality: Municipality | None = None
    meetings: dict[str, Meeting] = {}
    updates: dict[str, Update] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            if path.name == MUNICIPALITY_FILE:
                municipality = _with_years(Municipality.model_validate(data), today)
            elif isinstance(data, dict) and "based_on" in data:
                updates[path.stem] = Update.model_validate(data)
            else:
                meetings[path.stem] = Meeting.model_validate(data)
        except (yaml.YAMLError, ValidationError) as error:
            raise ValueError(f"{path.name}: {error}") from error
    if municipality is None:
        raise ValueError(f"{folder} has no {MUNICIPALITY_FILE}")
    return municipality, meetings, updates


def _with_years(municipality: Municipality, today: date) -> Municipality:
    """Election periods are four years from 2022; names of groups and committees may carry them."""
    start = today.year - (today.year - 2022) % 4
    periods = {"{periode}": f"{start}-{start + 3}", "{forrige periode}": f"{start - 4}-{start - 1}"}

    def written(text: str) -> str:
        for mark, period in periods.items():
            text = text.replace(mark, period)
        return text

    committees = {
        key: committee.model_copy(update={"name": written(committee.name), "group": written(committee.group)})
        for key, committee in municipality.committees.items()
    }
    return municipality.model_copy(update={"committees": committees})


def _day(when: When, today: date) -> date:
    if when.days is not None:
        return off_weekend(today, when.days)
    assert when.week is not None  # noqa: S101  (the model has checked it)
    assert when.weekday is not None  # noqa: S101
    return in_week(today, when.week, when.weekday)


def _first(
    key: str, meeting: Meeting, meetings: Mapping[str, Meeting], days: Mapping[str, date], today: date
) -> Publication:
    starts_at = local(days[key], meeting.time)
    return Publication(
        key=key,
        meeting=key,
        committee=meeting.committee,
        kind=meeting.kind,
        place=meeting.place,
        starts_at=starts_at,
        ends_at=local(days[key], meeting.ends) if meeting.ends else None,
        released_at=_released(meeting, key, days[key], today),
        items=tuple(_whole(item, meetings) for item in meeting.items),
        numbered_from=meeting.numbered_from,
        absent=tuple(meeting.absent),
        phase=meeting.phase,
        withdrawn=None,
    )


def _later(key: str, update: Update, first: Mapping[str, Publication], today: date) -> Publication:
    if update.based_on not in first:
        raise ValueError(f"{key}.yaml builds on {update.based_on}, which is not there")
    base = first[update.based_on]
    numbers = range(base.numbered_from, base.numbered_from + len(base.items))
    if unknown := set(update.changes) - set(numbers):
        raise ValueError(f"{key}.yaml changes items {sorted(unknown)}, which {base.key} does not have")
    items = tuple(_changed(item, update.changes.get(number)) for number, item in zip(numbers, base.items, strict=True))
    return replace(
        base,
        key=key,
        kind=update.kind,
        items=items,
        released_at=_released(update, key, base.starts_at.date(), today),
        absent=tuple(update.absent),
        phase=update.phase,
    )


def _whole(item: Item, meetings: Mapping[str, Meeting]) -> Item:
    """An item that repeats another committee's takes title, case number, text and attachments from there."""
    if not item.same_as:
        return item
    key, _, number = item.same_as.partition("/")
    try:
        source = meetings[key].items[int(number) - meetings[key].numbered_from]
    except (KeyError, IndexError):
        raise ValueError(f"same_as: {item.same_as} names no item") from None
    return source.model_copy(
        update={
            "body": "\n\n".join(filter(None, (source.body.rstrip(), item.body))),
            "decision": item.decision,
            "earlier": item.earlier,
            "attachments": [*source.attachments, *item.attachments],
        }
    )


def _changed(item: Item, change: Change | None) -> Item:
    if change is None:
        return item
    return item.model_copy(
        update={
            "body": "\n\n".join(filter(None, (item.body.rstrip(), change.append))),
            "decision": change.decision or item.decision,
            "attachments": [*item.attachments, *change.add_attachments],
        }
    )


def _released(entry: Meeting | Update, key: str, meeting_day: date, today: date) -> datetime:
    """When it was put up: never after the start of today, so that the portal does not publish in the future."""
    if entry.phase > 1:
        day = today
    elif entry.released is not None:
        day = off_weekend(today, entry.released)
    elif entry.kind and entry.kind.startswith("Referat"):
        day = meeting_day + MINUTES_AFTER
    else:
        day = meeting_day - AGENDA_AHEAD
    # Odd seconds and fractions, as the real portal has them: they differ from file to file.
    clock = time(0, 1, len(key), 703_500 + len(key)) if day >= today else time(10, 53, len(key), 703_500 + len(key))
    return local(min(day, today), clock)


def _dated(publication: Publication, today: date, days: Mapping[str, date]) -> Publication:
    def filled(item: Item) -> Item:
        attachments = [a.model_copy(update={"title": fill(a.title), "text": fill(a.text)}) for a in item.attachments]
        earlier = [e.model_copy(update={"text": fill(e.text)}) for e in item.earlier]
        texts = {name: fill(getattr(item, name)) for name in ("title", "body", "decision", "pdf_only")}
        return item.model_copy(update={**texts, "attachments": attachments, "earlier": earlier})

    def fill(text: str) -> str:
        return fill_in(text, today, days)

    try:
        return replace(publication, items=tuple(filled(item) for item in publication.items))
    except ValueError as error:
        raise ValueError(f"{publication.key}.yaml: {error}") from error
