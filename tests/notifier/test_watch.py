"""Who keeps the watch: deputies, pauses, handing over, questions that lapse, an association that closes."""

from datetime import date, timedelta

from sqlalchemy import select

from config.profile_file import AssociationEntry, Contact
from storage.engine import reading
from storage.models import (
    AgendaItem,
    Association,
    Frequency,
    Grade,
    Recipient,
    Role,
    Subscription,
    SubscriptionStatus,
)
from storage.save_association import save_association
from storage.subscription_life import ask, confirm, pause, unsubscribe
from tests.factories import (
    LONG_AGO,
    NOW,
    a_match,
    a_meeting,
    a_municipality,
    a_revision,
    a_subscription,
    an_association,
    an_item,
)
from tests.notifier.conftest import PostOffice, html_of, text_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def with_deputy(office: PostOffice, frequency: Frequency = Frequency.IMMEDIATE) -> None:
    """Alice watches for Sind Aarhus, Bo is her deputy."""
    with office.rows() as session:
        sind = an_association(session)
        a_subscription(session, "Alice", sind, frequency=frequency)
        a_subscription(session, "Bo", sind).role = Role.DEPUTY


def find_something(office: PostOffice, title: str, *, seen_at=NOW, grade=Grade.STRONG, **meeting) -> None:
    with office.rows() as session:
        sind = session.scalars(select(Association)).one()
        place = a_meeting(session, f"Udvalget for {title}", **meeting)
        a_match(session, sind, an_item(session, title, meeting=place, seen_at=seen_at), grade=grade)


def change(office: PostOffice, title: str, *, at=NOW, **revision) -> None:
    with office.rows() as session:
        item = session.scalars(select(AgendaItem).where(AgendaItem.title == title)).one()
        a_revision(session, item, seen_at=at, **revision)


def rest(office: PostOffice, name: str, until: date | None = None) -> None:
    with office.rows() as session:
        pause(session, subscription(session, name), until)


def subscription(session, name: str) -> Subscription:
    query = select(Subscription).join(Recipient).where(Recipient.name == name)
    return session.scalars(query).one()


def subjects(office: PostOffice, name: str) -> list[str]:
    return [str(mail["Subject"]) for mail in office.mailbox(name)]


def test_a_deputy_hears_nothing_while_the_watcher_listens(office: PostOffice) -> None:
    with_deputy(office)
    find_something(office, "Kriserådgivning")
    office.run()
    office.run(digest=True, now=NOW + DAY)
    assert len(office.mailbox("Alice")) == 1
    assert not office.mailbox("Bo")


def test_the_deputy_goes_on_where_the_watcher_stopped(office: PostOffice) -> None:
    with_deputy(office)
    find_something(office, "Kriserådgivning")
    office.run()
    rest(office, "Alice", date(2026, 10, 20))
    office.run(now=NOW + HOUR)
    assert not office.mailbox("Bo"), "the association was told of what Alice has read"
    find_something(office, "Varmestue", seen_at=NOW + HOUR)
    change(office, "Kriserådgivning", at=NOW + HOUR, changes=["decision"], decision="Godkendt.")
    office.run(now=NOW + 2 * HOUR)
    (mail,) = office.mailbox("Bo")
    text = text_of(mail)
    assert "Varmestue" in text
    assert "Beslutningen er kommet" in text, "a case that Alice was told of goes on in Bo's mails"
    assert "stedfortræder for Sind Aarhus" in text
    assert len(office.mailbox("Alice")) == 1


def test_the_watcher_comes_back_by_the_calendar_and_hears_only_what_nobody_was_told(office: PostOffice) -> None:
    with_deputy(office)
    rest(office, "Alice", date(2026, 10, 3))
    find_something(office, "Varmestue")
    office.run()
    assert len(office.mailbox("Bo")) == 1
    office.run(now=NOW + DAY)
    assert not office.mailbox("Alice")
    back = NOW + 2 * DAY
    office.run(now=back)
    office.run(digest=True, now=back + HOUR)
    assert not [one for one in subjects(office, "Alice") if "Varmestue" in one], "Bo has it"
    change(office, "Varmestue", at=back, changes=["attachment_added"], attachments=["Notat"])
    find_something(office, "Klubhus", seen_at=back)
    office.run(now=back + 2 * HOUR)
    assert "Nyt bilag" in text_of(office.mailbox("Alice")[-1]), "what Bo was told goes on in Alice's mails"
    assert len(office.mailbox("Bo")) == 1


