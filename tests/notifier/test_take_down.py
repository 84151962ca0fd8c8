"""A taken-down item's mails: what waits is made anew without it, the copies of what went out are emptied."""

from sqlalchemy import select, update

from storage.models import AgendaItem, Message, MessageEntry, MessageStatus
from storage.take_down import SUBJECT, take_down
from tests.factories import NOW, a_match, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice, text_of


def two_items(office: PostOffice) -> int:
    """Alice and Bob are to be told of two items of one meeting; gives the id of the one that will go."""
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob"):
            a_subscription(session, name, sind)
        secret = an_item(session, title="Hemmelig sag om en borger")
        a_match(session, sind, secret)
        a_match(session, sind, an_item(session, title="Natcafé", meeting=secret.meeting))
        return secret.id


def go(office: PostOffice, item_id: int) -> None:
    with office.rows() as session:
        take_down(session, session.get_one(AgendaItem, item_id), "Trukket tilbage", NOW)


def test_mails_that_wait_are_made_anew_and_copies_of_sent_ones_are_emptied(office: PostOffice) -> None:
    item_id = two_items(office)
    office.run()
    assert "Hemmelig sag" in text_of(office.only_mail("Alice"))
    with office.rows() as session:
        # Bob's mail is still waiting for its second try.
        bobs = select(Message.id).order_by(Message.id.desc()).limit(1).scalar_subquery()
        session.execute(update(Message).where(Message.id == bobs).values(status=MessageStatus.QUEUED))
        assert len(office.mailbox("Bob")) == 1

    go(office, item_id)

    (alices,) = office.outbox()
    assert (alices.status, alices.subject) == (MessageStatus.SENT, SUBJECT)
    with office.rows() as session:
        assert session.scalars(select(Message.mime)).all() == [None]
        reasons = [kept["said"] for entry in session.scalars(select(MessageEntry)) for kept in entry.reasons]
        assert sorted(map(bool, reasons)) == [False, True]
    office.run()
    made_anew = text_of(office.mailbox("Bob")[-1])
    assert "Natcafé" in made_anew
    assert "Hemmelig" not in made_anew
    # Alice has been told of the other item; of what is gone nobody hears more.
    assert len(office.mailbox("Alice")) == 1
    office.run(digest=True)
    assert "Hemmelig" not in "".join(text_of(mail) for mail in office.server.mails[2:])
