"""Mails that come back: what a report means, who is believed, and what happens to the address."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from config import clock
from notifier.bounces import BounceCount, take_in
from notifier.dsn import read_report
from notifier.mailbox import MailboxUnusable, read_imap_url, read_mailbox
from notifier.return_path import ReturnPath
from storage.bounces import SOFT_AT_MOST
from storage.engine import reading
from storage.models import AgendaItem, Association, MessageStatus, Recipient
from tests.factories import MEETING, NOW, a_match, a_meeting, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice, html_of, text_of
from tests.servers.imap import ImapBox, imap_server

SAMPLES = sorted((Path(__file__).parent / "returned").glob("*.eml"))
LATER = NOW + timedelta(hours=1)


def returned(name: str, message_id: str = "<1@vagt.example.dk>", to: str = "vagt@vagt.example.dk") -> bytes:
    """A sample about a certain mail, as it comes over the wire."""
    text = (Path(__file__).parent / "returned" / f"{name}.eml").read_text(encoding="utf-8")
    return text.replace("{id}", message_id).replace("{to}", to).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("sample", [path.stem for path in SAMPLES])
def test_each_sample_means_what_its_name_says(sample: str) -> None:
    report = read_report(returned(sample))
    assert report.verdict == sample.partition("-")[0]
    assert report.message_ids == ("<1@vagt.example.dk>",)
    if report.verdict in {"hard", "soft", "delayed"}:
        assert report.addresses == ("alice@example.org",)
        assert report.reason


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"])
def test_what_is_no_mail_is_left_to_a_person(raw: bytes) -> None:
    assert read_report(raw).verdict == "other"


def sent_to_alice(office: PostOffice, more: tuple[str, ...] = ()) -> str:
    """Runs the notifier; the Message-ID of Alice's mail."""
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", *more):
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))
    office.run()
    return str(office.only_mail("Alice")["Message-ID"])


def another_item(session: Session) -> AgendaItem:
    """In a meeting of another day."""
    return an_item(session, "En anden sag", meeting=a_meeting(session, starts_at=MEETING + timedelta(days=14)))


def alice(office: PostOffice) -> Recipient:
    with reading(office.url) as session:
        return session.query(Recipient).filter(Recipient.name == "Alice").one()


def take(office: PostOffice, raw: bytes, path: ReturnPath | None = None) -> BounceCount:
    count = BounceCount()
    take_in(office.url, raw, path, LATER, count)
    return count


def test_a_hard_bounce_ends_the_mails_and_is_seen_on_the_mail(office: PostOffice) -> None:
    number = sent_to_alice(office)
    count = take(office, returned("hard-postfix", number))

    assert (count.hard, count.marked) == (1, 1)
    assert alice(office).bounced
    assert "User unknown" in (alice(office).bounce_reason or "")
    assert office.outbox()[0].status is MessageStatus.BOUNCED
    with office.rows() as session:
        a_match(session, an_association(session, "Ny"), another_item(session))
    office.run(digest=True, now=NOW + timedelta(days=8))
    assert len(office.mailbox("Alice")) == 1


def test_the_same_report_counts_once(office: PostOffice) -> None:
    number = sent_to_alice(office)
    take(office, returned("soft-postfix-full", number))
    assert take(office, returned("soft-postfix-full", number)).again == 1


def test_five_soft_bounces_in_thirty_days_mark_the_address_and_four_do_not(office: PostOffice) -> None:
    number = sent_to_alice(office)
    for one in range(SOFT_AT_MOST):
        assert not alice(office).bounced
        take(office, returned("soft-postfix-full", number) + b"%d" % one)
    assert alice(office).bounced


def test_acceptance_15_an_out_of_office_reply_is_no_bounce(office: PostOffice) -> None:
    number = sent_to_alice(office)
    for sample in ("auto_reply-outlook", "auto_reply-old-vacation", "delayed-postfix"):
        take(office, returned(sample, number))
    assert not alice(office).bounced
    assert office.outbox()[0].status is MessageStatus.SENT


def test_a_report_that_does_not_know_the_mail_closes_no_address(office: PostOffice) -> None:
    """Anybody can write one. It counts as a soft bounce of an address that we wrote to, and as nothing otherwise."""
    sent_to_alice(office)
    count = take(office, returned("hard-postfix", "<made-up@elsewhere>"))
    assert (count.hard, count.soft) == (0, 1)
    assert not alice(office).bounced
    stranger = returned("hard-postfix", "<x@y>").replace(b"alice@", b"stranger@")
    assert take(office, stranger).unknown == 1


