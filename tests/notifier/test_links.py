"""Signed links: each opens one thing for one person, and nothing else does."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import itsdangerous
import pytest

from notifier.links import CONFIRM_FOR, BadLink, Links
from storage.engine import transaction
from tests.factories import a_recipient, a_subscription, an_association, an_item

LINKS = Links("https://vagt.example.dk/", "key")


def token_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def test_each_link_opens_what_it_was_made_for(database_url: str) -> None:
    with transaction(database_url) as session:
        sind = an_association(session)
        subscription, item = a_subscription(session, "Alice", sind), an_item(session)
        alice = subscription.recipient

        assert LINKS.open_confirm(session, token_of(LINKS.confirm(subscription))) is subscription
        assert LINKS.open_preferences(session, token_of(LINKS.preferences(alice))) is alice
        for url in (LINKS.unsubscribe(alice, [subscription]), LINKS.one_click(alice, [subscription])):
            opened = LINKS.open_unsubscribe(session, token_of(url))
            assert (opened.recipient, opened.subscriptions) == (alice, (subscription,))
        url = LINKS.feedback(alice, sind.id, item.id, relevant=False)
        assert parse_qs(urlsplit(url).query) == {"svar": ["ikke-relevant"]}
        judged = LINKS.open_feedback(session, token_of(url))
        assert (judged.recipient, judged.association, judged.item) == (alice, sind, item)


def test_a_link_opens_nothing_else(database_url: str) -> None:
    with transaction(database_url) as session:
        subscription = a_subscription(session, "Alice")
        token = token_of(LINKS.unsubscribe(subscription.recipient, [subscription]))
        for attempt in (
            lambda: LINKS.open_preferences(session, token),
            lambda: LINKS.open_confirm(session, token),
            lambda: LINKS.open_feedback(session, token),
            lambda: LINKS.open_unsubscribe(session, token[:-2]),
            lambda: LINKS.open_unsubscribe(session, ""),
            lambda: LINKS.open_unsubscribe(session, "æøå.\x00"),
            lambda: Links("https://vagt.example.dk", "another key").open_unsubscribe(session, token),
        ):
            with pytest.raises(BadLink) as raised:
                attempt()
            assert raised.value.problem == "invalid"


def test_a_link_never_opens_the_row_of_somebody_who_came_after(database_url: str) -> None:
    """SQLite hands out the id of an erased row again."""
    with transaction(database_url) as session:
        subscription = a_subscription(session, "Alice")
        token = token_of(LINKS.preferences(subscription.recipient))
        number = subscription.recipient.id
        session.delete(subscription.recipient)
        session.flush()
        bob = a_recipient(session, "Bob")
        bob.id = number
        session.flush()
        with pytest.raises(BadLink) as raised:
            LINKS.open_preferences(session, token)
        assert raised.value.problem == "gone"


def test_confirmation_ends_and_unsubscribing_never_does(database_url: str) -> None:
    with transaction(database_url) as session:
        subscription = a_subscription(session, "Alice")
        confirm, leave = LINKS.confirm(subscription), LINKS.unsubscribe(subscription.recipient, [subscription])
        late = itsdangerous.TimestampSigner("x").get_timestamp() + int(
            (CONFIRM_FOR + timedelta(days=1)).total_seconds()
        )
        with patch.object(itsdangerous.TimestampSigner, "get_timestamp", return_value=late):
            with pytest.raises(BadLink) as raised:
                LINKS.open_confirm(session, token_of(confirm))
            assert raised.value.problem == "expired"
            assert LINKS.open_unsubscribe(session, token_of(leave)).subscriptions == (subscription,)


def test_links_hold_no_address(database_url: str) -> None:
    with transaction(database_url) as session:
        subscription = a_subscription(session, "Alice")
        for url in (LINKS.confirm(subscription), LINKS.preferences(subscription.recipient)):
            assert "alice" not in url.casefold()
            assert "@" not in url
