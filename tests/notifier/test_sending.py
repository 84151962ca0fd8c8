"""Sending: faults of mail servers, and processes that die, neither lose nor double a mail."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from pydantic import SecretStr

from notifier.eml import EmlTransport, file_name
from notifier.marks import ATTEMPTS_AT_MOST, LONGEST_WAIT, wait_before
from notifier.outbox import empty_bodies, forget_files
from notifier.smtp import SmtpTransport, read_smtp_url
from notifier.transport import Envelope, Fault, TransportError
from storage.engine import reading
from storage.models import MessageStatus, Recipient
from storage.personal_data import erase_person
from tests.factories import NOW
from tests.notifier.conftest import PostOffice
from tests.notifier.worlds import PEOPLE, boxes, everybody_watches
from tests.servers.smtp import mail_server


def test_all_mails_go_over_one_connection(office: PostOffice) -> None:
    everybody_watches(office)
    office.run()
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)
    assert office.server.connections == 1


def test_a_refused_address_is_given_up_with_the_reason_and_the_others_get_theirs(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse["bob@example.org"] = "550 5.1.1 <bob@example.org>: no such user here"

    report = office.run()

    assert boxes(office) == dict.fromkeys(PEOPLE, 1) | {"Bob": 0}
    assert not report.all_fine
    assert report.counts()["dead"] == 1
    (dead,) = [row for row in office.outbox() if row.status is MessageStatus.DEAD]
    assert "550 5.1.1" in (dead.last_error or "")
    with reading(office.url) as session:
        assert [row.name for row in session.query(Recipient).filter(Recipient.bounced)] == ["Bob"]


def test_a_bounced_address_is_left_alone(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse["bob@example.org"] = "550 5.1.1 no such user"
    office.run()
    office.faults.refuse.clear()

    office.run(digest=True, now=NOW + timedelta(days=8))

    assert boxes(office)["Bob"] == 0


def test_a_refusal_for_another_reason_does_not_mark_the_address(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse["bob@example.org"] = "552 5.2.2 mailbox full"
    office.run()
    with reading(office.url) as session:
        assert session.query(Recipient).filter(Recipient.bounced).count() == 0


def test_a_greylisted_mail_is_tried_again_two_minutes_later(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.greylist.add("carol@example.org")

    first = office.run()
    too_early = office.run(now=NOW + timedelta(minutes=1))
    in_time = office.run(now=NOW + timedelta(minutes=2))

    assert (first.counts()["sent"], first.counts()["later"]) == (5, 1)
    assert "450 4.7.1" in first.later[0].why
    assert too_early.counts()["sent"] == 0
    assert in_time.counts()["sent"] == 1
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


def test_a_connection_dropped_in_data_repeats_the_mail_with_the_same_id(office: PostOffice) -> None:
    everybody_watches(office, ("Alice",))
    office.faults.dropped_at_data = 1

    assert office.run().counts()["later"] == 1
    before = office.outbox()[0].message_id
    office.run(now=NOW + timedelta(minutes=2))

    assert [mail["Message-ID"] for mail in office.mailbox("Alice")] == [before]


def test_a_mail_accepted_but_not_acknowledged_is_repeated_with_the_same_id(office: PostOffice) -> None:
    everybody_watches(office, ("Alice",))
    office.faults.accepted_then_dropped = 1

    office.run()
    office.run(now=NOW + timedelta(minutes=2))

    assert len(office.mailbox("Alice")) == 2
    assert len(set(office.server.ids())) == 1


def test_a_server_that_says_421_at_connect_costs_nobody_a_mail(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.closed_at_connect = 2

    report = office.run()

    assert report.all_fine
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)
    assert {row.attempts for row in office.outbox()} == {1}


def test_a_server_that_keeps_saying_421_is_left_alone_and_no_mail_is_counted_as_tried(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.closed_at_connect = 3

    report = office.run()

    assert report.counts()["later"] == len(PEOPLE)
    assert "421 4.3.2" in report.problems[0]
    assert {(row.attempts, row.status) for row in office.outbox()} == {(0, MessageStatus.QUEUED)}
    office.run(now=NOW + timedelta(minutes=2))
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


def test_a_server_that_closes_after_some_mails_is_asked_again_at_once(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.mails_per_connection = 2

    report = office.run()

    assert report.all_fine
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)
    assert office.server.connections == 3


def test_no_server_at_all_leaves_every_mail_waiting_with_the_reason(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    everybody_watches(office)
    nowhere = office_with(smtp_url=SecretStr("smtp://127.0.0.1:9"))

    report = nowhere.run()

    assert report.counts()["later"] == len(PEOPLE)
    assert report.problems
    assert all("127.0.0.1:9" in (row.last_error or "") for row in office.outbox())
    assert all(row.status is MessageStatus.QUEUED for row in office.outbox())
    office.run(now=NOW + timedelta(minutes=2))
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


def test_our_own_address_being_refused_kills_no_mail(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse_sender = "550 5.7.1 relaying denied"

    report = office.run()

    assert report.counts()["dead"] == 0
    assert report.counts()["later"] == len(PEOPLE)
    office.faults.refuse_sender = ""
    office.run(now=NOW + timedelta(minutes=2))
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.8 <vagt@vagt.example.dk>: Sender address rejected: Domain not found",
        "554 5.7.1 <{}>: Relay access denied",
        "530 5.7.0 Authentication required",
    ],
)
def test_our_own_fault_that_is_told_at_the_recipient_kills_no_mail_and_blames_no_address(
    office: PostOffice, answer: str
) -> None:
    """Postfix says what is wrong with sender, login and relaying only after RCPT (smtpd_delay_reject)."""
    everybody_watches(office)
    for name in PEOPLE:
        office.faults.refuse[f"{name.casefold()}@example.org"] = answer.format(f"{name.casefold()}@example.org")

    report = office.run()

    assert (report.counts()["dead"], report.counts()["later"]) == (0, len(PEOPLE))
    with office.rows() as session:
        assert session.query(Recipient).filter(Recipient.bounced).count() == 0
    office.faults.refuse.clear()
    office.run(now=NOW + timedelta(minutes=2))
    assert boxes(office) == dict.fromkeys(PEOPLE, 1)


def test_what_is_printed_and_kept_of_a_run_names_no_address(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse["bob@example.org"] = "550 5.1.1 <bob@example.org>: no such user here"
    told = str(office.run().as_json())
    assert "no such user here" in told
    assert "example.org" not in told


def test_a_mail_nobody_takes_is_given_up_in_the_end(office: PostOffice) -> None:
    everybody_watches(office, ("Alice",))
    office.faults.refuse["alice@example.org"] = "451 4.3.0 try later"
    now = NOW
    for attempt in range(1, ATTEMPTS_AT_MOST + 2):
        office.run(now=now)
        now += wait_before(attempt)

    (row,) = office.outbox()
    assert (row.status, row.attempts) == (MessageStatus.DEAD, ATTEMPTS_AT_MOST + 1)


def test_the_waits_double_from_two_minutes_to_64_hours() -> None:
    assert [wait_before(n).total_seconds() / 60 for n in (1, 2, 3)] == [2, 4, 8]
    assert wait_before(ATTEMPTS_AT_MOST) == LONGEST_WAIT


def test_without_a_mail_server_mails_become_files(office: PostOffice, office_with: Callable[..., PostOffice]) -> None:
    everybody_watches(office, ("Alice", "Bob"))
    filing = office_with(smtp_url=None)

    report = filing.run()

    files = sorted(filing.settings.outbox_dir.iterdir())
    assert report.counts()["sent"] == len(files) == 2
    assert {file.name for file in files} == {file_name(row.message_id) for row in office.outbox()}
    subject = message_from_bytes(files[0].read_bytes(), policy=policy.default)["Subject"]
    assert subject.startswith("Aarhus: Budgetforslag Social- og beskæftigelsesområdet")


def test_files_of_mails_are_kept_as_long_as_mails_and_no_longer_than_people(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    everybody_watches(office, ("Alice", "Bob"))
    filing = office_with(smtp_url=None)
    filing.run()
    folder = filing.settings.outbox_dir
    (folder / "notes.txt").write_text("the operator's own", encoding="utf-8")
    assert forget_files(office.url, folder) == 0
    with office.rows() as session:
        erase_person(session, session.query(Recipient).filter(Recipient.name == "Bob").one())
    assert forget_files(office.url, folder) == 1
    (left,) = folder.glob("*.eml")
    assert b"alice@example.org" in left.read_bytes()
    empty_bodies(office.url, NOW + timedelta(days=31))
    assert forget_files(office.url, folder) == 1
    assert [one.name for one in folder.iterdir()] == ["notes.txt"]
    assert forget_files(office.url, folder / "missing") == 0


def test_a_repeated_file_overwrites_itself_and_a_strange_id_stays_in_the_folder(tmp_path: Path) -> None:
    async def write() -> None:
        async with EmlTransport(tmp_path) as transport:
            for content in (b"one", b"two"):
                await transport.send(Envelope("a@example.org", "b@example.org", "<abc@host>", content))
            await transport.send(Envelope("a@example.org", "b@example.org", "<../../etc/passwd@host>", b"three"))

    asyncio.run(write())
    assert (tmp_path / "abc.eml").read_bytes() == b"two"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_address_that_would_be_a_command_is_refused() -> None:
    async def send(url: str) -> None:
        async with SmtpTransport(read_smtp_url(url)) as transport:
            await transport.send(Envelope("a@example.org", "b@example.org>\r\nRCPT TO:<c@example.org", "<1@h>", b"x"))

    with mail_server() as server, pytest.raises(TransportError) as raised:
        asyncio.run(send(server.url))
    assert raised.value.permanent
    assert server.raw == []


def test_starttls_is_demanded_and_never_skipped() -> None:
    async def greet(url: str) -> None:
        await SmtpTransport(read_smtp_url(url)).greet()

    with mail_server() as server, pytest.raises(TransportError) as raised:
        asyncio.run(greet(f"{server.url}?starttls=1"))
    assert raised.value.fault is Fault.OURS
    assert not raised.value.permanent


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls", "verify"),
    [
        ("smtp://mail.example.dk", 25, False, None, True),
        ("smtp://mail.example.dk?starttls=1", 587, False, True, True),
        ("smtps://mail.example.dk?verify=0", 465, True, False, False),
        ("smtp://user:p%40ss@mail.example.dk:2525", 2525, False, True, True),
        ("smtp://user:pass@127.0.0.1:2525", 2525, False, None, True),
        ("smtp://user:pass@mail.example.dk:2525?starttls=0", 2525, False, False, True),
    ],
)
def test_reading_the_address_of_a_mail_server(
    url: str, port: int, tls: bool, starttls: bool | None, verify: bool
) -> None:
    server = read_smtp_url(url)
    assert (server.port, server.tls, server.starttls, server.verify) == (port, tls, starttls, verify)


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_allowed(certificate: ssl.SSLContext) -> None:
    async def send(url: str) -> None:
        async with SmtpTransport(read_smtp_url(url)) as transport:
            await transport.send(Envelope("a@example.org", "b@example.org", "<1@h>", b"Subject: x\r\n\r\nx\r\n"))

    with mail_server(tls_context=certificate) as server:
        with pytest.raises(TransportError, match="certifikat") as raised:
            asyncio.run(send(f"{server.url}?starttls=1"))
        assert raised.value.fault is Fault.OURS
        assert server.raw == []
        asyncio.run(send(f"{server.url}?starttls=1&verify=0"))
        assert len(server.raw) == 1


def test_a_password_with_special_characters_is_read_whole() -> None:
    assert read_smtp_url("smtp://user:p%40ss@mail.example.dk").password == "p@ss"
