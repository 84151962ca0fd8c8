"""Import, export and delete of associations, as the operator does it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.people import delete_association, export_association, find_association, import_profiles
from storage.engine import transaction
from storage.models import Municipality, Profile, Recipient, Subscription, SubscriptionStatus

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
