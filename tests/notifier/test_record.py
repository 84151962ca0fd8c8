"""What is kept of every mail: its life, not its content for ever, and no address in any log."""

import logging
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from config.log import set_up_logging
from notifier import making, unmade
from notifier.outbox import empty_bodies
from storage.models import Message, MessageStatus, Recipient, UnmadeMail
from tests.factories import NOW, a_match, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice
from web.app import create_app

PEOPLE = ("Alice", "Bob", "Carol")


def everybody_watches(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in PEOPLE:
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))


def test_a_mail_that_cannot_be_made_is_seen_stops_nobody_and_is_made_after_the_next_start(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_watches(office)
    letter = making.immediate_letter

    def breaks(recipient: Recipient, *args: object, **more: object) -> object:
        if recipient.name == "Bob":
            raise ValueError("cannot compose for bob@example.org")
        return letter(recipient, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(making, "immediate_letter", breaks)
        first = office.run()
        second = office.run(now=NOW + timedelta(minutes=1))
    assert (first.counts()["sent"], first.counts()["problems"]) == (2, 1)
    assert second.counts()["problems"] == 0  # it waits, and says nothing meanwhile
    with office.rows() as session:
        row = session.query(UnmadeMail).one()
        assert (row.attempts, "cannot compose" in row.error, "bob@" in row.error) == (1, True, False)

    monkeypatch.setattr(unmade, "BOOT", "a newer start")
    office.run(now=NOW + timedelta(minutes=1))

    assert [len(office.mailbox(name)) for name in PEOPLE] == [1, 1, 1]
    with office.rows() as session:
        assert session.query(UnmadeMail).count() == 0


def test_contents_are_emptied_after_thirty_days_and_queued_ones_never(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.greylist.add("bob@example.org")
    office.run()

    assert empty_bodies(office.url, NOW + timedelta(days=29)) == 0
    assert empty_bodies(office.url, NOW + timedelta(days=31)) == 2

    with office.rows() as session:
        kept = {row.status for row in session.query(Message) if row.mime is not None}
    assert kept == {MessageStatus.QUEUED}
    office.run(now=NOW + timedelta(days=31))
    assert len(office.mailbox("Bob")) >= 1


def test_no_address_stands_in_any_log_line_even_at_debug(
    office: PostOffice, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_watches(office)
    office.faults.refuse["alice@example.org"] = "550 5.1.1 <alice@example.org>: no such user"
    office.faults.nonsense = 1
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    letter = making.immediate_letter

    def breaks(recipient: Recipient, *args: object, **more: object) -> object:
        if recipient.name == "Bob":
            raise ValueError(f"cannot compose for {recipient.email}")
        return letter(recipient, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "immediate_letter", breaks)
    try:
        for form in ("json", "console"):
            set_up_logging(office.settings.model_copy(update={"log_format": form}), level=logging.DEBUG)
            office.run()
            logging.getLogger("anybody").debug("to %s", ["bob@example.org"])
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    said = capfd.readouterr().err
    assert "could not be made" in said
    assert "<address>" in said
    assert "@example.org" not in said


def test_a_reader_sees_the_own_mails_and_nobody_elses(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse["alice@example.org"] = "550 5.1.1 no such user"
    office.run()
    with office.rows() as session:
        for row in session.query(Message):
            row.subject = f"Til {row.recipient.name}"
            row.created_at = row.created_at + timedelta(days=365 * 20)  # the page shows the last 30 days of today
        link = office.links.preferences(session.query(Recipient).filter(Recipient.name == "Alice").one())
    page = TestClient(create_app(office.settings)).get(link.removeprefix(office.links.base_url)).text
    assert "Mails til dig" in page
    assert "Til Alice" in page
    assert "Ikke leveret" in page
    assert "opgivet. Mailserveren afviste modtageren: 550 5.1.1 no such user" in page, "and what became of each"
    assert "Til Bob" not in page
