"""Import, export and delete of associations, as the operator does it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.clock import now
from service.people import (
    close_association,
    delete_association,
    export_association,
    find_association,
    import_profiles,
)
from storage.engine import transaction
from storage.models import (
    Message,
    MessageKind,
    Municipality,
    Profile,
    Recipient,
    Subscription,
    SubscriptionStatus,
)

FILE = """
profiles:
- {id: varme, name: Varmestuen, topics: [hjemløshed], municipalities: [Aarhus],
   contacts: [{name: Alice, email: alice@example.org}, {name: Bo, email: bo@example.org}]}
- {id: besoeg, name: Besøgsvennerne, topics: [ensomhed], contacts: [{name: Alice, email: Alice@Example.org}]}
- {id: fejl, name: Fejl, municipalities: [Århus]}
consultants:
- {name: Karen, email: karen@example.org, municipalities: [751]}
"""


@pytest.fixture
def database(database_url: str) -> str:
    with transaction(database_url) as session:
        session.add(Municipality(code=751, name="Aarhus"))
    return database_url


def imported(
    url: str, tmp_path: Path, text: str = FILE, *, confirmed: bool = False
) -> tuple[int, int, tuple[str, ...]]:
    path = tmp_path / "foreninger.yaml"
    path.write_text(text, encoding="utf-8")
    with transaction(url) as session:
        done = import_profiles(session, path, confirmed=confirmed)
    return done.associations, done.consultants, done.problems


def test_one_address_is_one_person_and_a_bad_entry_stops_nobody(database: str, tmp_path: Path) -> None:
    associations, consultants, problems = imported(database, tmp_path)
    assert (associations, consultants) == (2, 1)
    assert len(problems) == 1
    assert "'Århus'" in problems[0]
    with transaction(database) as session:
        assert session.scalar(select(func.count()).select_from(Recipient)) == 3
        assert session.scalar(select(func.count()).select_from(Subscription)) == 4
        statuses = set(session.scalars(select(Subscription.status)))
        assert statuses == {SubscriptionStatus.PENDING}


def test_importing_again_changes_nothing_and_brings_nobody_back(database: str, tmp_path: Path) -> None:
    imported(database, tmp_path, confirmed=True)
    with transaction(database) as session:
        before = session.scalars(select(Profile.content_hash)).all()
        bo = session.scalars(select(Subscription).join(Recipient).where(Recipient.email_key == "bo@example.org")).one()
        bo.status = SubscriptionStatus.UNSUBSCRIBED
    imported(database, tmp_path, confirmed=True)
    with transaction(database) as session:
        assert session.scalars(select(Profile.content_hash)).all() == before
        bo = session.scalars(select(Subscription).join(Recipient).where(Recipient.email_key == "bo@example.org")).one()
        assert bo.status is SubscriptionStatus.UNSUBSCRIBED


def test_what_was_closed_stays_closed_and_its_queued_mails_go(database: str, tmp_path: Path) -> None:
    imported(database, tmp_path, confirmed=True)
    with transaction(database) as session:
        varme, besoeg = find_association(session, "varme"), find_association(session, "besoeg")
        assert varme is not None
        assert besoeg is not None
        for kind, ids in ((MessageKind.WEEKLY, [1]), (MessageKind.IMMEDIATE, [1, 3]), (MessageKind.NOTICE, [1])):
            one = Message(
                recipient_id=1, kind=kind, key=kind.value, message_id=kind.value, subject="", created_at=now()
            )
            one.subscription_ids, one.next_attempt_at = ids, now()
            session.add(one)
        alices = [one.id for one in session.get_one(Recipient, 1).subscriptions]
        assert alices == [1, 3]
        assert close_association(session, varme, now()) == 2
    with transaction(database) as session:
        left = session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert left == [MessageKind.IMMEDIATE, MessageKind.NOTICE], "what is also for another association goes out"

    path = tmp_path / "foreninger.yaml"
    with transaction(database) as session:
        done = import_profiles(session, path, confirmed=True)
        assert done.closed == ("varme",)
        varme = find_association(session, "varme")
        assert varme is not None
        assert varme.closed_at is not None, "only --undo opens it again: its people were told that it was the last mail"


def test_export_tells_all_and_delete_leaves_only_what_belongs_to_others(database: str, tmp_path: Path) -> None:
    imported(database, tmp_path, confirmed=True)
    with transaction(database) as session:
        association = find_association(session, "varme")
        assert association is not None
        told = json.loads(json.dumps(export_association(session, association)))
        assert [person["email"] for person in told["people"]] == ["alice@example.org", "bo@example.org"]
        assert told["profile"]["topics"] == ["hjemløshed"]

        assert delete_association(session, association) == 1
    with transaction(database) as session:
        assert sorted(session.scalars(select(Recipient.email_key))) == ["alice@example.org", "karen@example.org"]
        assert find_association(session, "varme") is None
