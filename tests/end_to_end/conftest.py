"""A whole installation of its own: a council site, a mail server, and the real command in processes of its own."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.demo.mailbox import Mailbox, mail_server
from tests.servers.forks import Finished, Fork
from tests.service.command import MAIN

PATIENCE = 120


class HoldingMailbox(Mailbox):
    """A mailbox that stops answering when mail number ``hold_at`` (from 0) has been handed over, until released."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.hold_at: int | None = None
        self.accept_held = False
        self.holding = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hold_at is not None and len(self.mails) >= self.hold_at:
            if self.accept_held:
                await super().handle_DATA(server, session, envelope)
            self.holding.set()
            # No answer: the connection dies with the process that is being killed, and takes this wait with it.
            await asyncio.sleep(PATIENCE)
        return await super().handle_DATA(server, session, envelope)


@dataclass
class Installation:
    """One operator's machine: environment, folder, database and mailbox."""

    folder: Path
    database_url: str
    mailbox: HoldingMailbox
    environment: dict[str, str]

    def start(self, *arguments: str) -> Fork:
        """Starts the command."""
        return Fork(MAIN, arguments, self.environment, self.folder)

    def run(self, *arguments: str) -> Finished:
        """Runs the command to its end."""
        with self.start(*arguments) as process:
            return process.finish(PATIENCE)

    def watch(self, base_url: str, *, code: int = 999, name: str = "Lindebjerg") -> None:
        """Makes this site the only one in the catalogue."""
        lines = [
            f"code = {code}",
            f'name = "{name}"',
            'platform = "firstagenda"',
            f'url = "{base_url}"',
            "crawl_delay = 0.0",
        ]
        (self.folder / "municipalities.toml").write_text(
            "[[municipality]]\n" + "\n".join(lines) + "\n", encoding="utf-8"
        )

    def received(self) -> list[tuple[str, str]]:
        """(recipient, subject) of every mail in the mailbox, sorted."""
        return sorted((str(mail["To"]), str(mail["Subject"])) for mail in self.mailbox.mails)


@contextmanager
def installed(folder: Path, database_url: str) -> Iterator[Installation]:
    """An installation in ``folder`` with a mailbox that takes everything."""
    with mail_server(HoldingMailbox(folder / "mails")) as mailbox:
        assert isinstance(mailbox, HoldingMailbox)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DAGSORDENVAGT_")} | {
            "DAGSORDENVAGT_DATABASE_URL": database_url,
            "DAGSORDENVAGT_DATA_DIR": str(folder / "data"),
            "DAGSORDENVAGT_MUNICIPALITIES": str(folder / "municipalities.toml"),
            "DAGSORDENVAGT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}?starttls=0",
            "DAGSORDENVAGT_MAIL_FROM": "Dagsordenvagt <vagt@example.org>",
            "DAGSORDENVAGT_SECRET_KEY": "a key of this test",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        yield Installation(folder, database_url, mailbox, environment)


# Where nothing depends on the kind of database, one is enough: each of these tests starts several processes.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation on each kind of database."""
    with installed(tmp_path, database_url) as one:
        yield one
