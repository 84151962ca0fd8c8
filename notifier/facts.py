"""Loads all that ``choose`` looks at, a few queries for many items."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from notifier.calendar_state import calendar_states
from notifier.choose import MAILABLE, Facts, choose
from notifier.deadlines import read_deadlines
from notifier.story import Ear, Story, strongest_first
from storage.models import (
    NEVER_ARRIVED,
    AgendaItem,
    Analysis,
    Committee,
    FollowedCase,
    Match,
    Meeting,
    Message,
    MessageEntry,
    Recipient,
    Revision,
    Role,
    Subscription,
)

# Databases limit how many values one IN may hold; loading in parts also keeps memory flat.
AT_A_TIME = 500


def mailable() -> ColumnElement[bool]:
    """Matches that hold, and that are not the fruit of our own reprocessing."""
    return and_(Match.current.is_(True), Match.origin.in_(MAILABLE))


def stories_of(session: Session, recipient: Recipient, items: Collection[int], ears: Sequence[Ear]) -> list[Story]:
    """What these ears are to be told of these items, strongest first."""
    stories = []
    for part in in_parts(items):
        for facts in _facts(session, recipient, part, ears):
            story = choose(facts, ears)
            if story is not None:
                stories.append(story)
    return strongest_first(stories)


def _facts(session: Session, recipient: Recipient, ids: Sequence[int], ears: Sequence[Ear]) -> list[Facts]:
    items = session.scalars(
        select(AgendaItem)
        .where(AgendaItem.id.in_(ids))
        .options(
            selectinload(AgendaItem.revisions),
            joinedload(AgendaItem.meeting).joinedload(Meeting.committee).joinedload(Committee.municipality),
        )
        .order_by(AgendaItem.id)
    ).all()
    matches = _matches(session, ids, ears)
    entries = _entries(session, [recipient.id], ids)
    others = _entries(session, _others(session, ears), ids, arrived=True)
    followed = _followed_by(session, items, ears)
    analysed = session.execute(
        select(Revision.item_id, Revision.id, Analysis.signals)
        .join(Analysis, Analysis.revision_id == Revision.id)
        .where(Revision.item_id.in_(ids))
    ).all()
    earlier = earlier_mails(session, recipient, items)
    calendars = calendar_states(session, recipient, items)
    return [
        Facts(
            item=item,
            matches=matches[item.id],
            entries=entries[item.id],
            others=others[item.id],
            followed=followed.get(item.case_id or 0, {}),
            analysed=frozenset(revision for owner, revision, _ in analysed if owner == item.id),
            deadlines={revision: read_deadlines(signals) for owner, revision, signals in analysed if owner == item.id},
            calendar=calendars[item.id],
            earlier=earlier.get(item.case_id, ()) if item.case_id else earlier.get(-item.id, ()),
        )
        for item in items
    ]


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
) -> dict[int, list[MessageEntry]]:
    """Entries by item id. ``arrived`` leaves out mails that were given up: nobody read them."""
    found: dict[int, list[MessageEntry]] = defaultdict(list)
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
        found[item_id].append(entry)
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


def earlier_mails(session: Session, recipient: Recipient, items: Sequence[AgendaItem]) -> dict[int, tuple[str, ...]]:
    """Message-IDs of this recipient's mails, by case id; by the negative item id where an item has no case."""
    cases = {item.case_id for item in items if item.case_id}
    rows = session.execute(
        select(AgendaItem.case_id, AgendaItem.id, Message.message_id)
        .join(Revision, Revision.item_id == AgendaItem.id)
        .join(MessageEntry, MessageEntry.revision_id == Revision.id)
        .join(Message, MessageEntry.message_id == Message.id)
        .where(
            MessageEntry.recipient_id == recipient.id,
            Message.status.not_in(NEVER_ARRIVED),
            or_(AgendaItem.case_id.in_(cases), AgendaItem.id.in_([item.id for item in items])),
        )
        .order_by(Message.id)
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for case_id, item_id, message_id in rows:
        found[case_id or -item_id][message_id] = None
    return {key: tuple(ids) for key, ids in found.items()}


def in_parts(ids: Collection[int]) -> list[list[int]]:
    """The ids in portions that fit one query."""
    ordered = sorted(ids)
    return [ordered[start : start + AT_A_TIME] for start in range(0, len(ordered), AT_A_TIME)]
