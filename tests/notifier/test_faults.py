"""Mail servers at their worst: whatever they do, no mail is lost and none is doubled."""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from notifier.dispatch import Dispatch
from notifier.pace import Line, Pace
from notifier.report import Report
from notifier.sending import send
from notifier.smtp import SmtpTransport, read_smtp_url
from storage.models import AttemptOutcome, Message, MessageStatus
from tests.factories import NOW, a_match, a_subscription, an_association, an_item
from tests.notifier.conftest import PostOffice
from tests.servers.smtp import Faults, mail_server

PEOPLE = tuple(f"Person{number:02}" for number in range(12))


def everybody_watches(office: PostOffice) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in PEOPLE:
            a_subscription(session, name, sind)
        a_match(session, sind, an_item(session))


def address(place: int) -> str:
    return f"{PEOPLE[place].casefold()}@example.org"


def until_all_are_sent(office: PostOffice, run: Callable[[datetime], Report] | None = None, rounds: int = 12) -> Report:
    """Runs the notifier as the schedule would, until nothing waits; the first report."""
    moment, first = NOW, None
    for _ in range(rounds):
        report = run(moment) if run else office.run(now=moment)
        first = first or report
        moment += timedelta(minutes=10)
        if all(row.status is not MessageStatus.QUEUED for row in office.outbox()):
            break
    assert first is not None
    return first


def once_each(office: PostOffice) -> Counter[str]:
    """How often each Message-ID arrived; every one of the outbox is there."""
    arrived = Counter(office.server.ids())
    assert set(arrived) == {row.message_id for row in office.outbox()}
    assert len(arrived) == len(PEOPLE)
    return arrived


# What the server does, and how many repeats it may cost: only an acceptance that we never heard of costs one.
FAULTS: list[tuple[str, dict[str, object], int]] = [
    ("421 at connect", {"closed_at_connect": 2}, 0),
    ("greylisting everybody", {"greylist": {address(n) for n in range(12)}}, 0),
    ("drops in DATA", {"dropped_at_data": 3}, 0),
    ("421 after four mails", {"mails_per_connection": 4}, 0),
    ("leaves after RCPT", {"goodbye_after_rcpt": 2}, 0),
    ("rate limit", {"rate_limited": 4}, 0),
    ("452 for the content", {"refuse_content": ["452 4.3.1 Insufficient system storage"] * 3}, 0),
    ("dies before its 250", {"accepted_then_dropped": 2}, 2),
    ("talks nonsense", {"nonsense": 2}, 0),
]


