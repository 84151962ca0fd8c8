"""Loads all that ``choose`` looks at, a few queries for many items."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from notifier.amounts import read_amounts
from notifier.calendar_state import CalendarStates
from notifier.choose import MAILABLE, Facts, Step, choose
from notifier.deadlines import Deadline, read_deadlines
from notifier.story import Ear, Story, strongest_first
from notifier.words import one_line
from storage.models import (
    NEVER_ARRIVED,
    AgendaItem,
    Analysis,
    Case,
    Committee,
    Feedback,
    FollowedCase,
    Grade,
    Match,
    Meeting,
    Message,
    MessageEntry,
    MessageKind,
    Recipient,
    Revision,
    Role,
    Subscription,
    Verdict,
)

# Databases limit how many values one IN may hold; loading in parts also keeps memory flat.
AT_A_TIME = 500


def mailable() -> ColumnElement[bool]:
    """Matches that hold, and that are not the fruit of our own reprocessing."""
    return and_(Match.current.is_(True), Match.origin.in_(MAILABLE))


@dataclass(frozen=True)
class Reader:
    """A recipient, the ears by which it hears, and the items that may have something to tell it."""

    recipient: Recipient
    ears: Sequence[Ear]
    items: Collection[int]


def stories_for(session: Session, readers: Sequence[Reader]) -> dict[int, list[Story]]:
    """What each reader is to be told, strongest first, by recipient id. It costs few queries for all of them."""
    found: dict[int, list[Story]] = {reader.recipient.id: [] for reader in readers}
    for part in in_parts({item for reader in readers for item in reader.items}):
        background = _Background(session, part, readers)
        for reader in readers:
            found[reader.recipient.id] += background.stories(reader)
    return {number: strongest_first(stories) for number, stories in found.items()}


class _Background:
    """What is known of some items for some readers, loaded for all of them together."""

    def __init__(self, session: Session, ids: Sequence[int], readers: Sequence[Reader]) -> None:
        self._session = session
        rows = session.scalars(
            select(AgendaItem)
            .where(AgendaItem.id.in_(ids))
            .options(
                selectinload(AgendaItem.revisions),
                joinedload(AgendaItem.meeting).joinedload(Meeting.committee).joinedload(Committee.municipality),
            )
        )
        self._items = {item.id: item for item in rows}
        items = list(self._items.values())
        recipients, ears = [one.recipient.id for one in readers], [ear for one in readers for ear in one.ears]
        self._matches = _matches(session, ids, ears)
        self._entries = _entries(session, recipients, ids)
        self._followed = _followed_by(session, items, ears)
        self._moved_on = _moved_on(session, ids)
        self._analysed: dict[int, dict[int, tuple[Deadline, ...]]] = defaultdict(dict)
        self._amounts: dict[int, dict[int, tuple[str, ...]]] = defaultdict(dict)
        read = (
            select(Revision.item_id, Revision.id, Analysis.signals)
            .join(Analysis, Analysis.revision_id == Revision.id)
            .where(Revision.item_id.in_(ids))
        )
        for item_id, revision_id, signals in session.execute(read):
            self._analysed[item_id][revision_id] = read_deadlines(signals)
            self._amounts[item_id][revision_id] = read_amounts(signals)
        self._earlier = earlier_mails(session, recipients, items)
        self._calendars = CalendarStates(session, recipients, items)

    def stories(self, reader: Reader) -> list[Story]:
        """What a reader is to be told of these items."""
        ids = sorted(one for one in reader.items if one in self._items)
        others = _entries(self._session, _others(self._session, reader.ears), ids, arrived=True)
        found = (choose(self._facts(reader, self._items[one], others), reader.ears) for one in ids)
        return [story for story in found if story is not None]

    def _facts(self, reader: Reader, item: AgendaItem, others: Mapping[tuple[int, int], list[MessageEntry]]) -> Facts:
        deadlines, matches = self._analysed.get(item.id, {}), self._matches.get(item.id, {})
        followed = self._followed.get(item.case_id or 0, {})
        own = {one.profile.association_id for one in reader.ears if one.subscription.role is not Role.CONSULTANT}
        return Facts(
            item=item,
            matches={one.profile.id: matches[one.profile.id] for one in reader.ears if one.profile.id in matches},
            entries=self._entries.get((reader.recipient.id, item.id), []),
            others=[entry for (_, about), entries in others.items() if about == item.id for entry in entries],
            followed={association_id: row for association_id, row in followed.items() if association_id in own},
            analysed=frozenset(deadlines),
            deadlines=deadlines,
            amounts=self._amounts.get(item.id, {}),
            calendar=self._calendars.of(reader.recipient, item),
            moved_on={one: step for one, step in self._moved_on.get(item.id, {}).items() if one in own},
            earlier=self._earlier.get((reader.recipient.id, matter_of(item.id, item.case_id)), ()),
        )


def _matches(session: Session, ids: Sequence[int], ears: Sequence[Ear]) -> dict[int, dict[int, list[Match]]]:
    found: dict[int, dict[int, list[Match]]] = defaultdict(lambda: defaultdict(list))
    rows = session.scalars(
        select(Match)
        .join(Revision, Match.revision_id == Revision.id)
        .where(Revision.item_id.in_(ids), Match.profile_id.in_({ear.profile.id for ear in ears}), mailable())
        .options(joinedload(Match.revision))
    )
    for match in rows:
        found[match.revision.item_id][match.profile_id].append(match)
    return found


def _entries(
    session: Session, recipients: Sequence[int], ids: Sequence[int], *, arrived: bool = False
) -> dict[tuple[int, int], list[MessageEntry]]:
    """Entries by recipient and item id. ``arrived`` leaves out mails that were given up: nobody read them."""
    found: dict[tuple[int, int], list[MessageEntry]] = defaultdict(list)
    if not recipients:
        return found
    query = (
        select(Revision.item_id, MessageEntry)
        .join(Revision, MessageEntry.revision_id == Revision.id)
        .where(MessageEntry.recipient_id.in_(recipients), Revision.item_id.in_(ids))
        .options(joinedload(MessageEntry.message))
    )
    if arrived:
        query = query.join(Message, MessageEntry.message_id == Message.id).where(Message.status.not_in(NEVER_ARRIVED))
    for item_id, entry in session.execute(query):
        found[entry.recipient_id, item_id].append(entry)
    return found


def _others(session: Session, ears: Sequence[Ear]) -> list[int]:
    """The recipients in whose place these ears listen."""
    ids = {one for ear in ears for one in (*ear.stands_in_for, *ear.succeeds)}
    if not ids:
        return []
    return list(session.scalars(select(Subscription.recipient_id).where(Subscription.id.in_(ids))))


def _followed_by(
    session: Session, items: Sequence[AgendaItem], ears: Sequence[Ear]
) -> dict[int, dict[int, FollowedCase]]:
    """By case, then by association."""
    found: dict[int, dict[int, FollowedCase]] = defaultdict(dict)
    rows = session.scalars(
        select(FollowedCase).where(
            FollowedCase.case_id.in_({item.case_id for item in items if item.case_id}),
            FollowedCase.association_id.in_(
                {ear.profile.association_id for ear in ears if ear.subscription.role is not Role.CONSULTANT}
            ),
        )
    )
    for row in rows:
        found[row.case_id][row.association_id] = row
    return found


def _moved_on(session: Session, ids: Sequence[int]) -> dict[int, dict[int, Step]]:
    """By item, then by association: the last committee in which its people were told of the case as a sure find.

    Only of cases tied by their number: a title alone comes back every month. Not where they called it irrelevant.
    """
    before, here, there = aliased(AgendaItem), aliased(Meeting), aliased(Meeting)
    rows = session.execute(
        select(AgendaItem.id, before.id, Committee.name, MessageEntry.reasons)
        .join(Case, and_(Case.id == AgendaItem.case_id, Case.case_number != ""))
        .join(before, and_(before.case_id == Case.id, before.id != AgendaItem.id))
        .join(here, here.id == AgendaItem.meeting_id)
        .join(there, and_(there.id == before.meeting_id, there.starts_at < here.starts_at))
        .join(Committee, and_(Committee.id == there.committee_id, Committee.id != here.committee_id))
        .join(Revision, Revision.item_id == before.id)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(
            AgendaItem.id.in_(ids),
            Message.kind != MessageKind.CONSULTANT_WEEKLY,
            Message.status.not_in(NEVER_ARRIVED),
        )
        .order_by(there.starts_at, MessageEntry.id)
    ).all()
    unwanted = _unwanted(session, {earlier for _, earlier, _, _ in rows})
    found: dict[int, dict[int, Step]] = defaultdict(dict)
    for item_id, earlier, committee, reasons in rows:
        for kept in reasons:
            number = kept.get("association_id")
            if number and kept.get("grade") == Grade.STRONG.value and (number, earlier) not in unwanted:
                found[item_id][number] = Step(one_line(committee), float(kept.get("score", 1.0)))
    return found


def _unwanted(session: Session, ids: Collection[int]) -> set[tuple[int, int]]:
    """(association, item) of items that were called irrelevant."""
    if not ids:
        return set()
    rows = session.execute(
        select(Feedback.association_id, Feedback.item_id).where(
            Feedback.item_id.in_(ids), Feedback.verdict == Verdict.NOT_RELEVANT, Feedback.set_aside_at.is_(None)
        )
    )
    return {(association_id, item_id) for association_id, item_id in rows}


def earlier_mails(
    session: Session, recipients: Collection[int], items: Sequence[AgendaItem]
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Message-IDs of recipients' mails, oldest first, by recipient and ``matter_of``."""
    cases = {item.case_id for item in items if item.case_id}
    rows = session.execute(
        select(MessageEntry.recipient_id, AgendaItem.case_id, AgendaItem.id, Message.message_id)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(
            MessageEntry.recipient_id.in_(recipients),
            Message.status.not_in(NEVER_ARRIVED),
            or_(AgendaItem.case_id.in_(cases), AgendaItem.id.in_([item.id for item in items])),
        )
        .order_by(Message.id)
    )
    found: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for recipient_id, case_id, item_id, message_id in rows:
        found[recipient_id, matter_of(item_id, case_id)][message_id] = None
    return {key: tuple(ids) for key, ids in found.items()}


def matter_of(item_id: int, case_id: int | None) -> int:
    """One number for all agenda items of a case; where an item has none, its own id with a minus."""
    return case_id or -item_id


def in_parts(ids: Collection[int]) -> list[list[int]]:
    """The ids in portions that fit one query."""
    ordered = sorted(ids)
    return [ordered[start : start + AT_A_TIME] for start in range(0, len(ordered), AT_A_TIME)]
