"""A mail that never arrived has told nobody anything: what is still news in it comes in the next one, once."""

from datetime import timedelta

from sqlalchemy import select

from notifier.bounces import BounceCount, take_in
from notifier.outbox import ask_again
from storage.bounces import trust_again
from storage.engine import reading
from storage.models import Association, AttemptOutcome, Frequency, Message, MessageStatus, Recipient, Subscription
from storage.subscription_life import confirm, unsubscribe
from tests.factories import MEETING, NOW, a_match, a_meeting, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice, text_of
from tests.notifier.test_returned import returned
from tests.notifier.worlds import one_match, revise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FULL = {"alice@example.org": "552 5.2.2 mailbox full"}


def told(office: PostOffice, title: str = "Budgetforslag") -> int:
    return sum(title in text_of(mail) for mail in office.mailbox("Alice"))


def test_what_a_full_mailbox_refused_comes_once_it_is_emptied(office: PostOffice) -> None:
    one_match(office)
    office.faults.refuse |= FULL
    office.run()
    office.faults.refuse.clear()
    office.run(now=NOW + HOUR)
    assert told(office) == 0, "nobody empties a mailbox in an hour"
    for days in (1, 2, 3):
        office.run(digest=True, now=NOW + days * DAY + HOUR)
    assert told(office) == 1
    first, second = office.outbox()[:2]
    assert (first.status, second.status) == (MessageStatus.DEAD, MessageStatus.SENT)
    assert first.message_id != second.message_id
    with office.rows() as session:
        lost = session.get_one(Message, first.id)
        assert [one.outcome for one in lost.tries] == [AttemptOutcome.DEAD, AttemptOutcome.TOLD_ANEW]
        assert ask_again(session, lost, NOW + 4 * DAY), "the operator cannot have it told twice"


def test_a_digest_that_came_back_later_is_told_in_the_next_one(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=Frequency.WEEKLY)
        meeting = a_meeting(session, starts_at=NOW + 20 * DAY)
        a_match(session, sind, an_item(session, meeting=meeting))
    monday = NOW.replace(day=5, hour=7)
    office.run(now=monday)
    message_id = str(office.only_mail("Alice")["Message-ID"])
    take_in(office.url, returned("soft-postfix-full", message_id), None, monday + HOUR, BounceCount())
    office.run(now=monday + 7 * DAY)
    office.run(now=monday + 14 * DAY)
    assert [("Budgetforslag" in text_of(mail)) for mail in office.mailbox("Alice")] == [True, True, False]


def test_a_mailbox_that_stays_full_ends_the_tries(office: PostOffice) -> None:
    one_match(office)
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        a_match(session, sind, an_item(session, "Sidst", meeting=a_meeting(session, starts_at=NOW + 60 * DAY)))
    office.faults.refuse |= FULL
    for days in range(30):
        office.run(now=NOW + days * DAY * 1.1)
    assert len(office.outbox()) == 5, "the fifth refusal in 30 days marks the address"
    with reading(office.url) as session:
        assert session.scalars(select(Recipient.bounced)).one()


def test_what_is_over_is_not_told_again_but_its_decision_is(office: PostOffice) -> None:
    item_id, _ = one_match(office)
    office.faults.refuse |= FULL
    office.run(now=MEETING - HOUR)
    office.faults.refuse.clear()
    office.run(now=MEETING + 2 * DAY)
    assert told(office) == 0
    revise(office, item_id, changes=["decision"], decision="Godkendt.", seen_at=MEETING + 3 * DAY)
    office.faults.refuse |= FULL
    office.run(now=MEETING + 3 * DAY)
    office.faults.refuse.clear()
    office.run(now=MEETING + 5 * DAY)
    assert "Beslutningen er kommet" in text_of(office.only_mail("Alice"))


def test_an_address_that_works_again_gets_what_lies_ahead_in_one_mail(office: PostOffice) -> None:
    one_match(office)
    office.faults.refuse["alice@example.org"] = "550 5.1.1 no such user"
    office.run()
    office.faults.refuse.clear()
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        for title, days in (("Holdt imens", 2), ("Ligger forude", 12)):
            place = a_meeting(session, f"Udvalget for {title}", starts_at=NOW + days * DAY)
            a_match(session, sind, an_item(session, title, meeting=place))
    office.run(now=NOW + DAY)
    assert not office.mailbox("Alice")
    back = NOW + 3 * DAY
    with office.rows() as session:
        trust_again(session.scalars(select(Recipient)).one(), back)
    office.run(now=back)
    text = text_of(office.only_mail("Alice"))
    assert "Budgetforslag" in text
    assert "Ligger forude" in text
    assert "Holdt imens" not in text.partition("DET HAR VI LÆST")[0]
    with reading(office.url) as session:
        assert session.scalars(select(Subscription.returned_at)).one() is None


def test_who_left_while_a_mail_waited_is_promised_nothing_until_the_return(office: PostOffice) -> None:
    one_match(office)
    office.faults.greylist.add("alice@example.org")
    office.run()
    with office.rows() as session:
        unsubscribe(session.scalars(select(Subscription)).one(), NOW)
    office.run(now=NOW + HOUR)
    office.run(now=NOW + 2 * DAY)
    with office.rows() as session:
        lost = session.scalars(select(Message)).one()
        assert [one.outcome for one in lost.tries] == [AttemptOutcome.LATER, AttemptOutcome.DEAD]
        confirm(session.scalars(select(Subscription)).one(), NOW + 3 * DAY)
    office.run(now=NOW + 3 * DAY)
    assert told(office) == 1, "what still lies ahead, for whoever comes back"


def test_what_a_lost_mail_told_is_not_counted_as_told_elsewhere(office: PostOffice) -> None:
    one_match(office)
    office.faults.refuse |= FULL
    office.run(now=NOW)
    office.faults.refuse.clear()
    with office.rows() as session:
        session.scalars(select(Subscription)).one().frequency = Frequency.WEEKLY
    office.run(digest=True, now=NOW + HOUR)
    office.only_mail("Alice")
    assert not [mail for mail in office.mailbox("Alice") if "allerede sendt besked" in text_of(mail)]