@pytest.mark.parametrize(("faults", "repeats"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_fault_that_passes_loses_and_doubles_nothing(
    office: PostOffice, faults: dict[str, object], repeats: int
) -> None:
    everybody_watches(office)
    # Half of these runs, and half of the mixtures below, say sender, recipient and DATA in one breath.
    office.server.pipelining = office.url.startswith("sqlite")
    for name, value in faults.items():
        setattr(office.faults, name, value)

    until_all_are_sent(office)

    assert not any(getattr(office.faults, name) for name in faults if name != "mails_per_connection")
    arrived = once_each(office)
    assert sum(arrived.values()) == len(PEOPLE) + repeats
    assert all(row.status is MessageStatus.SENT for row in office.outbox())


def test_one_refused_recipient_and_one_mail_too_big_stop_nobody_else(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.refuse[address(3)] = "550 5.1.1 no such user"
    office.faults.refuse[address(5)] = "552 5.3.4 Message size exceeds fixed limit"
    office.server.pipelining = office.url.startswith("sqlite")

    report = office.run()

    assert (report.counts()["sent"], report.counts()["dead"]) == (10, 2)
    assert all(len(office.server.to(address(n))) == (n not in {3, 5}) for n in range(12))


def test_a_server_as_slow_as_a_snail_is_given_up_and_asked_again(office: PostOffice) -> None:
    everybody_watches(office)
    office.run(dry_run=True)
    office.faults.slow_replies = 3

    def round_of(moment: datetime) -> Report:
        office.now = moment
        office_queue(office)
        return send(office.url, dispatch_of(office, timeout=0.3), now=lambda: moment)

    report = until_all_are_sent(office, round_of)

    assert report.counts()["dead"] == 0
    assert sum(once_each(office).values()) == len(PEOPLE)


def office_queue(office: PostOffice) -> None:
    from notifier.message import sender_for  # noqa: PLC0415
    from notifier.queueing import queue  # noqa: PLC0415

    queue(office.url, sender_for(office.settings), now=office.now)


def dispatch_of(office: PostOffice, *, timeout: float = 30, connections: int = 1) -> Dispatch:
    server = read_smtp_url(office.server.url)
    return Dispatch(
        lambda: SmtpTransport(server, timeout=timeout, data_timeout=timeout),
        lambda _: "vagt@vagt.example.dk",
        connections=connections,
        mails_per_connection=1,
    )


def test_a_refused_login_stops_the_round_tells_the_operator_and_burns_no_mail(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    everybody_watches(office)
    with mail_server(auth_required=True, auth_require_tls=False, authenticator=lambda *_: _denied()) as strict:
        url = strict.url.replace("smtp://", "smtp://vagt:wrong@")
        refused = office_with(smtp_url=SecretStr(url))
        for hour in range(15):
            report = refused.run(now=NOW + timedelta(hours=hour))
            assert "brugernavn og adgangskode" in report.problems[0]
        assert strict.connections == 15
        assert strict.raw == []
    assert {(row.status, row.attempts) for row in office.outbox()} == {(MessageStatus.QUEUED, 0)}

    office.run(now=NOW + timedelta(days=1))
    assert sum(once_each(office).values()) == len(PEOPLE)


def _denied() -> object:
    from aiosmtpd.smtp import AuthResult  # noqa: PLC0415

    return AuthResult(success=False, handled=False)


def test_a_certificate_that_nobody_vouches_for_burns_no_mail(
    office: PostOffice, office_with: Callable[..., PostOffice], certificate: ssl.SSLContext
) -> None:
    everybody_watches(office)
    with mail_server(tls_context=certificate) as untrusted:
        report = office_with(smtp_url=SecretStr(f"{untrusted.url}?starttls=1")).run()
        assert "certifikat" in report.problems[0]
        assert (untrusted.raw, untrusted.connections) == ([], 1)
    assert {row.attempts for row in office.outbox()} == {0}


def test_four_connections_share_the_work_and_the_server_may_want_fewer(office: PostOffice) -> None:
    everybody_watches(office)
    office_queue(office)
    office.faults.connections_at_most = 2

    report = send(office.url, dispatch_of(office, connections=4), now=lambda: NOW)

    assert report.all_fine
    assert sum(once_each(office).values()) == len(PEOPLE)


@pytest.mark.parametrize("seed", range(6))
def test_faults_in_any_mixture_lose_nothing(office: PostOffice, seed: int) -> None:
    """Drawn with a fixed seed: several faults at once, in several rounds."""
    everybody_watches(office)
    draw = random.Random(seed)
    office.server.pipelining = bool(seed % 2)
    dropped = 0
    for _ in range(3):
        _, faults, repeats = draw.choice(FAULTS)
        for name, value in faults.items():
            setattr(office.faults, name, value)
        dropped += repeats
        office.run(now=NOW + timedelta(minutes=draw.randrange(30)))
    office.server.faults = Faults()
    until_all_are_sent(office, lambda moment: office.run(now=moment + timedelta(hours=2)))

    assert sum(once_each(office).values()) <= len(PEOPLE) + dropped


def test_acceptance_13_a_system_with_an_allow_list_mails_nobody_else(
    office: PostOffice, office_with: Callable[..., PostOffice]
) -> None:
    with office.rows() as session:
        sind = an_association(session)
        for name in ("Alice", "Bob", "Carol"):
            a_subscription(session, name, sind).recipient.email = f"{name.casefold()}@{name.casefold()}.example"
        a_match(session, sind, an_item(session))
    testing = office_with(mail_allowlist="alice@alice.example, @Bob.example")

    report = testing.run()

    assert {rcpt for rcpt, _ in office.server.raw} == {"alice@alice.example", "bob@bob.example"}
    assert (report.counts()["sent"], report.counts()["held"]) == (2, 1)
    (held,) = [row for row in office.outbox() if row.status is MessageStatus.HELD]
    assert "MAIL_ALLOWLIST" in (held.last_error or "")
    office.run(now=NOW + timedelta(days=1))
    assert len(office.server.raw) == 2  # lifting the list does not let old mails out


def test_every_attempt_is_kept_with_what_the_server_said(office: PostOffice) -> None:
    everybody_watches(office)
    office.faults.greylist.add(address(0))
    until_all_are_sent(office)
    with office.rows() as session:
        tries = session.get_one(Message, 1).tries
        assert [(one.outcome, one.code) for one in tries] == [(AttemptOutcome.LATER, 450), (AttemptOutcome.SENT, 250)]
        assert tries[0].status == "4.7.1"


def test_a_pace_lets_a_burst_go_and_then_one_at_a_time() -> None:
    pace, gone = Pace(per_second=2, burst=3), []
    clock = 0.0
    for _ in range(6):
        clock = max(clock, pace.ready_at())
        pace.take(clock)
        gone.append(clock)
    assert gone == [0, 0, 0, 0.5, 1.0, 1.5]


def test_a_slow_host_does_not_keep_others_waiting() -> None:
    line = Line([(1, "gmail.com"), (2, "gmail.com"), (3, "example.dk"), (4, "gmail.com")], host_per_second=0.5)
    assert [line.pop(0), line.pop(0), line.pop(0)] == [(1, "gmail.com"), (3, "example.dk"), 2.0]
    assert line.pop(2.0) == (2, "gmail.com")
    line.give_back(2, "gmail.com")
    assert line.pop(2.0) == (2, "gmail.com")
    line.close("gmail.com")
    assert line.pop(99) is None
    assert line.left() == [4]


def test_nothing_is_sent_twice_by_asyncio_itself() -> None:
    """The line hands each mail to one connection only."""

    async def take_all(line: Line, taken: list[int]) -> None:
        while isinstance(turn := line.pop(0), tuple):
            taken.append(turn[0])
            await asyncio.sleep(0)

    async def race() -> list[int]:
        line, taken = Line([(n, f"host{n % 7}.dk") for n in range(500)]), list[int]()
        await asyncio.gather(*(take_all(line, taken) for _ in range(10)))
        return taken

    assert sorted(asyncio.run(race())) == list(range(500))
