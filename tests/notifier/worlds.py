"""Who watches what in the tests of mails."""

from datetime import timedelta

from storage.models import AgendaItem, Association
from tests.factories import MEETING, a_match, a_revision, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice

PEOPLE = ("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")
AFTER = MEETING + timedelta(days=5)


def one_match(office: PostOffice, **match: object) -> tuple[int, int]:
    """Alice watches for Sind Aarhus, and one item was found. Gives the ids of item and association."""
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind)
        item = an_item(session)
        a_match(session, sind, item, **match)  # type: ignore[arg-type]
        return item.id, sind.id


def revise(office: PostOffice, item_id: int, *, matched: int | None = None, **revision: object) -> None:
    with office.rows() as session:
        item = session.get_one(AgendaItem, item_id)
        a_revision(session, item, **revision)  # type: ignore[arg-type]
        if revision.get("changes") == ["withdrawn"]:
            item.withdrawn_at = item.newest.seen_at
        if matched:
            a_match(session, session.get_one(Association, matched), item)


def everybody_watches(office: PostOffice, people: tuple[str, ...] = PEOPLE) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in people:
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))


def boxes(office: PostOffice) -> dict[str, int]:
    return {name: len(office.mailbox(name)) for name in PEOPLE}