def test_a_marked_return_path_names_the_mail_even_when_the_report_does_not(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    marked = office_with(bounce_address="bounce@vagt.example.dk")
    sent_to_alice(marked)
    path = ReturnPath("bounce@vagt.example.dk", "test key")
    (sender,) = office.server.senders
    assert path.message_in(sender) == office.outbox()[0].id

    forged = sender.replace("-", "-f", 1)[: len(sender)]
    assert path.message_in(forged) is None
    assert take(office, returned("hard-exim-plain", "<lost@mail.test>", to=sender), path).hard == 1
    assert alice(office).bounced


def test_the_others_of_the_association_learn_that_an_address_has_failed(office: PostOffice) -> None:
    number = sent_to_alice(office, more=("Bob",))
    take(office, returned("hard-postfix", number))
    with office.rows() as session:
        a_match(session, session.query(Association).one(), another_item(session))
    office.run(now=LATER)
    last = office.mailbox("Bob")[-1]
    for part in (text_of(last), html_of(last)):
        assert "Vi kan ikke nå Alice" in part
    assert "alice@" not in text_of(last)


@pytest.fixture(scope="module")
def mailbox() -> Iterator[ImapBox]:
    with imap_server() as box:
        yield box


def test_the_mailbox_is_read_recorded_and_put_away(office: PostOffice, mailbox: ImapBox) -> None:
    before = len(mailbox.subjects("Dagsordenvagt"))
    number = sent_to_alice(office)
    mailbox.put(
        returned("hard-gmail", number), returned("auto_reply-outlook", number), returned("other-person", number)
    )
    server = read_imap_url(mailbox.url)

    count = read_mailbox(office.url, server, None, LATER)
    again = read_mailbox(office.url, server, None, LATER)

    assert (count.hard, count.auto_reply, count.other, count.marked) == (1, 1, 1, 1)
    assert (again.hard, again.auto_reply, again.other) == (0, 0, 0)
    assert alice(office).bounced
    assert len(mailbox.subjects("Dagsordenvagt")) == before + 2
    assert "Re: Aarhus: Budgetforslag" in mailbox.subjects(flagged=True)
    assert mailbox.subjects(flagged=False) == []


def test_a_mailbox_that_cannot_be_opened_says_why(sqlite_url: str, mailbox: ImapBox) -> None:
    wrong = read_imap_url(mailbox.url.replace("secret", "wrong"))
    with pytest.raises(MailboxUnusable, match=r"127\.0\.0\.1"):
        read_mailbox(sqlite_url, wrong, None, LATER)
    with pytest.raises(MailboxUnusable):
        read_mailbox(sqlite_url, read_imap_url("imap://a:b@127.0.0.1:9/INBOX"), None, LATER)


@pytest.mark.parametrize(
    ("url", "port", "folder", "tls", "starttls"),
    [
        ("imaps://u:p@mail.example.dk", 993, "INBOX", True, False),
        ("imap://u:p@mail.example.dk/INBOX/Retur", 143, "INBOX/Retur", False, True),
        ("imap://u:p@127.0.0.1:1143", 1143, "INBOX", False, False),
        ("imap://u:p@mail.example.dk?starttls=0", 143, "INBOX", False, False),
    ],
)
def test_reading_the_address_of_a_mailbox(url: str, port: int, folder: str, tls: bool, starttls: bool) -> None:
    server = read_imap_url(url)
    assert (server.port, server.folder, server.tls, server.starttls) == (port, folder, tls, starttls)


def test_the_commands_read_files_list_and_clear(
    office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.settings import settings  # noqa: PLC0415
    from service.cli import app  # noqa: PLC0415

    number = sent_to_alice(office)
    monkeypatch.setenv("DAGSORDENVAGT_DATABASE_URL", office.url)
    settings.cache_clear()
    file = tmp_path / "retur.eml"
    file.write_bytes(returned("hard-qmail", number))
    run = CliRunner().invoke

    assert "1 fra adresser" in run(app, ["bounces", "read", str(file)]).output
    assert "alice@example.org" in run(app, ["bounces", "list"]).output
    listed = run(app, ["mails", "show", "1"]).output
    assert "sent" in listed
    assert "bounced" in listed
    assert run(app, ["mails", "retry", "1"]).exit_code == 1
    assert run(app, ["bounces", "clear", "alice@example.org"]).exit_code == 0
    assert not alice(office).bounced
    assert run(app, ["mails", "retry", "1"]).exit_code == 0
    office.run(now=clock.now() + timedelta(minutes=1))
    assert office.server.ids().count(number) == 2
