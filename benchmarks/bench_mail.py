"""What does it cost to get mails out? Our sending against one connection for each mail with smtplib.

    python -m benchmarks.bench_mail [MAILS]          10,000 unless told

Both hand the same composed mails to the same server (a bare one in a process of its own, with STARTTLS and
PIPELINING, as nearly every mail server has them), and both write the same marks into the same database after each 250.
smtplib is given one TLS context for all its connections, which is kinder than what a script would do. It is measured
over a tenth of the mails, ours over all of them; compared is what a mail costs. Once the server answers at once, as
only loopback does, and once after 5 ms, as a server in the same country. Composing is measured by itself, with real
mails out of a database.
"""

import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from config.settings import Settings
from notifier import marks
from notifier.dispatch import dispatch_for
from notifier.marks import Parcel
from notifier.message import sender_for
from notifier.queueing import queue
from notifier.sending import send
from notifier.smtp import read_smtp_url
from storage.engine import reading, transaction
from storage.migrate import upgrade
from storage.models import Message, MessageStatus
from tests.factories import NOW, a_match, a_subscription, an_association, an_item

MAILS = 10_000
TIMES_FASTER = 5
COMPOSED = 300
# Of one association.
READERS = 3
# Milliseconds that the server takes for each answer: none on loopback, a few in the same country.
DELAYS = (0, 5)


class _Conversation(StreamRequestHandler):
    """One connection: says yes to everything, takes every mail and forgets it."""

    # Mail servers either gather the answers to pipelined commands or do as here. Otherwise each mail takes the 40 ms
    # that the other side's kernel waits before it acknowledges the first of several short answers.
    disable_nagle_algorithm = True
    server: "_Server"

    def handle(self) -> None:
        """Until the other side says goodbye."""
        self._answer("220 mail.test ESMTP")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"EHLO":
                    self._answer("250-mail.test", "250-8BITMIME", "250-PIPELINING", "250 STARTTLS")
                case b"STAR":
                    self._answer("220 2.0.0 Ready")
                    self._encrypt()
                case b"DATA":
                    self._answer("354 Go ahead")
                    while self.rfile.readline() not in {b".\r\n", b""}:
                        pass
                    self._answer("250 2.0.0 Accepted")
                case b"QUIT":
                    self._answer("221 2.0.0 Bye")
                    return
                case _:
                    self._answer("250 2.0.0 OK")

    def _answer(self, *lines: str) -> None:
        if self.server.delay:
            time.sleep(self.server.delay)
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _encrypt(self) -> None:
        self.connection = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)


class _Server(ThreadingTCPServer):
    """As little of a mail server as can be, so that the measurement is not of the server. ``delay`` in seconds."""

    daemon_threads = True
    request_queue_size = 500

    def __init__(self, context: ssl.SSLContext, delay: float) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.context, self.delay = context, delay


def serve(certificate: str, milliseconds: str) -> None:
    """The mail server: prints its port and serves until it is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(context, float(milliseconds) / 1000) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def main() -> None:
    """Prints the rates, the ratios and the memory."""
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = _certificate(folder)
        url = _composed(folder, mails)
        for delay in DELAYS:
            command = [sys.executable, "-m", "benchmarks.bench_mail", "serve", str(certificate), str(delay)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
                try:
                    _measure(url, _settings(folder, int(next(iter(server.stdout or ())))), delay)
                finally:
                    server.terminate()


def _settings(folder: Path, port: int) -> Settings:
    return Settings(
        data_dir=folder,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{port}?starttls=1&verify=0"),
        mail_from="Dagsordenvagt <vagt@vagt.example.dk>",
        secret_key=SecretStr("only for this measurement"),
        mail_per_second=0,
        mail_per_host_minute=0,
    )


def _composed(folder: Path, mails: int) -> str:
    """A database with so many real mails in it: a few hundred composed, and the rest copies of them."""
    settings = _settings(folder, 25)
    url = settings.effective_database_url
    upgrade(url)
    composed = min(mails, COMPOSED)
    _people(url, composed)
    began = time.process_time()
    queued = len(queue(url, sender_for(settings), now=NOW).queued)
    each = (time.process_time() - began) / queued * 1000
    with reading(url) as session:
        size = session.scalar(select(func.avg(func.length(Message.mime)))) or 0
    print(f"{queued} mails composed, {each:.0f} ms of processor time and {size / 1024:.0f} kB each; {mails} to send")
    _copies(url, mails - queued)
    return url


def _copies(url: str, count: int) -> None:
    """More mails of the same size to the same people: composing 10,000 would measure composing."""
    with transaction(url) as session:
        models = session.scalars(select(Message).options(undefer(Message.mime))).all()
        for number in range(count):
            model = models[number % len(models)]
            names = ("recipient_id", "kind", "subject", "mime", "subscription_ids", "created_at", "next_attempt_at")
            values = {name: getattr(model, name) for name in names}
            session.add(Message(**values, key=f"copy:{number}", message_id=f"<copy{number}@vagt.example.dk>"))


def _measure(url: str, settings: Settings, delay: int) -> None:
    with transaction(url) as session:
        session.execute(update(Message).values(status=MessageStatus.QUEUED, attempts=0, next_attempt_at=NOW))
    due = [number for number, _ in marks.due(url, NOW)]
    server = read_smtp_url(settings.smtp_url.get_secret_value()) if settings.smtp_url else None
    sample = due[: max(1, len(due) // 10)]
    began = time.perf_counter()
    _one_connection_each(url, server.port if server else 0, sample)
    theirs = len(sample) / (time.perf_counter() - began)
    with transaction(url) as session:
        session.execute(update(Message).values(status=MessageStatus.QUEUED, attempts=0, next_attempt_at=NOW))

    memory: list[float] = []
    began = time.perf_counter()
    report = send(
        url,
        dispatch_for(settings, sender_for(settings)),
        now=lambda: NOW,
        progress=lambda _note: memory.append(_resident()),
    )
    ours = len(report.sent) / (time.perf_counter() - began)
    print(f"server answers after {delay} ms:")
    print(f"  one connection each, smtplib: {theirs:8.0f} mails a second ({len(sample)} mails)")
    name = f"ours, {settings.mail_connections} connections"
    print(f"  {name:>28}: {ours:8.0f} mails a second ({len(report.sent)} mails)")
    print(f"  {ours / theirs:.1f} times faster (asked for: {TIMES_FASTER})")
    print(
        f"  memory: {memory[0]:.0f} MB at the first mail, {memory[len(memory) // 10]:.0f} MB after a tenth,"
        f" {memory[-1]:.0f} MB at the last"
    )


def _people(url: str, count: int) -> None:
    """So many readers, a few in each association, and two items that concern them all."""
    with transaction(url) as session:
        first = an_item(session)
        items = (first, an_item(session, "Frivillighedspolitik", meeting=first.meeting))
        for number in range(count):
            if number % READERS == 0:
                watched = an_association(session, f"Forening {number // READERS}")
                for item in items:
                    a_match(session, watched, item)
            a_subscription(session, f"Person{number}", watched)


def _one_connection_each(url: str, port: int, mails: list[int]) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for number in mails:
        parcel = marks.take(url, [number]).get(number)
        if not isinstance(parcel, Parcel):
            continue
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.starttls(context=context)
            client.sendmail("vagt@vagt.example.dk", [parcel.email], parcel.mime)
        marks.sent(url, [parcel], NOW)


def _resident() -> float:
    """This process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _certificate(folder: Path) -> Path:
    """An RSA certificate of the usual size for 127.0.0.1."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:4])
    else:
        main()