def test_after_a_pause_without_deputy_one_mail_tells_what_still_lies_ahead(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Alice")
    rest(office, "Alice", date(2026, 10, 9))
    for title, days in (("Varmestue", 10), ("Klubhus", 12), ("Værested", 3)):
        find_something(office, title, starts_at=NOW + days * DAY)
    find_something(office, "Måske", starts_at=NOW + 14 * DAY, grade=Grade.WEAK)
    office.run(digest=True)
    assert not office.mailbox("Alice")
    office.run(now=NOW + 8 * DAY)
    mail = office.only_mail("Alice")
    text = text_of(mail)
    assert "Velkommen tilbage" in text
    assert all(title in text for title in ("Varmestue", "Klubhus", "Måske"))
    assert "Værested" not in text.partition("Hvad vi har læst")[0], "that meeting was held meanwhile"
    office.run(now=NOW + 8 * DAY + HOUR)
    office.only_mail("Alice")


def test_a_mail_that_waits_when_a_pause_begins_is_left_to_the_deputy(office: PostOffice) -> None:
    with_deputy(office)
    find_something(office, "Kriserådgivning")
    office.faults.greylist.add("alice@example.org")
    office.run()
    assert not office.mailbox("Alice")
    rest(office, "Alice")
    office.run(now=NOW + HOUR)
    assert "Kriserådgivning" in subjects(office, "Bo")[0]


def test_the_deputy_takes_over_from_an_address_that_refuses_mail(office: PostOffice) -> None:
    with_deputy(office)
    find_something(office, "Kriserådgivning")
    office.faults.refuse["alice@example.org"] = "550 5.1.1 no such user"
    office.run()
    office.run(now=NOW + HOUR)
    assert "Kriserådgivning" in subjects(office, "Bo")[0], "a mail that nobody read tells nobody"


def test_an_unsubscribed_watcher_leaves_the_watch_to_the_deputy(office: PostOffice) -> None:
    with_deputy(office)
    with office.rows() as session:
        unsubscribe(subscription(session, "Alice"), NOW)
    find_something(office, "Kriserådgivning")
    office.run(now=NOW + HOUR)
    assert len(office.mailbox("Bo")) == 1


def test_handing_over_waits_for_the_new_watcher_who_then_gets_the_open_cases(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        alice = a_subscription(session, "Alice", sind)
        bo = a_subscription(session, "Bo", sind, status=SubscriptionStatus.PENDING)
        bo.replaces_id, bo.asked_at = alice.id, NOW
    find_something(office, "Kriserådgivning", starts_at=NOW + 2 * DAY)
    find_something(office, "Varmestue", starts_at=NOW + 9 * DAY)
    office.run()
    assert "Alice har bedt dig overtage vagten for Sind Aarhus" in text_of(office.only_mail("Bo"))
    assert len(office.mailbox("Alice")) == 1, "the old one stays until the new one confirms"
    later = NOW + 3 * DAY
    with office.rows() as session:
        confirm(subscription(session, "Bo"), later)
    office.run(now=later)
    with reading(office.url) as session:
        assert subscription(session, "Alice").status is SubscriptionStatus.UNSUBSCRIBED
    assert "Varmestue" in subjects(office, "Bo")[-1], "what lies ahead is told to the new watcher"
    assert "Kriserådgivning" not in text_of(office.mailbox("Bo")[-1]), "that meeting was held before"
    change(office, "Kriserådgivning", at=later, changes=["decision"], decision="Godkendt.")
    office.run(now=later + HOUR)
    assert "Kriserådgivning" in subjects(office, "Bo")[-1], "its decision still comes"
    assert len(office.mailbox("Alice")) == 1


def test_a_deputy_can_be_asked_to_become_the_watcher(office: PostOffice) -> None:
    with_deputy(office)
    with office.rows() as session:
        bo = subscription(session, "Bo")
        bo.replaces_id = subscription(session, "Alice").id
        assert ask(session, bo, NOW)
    office.run()
    mail = office.only_mail("Bo")
    assert "overtage vagten" in text_of(mail)
    with office.rows() as session:
        confirm(subscription(session, "Bo"), NOW + HOUR)
    with reading(office.url) as session:
        assert subscription(session, "Bo").role is Role.WATCHER
        assert subscription(session, "Alice").status is SubscriptionStatus.UNSUBSCRIBED


def test_a_question_that_nobody_answers_lapses(office: PostOffice) -> None:
    with office.rows() as session:
        for name, by_form in (("Alice", True), ("Bo", False)):
            one = a_subscription(session, name, an_association(session, f"{name}s"), status=SubscriptionStatus.PENDING)
            one.by_form = by_form
    office.run()
    assert len(office.mailbox("Alice")) == len(office.mailbox("Bo")) == 1
    office.run(now=NOW + timedelta(days=13))
    office.run(now=NOW + timedelta(days=14))
    with reading(office.url) as session:
        assert session.scalars(select(Recipient.name)).all() == ["Bo"], "an address from the form is erased"
        assert subscription(session, "Bo").status is SubscriptionStatus.EXPIRED
        assert session.scalars(select(Association.name)).all() == ["Bos"]
    office.run(now=NOW + timedelta(days=60))
    assert len(office.mailbox("Bo")) == 1, "nobody is asked again by himself"


def test_asking_again_is_for_people_and_not_for_floods(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Alice", status=SubscriptionStatus.PENDING)
    moment = NOW
    for _ in range(12):
        office.run(now=moment)
        with office.rows() as session:
            ask(session, subscription(session, "Alice"), moment + timedelta(minutes=1))
        moment += timedelta(minutes=15)
        with office.rows() as session:
            ask(session, subscription(session, "Alice"), moment)
    office.run(now=moment)
    assert len(office.mailbox("Alice")) == 5
    assert len({mail["Message-ID"] for mail in office.mailbox("Alice")}) == 5


def test_who_never_wanted_mail_is_not_asked_again(office: PostOffice) -> None:
    with office.rows() as session:
        one = a_subscription(session, "Alice", status=SubscriptionStatus.PENDING)
        unsubscribe(one, NOW)
        assert not ask(session, one, NOW + DAY)
    office.run(now=NOW + 2 * DAY)
    assert not office.mailbox("Alice")


def test_who_is_active_and_signs_up_again_learns_that_quietly(office: PostOffice) -> None:
    with office.rows() as session:
        ask(session, a_subscription(session, "Alice"), NOW)
    office.run()
    office.run(now=NOW + DAY)
    mail = office.only_mail("Alice")
    assert mail["Subject"] == "Du er allerede tilmeldt hos Dagsordenvagt"
    assert "/indstillinger/" in html_of(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_association_that_closes_says_goodbye_once(office: PostOffice) -> None:
    with_deputy(office)
    find_something(office, "Kriserådgivning")
    with office.rows() as session:
        session.scalars(select(Association)).one().closed_at = NOW
    office.run()
    office.run(digest=True, now=NOW + DAY)
    for name in ("Alice", "Bo"):
        assert subjects(office, name) == ["Sind Aarhus er lukket hos Dagsordenvagt"]


def test_a_digest_comes_on_the_day_and_hour_of_choice(office: PostOffice) -> None:
    with office.rows() as session:
        one = a_subscription(session, "Alice", frequency=Frequency.WEEKLY, confirmed_at=LONG_AGO)
        one.weekday, one.hour = 4, 9
    find_something(office, "Varmestue")
    friday = NOW + DAY
    office.run(now=friday.replace(hour=8, minute=59))
    before = len(office.mailbox("Alice"))
    office.run(now=friday.replace(hour=9))
    assert len(office.mailbox("Alice")) == before + 1
    assert "Varmestue" in str([text_of(mail) for mail in office.mailbox("Alice")])
    office.run(now=friday + DAY)
    assert len(office.mailbox("Alice")) == before + 1


def test_a_compact_digest_names_each_item_with_its_reason_and_link(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Alice", frequency=Frequency.WEEKLY).compact = True
    find_something(office, "Varmestue")
    office.run(digest=True)
    mail = office.only_mail("Alice")
    for words in (text_of(mail), html_of(mail)):
        assert "Varmestue" in words
        assert "https://dagsordener.example.dk/vis" in words
        assert "Hvad kan I gøre nu" not in words
        assert "https://vagt.example.dk/sager/" in words
        assert "Var det relevant?" in words
        assert words.count("https://vagt.example.dk/svar/") == 2


def test_a_compact_digest_says_what_was_decided(office: PostOffice) -> None:
    with office.rows() as session:
        a_subscription(session, "Alice", frequency=Frequency.WEEKLY).compact = True
    find_something(office, "Varmestue")
    change(office, "Varmestue", at=NOW, changes=["decision"], decision="Godkendt, dog først fra 2027.")
    office.run(digest=True)
    mail = office.only_mail("Alice")
    assert "Beslutningen: Godkendt, dog først fra 2027." in text_of(mail)
    assert "Godkendt, dog først fra 2027." in html_of(mail)


def test_an_import_leaves_alone_what_people_chose_until_the_file_changes(office: PostOffice) -> None:
    contact = Contact(name="Bo", email="bo@example.org", role="deputy", frequency="daily")
    entry = AssociationEntry(
        id="sind", name="Sind", topics=["ensomhed"], contacts=[Contact(email="a@example.org"), contact]
    )
    with office.rows() as session:
        a_municipality(session)
        save_association(session, entry, confirmed=True, now=NOW)
    with office.rows() as session:
        bo = subscription(session, "Bo")
        assert (bo.role, bo.frequency, bo.status) == (Role.DEPUTY, Frequency.DAILY, SubscriptionStatus.CONFIRMED)
        bo.role, bo.frequency = Role.WATCHER, Frequency.WEEKLY
        profile = session.scalars(select(Association)).one().profile
        assert profile is not None
        profile.topics, profile.content_hash = ["psykisk sårbarhed"], "changed on the page"
    for topics, expected in ((["ensomhed"], ["psykisk sårbarhed"]), (["gæld"], ["gæld"])):
        with office.rows() as session:
            save_association(session, entry.model_copy(update={"topics": topics}), confirmed=True, now=NOW + DAY)
        with reading(office.url) as session:
            bo = subscription(session, "Bo")
            assert (bo.role, bo.frequency) == (Role.WATCHER, Frequency.WEEKLY)
            profile = session.scalars(select(Association)).one().profile
            assert profile is not None
            assert profile.topics == expected
