"""Acceptance 1: kill the process anywhere, run again: every mailbox is as after a run that nobody disturbed.

The notifier runs in a forked child that is killed with SIGKILL: at a statement or commit of its database, or when the
mail server has reached some step with it. Then it runs again over what the first one left, and may be killed again.
200 random points on each kind of database; the world is prepared once and copied for each point.
"""

import gc
import os
import random
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event, select

from config.settings import Settings
from notifier.message import sender_for
from notifier.queueing import queue
from notifier.run import notify
from storage.base import Base
from storage.engine import engine_for, transaction
from storage.lock import Busy
from storage.models import Frequency, Meeting, SubscriptionStatus
from tests.factories import (
    NOW,
    a_match,
    a_meeting,
    a_revision,
    a_subscription,
    an_association,
    an_item,
)
from tests.servers.smtp import MailServer, mail_server

Mailbox = dict[str, tuple[str, str]]  # Message-ID: recipient, words

POINTS = 200
MAILS = 5
AT_ONCE = 2
ENDED_WELL, BUSY = 0, 5


@dataclass
class World:
    """A prepared database at ``url``. ``renew`` puts the prepared state back, under the same address."""

    url: str
    renew: Callable[[], None]


def prepare(url: str, folder: Path) -> None:
    """Three mails that an earlier run has queued, and two that are still to be made: at once, and a weekly digest.

    Making mails takes most of a run's time; with five to be made, 400 points would take minutes.
    """
    with transaction(url) as session:
        sind = an_association(session, "Sind Aarhus")
        first = an_item(session, "Krisecenter", meeting=a_meeting(session))
        for name in ("Bob", "Carol"):
            a_subscription(session, name, sind)
        a_subscription(session, "Pia", sind, status=SubscriptionStatus.PENDING)
        a_match(session, sind, first)
    queue(url, sender_for(settings_of(url, folder, "smtp://127.0.0.1:1")), now=NOW)
    with transaction(url) as session:
        baglandet = an_association(session, "Baglandet")
        a_subscription(session, "Alice", baglandet)
        a_subscription(session, "Wilma", baglandet, frequency=Frequency.WEEKLY)
        item = an_item(session, "Værested", meeting=session.scalars(select(Meeting)).one())
        a_match(session, baglandet, item)
        a_revision(session, item, changes=["attachment_added"], attachments=["Bilag 1"])
        a_match(session, baglandet, item)
    engine_for(url).dispose()


def settings_of(url: str, folder: Path, smtp: str) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=url,
        smtp_url=SecretStr(smtp),
        mail_from="Dagsordenvagt <vagt@vagt.example.dk>",
        base_url="https://vagt.example.dk",
        secret_key=SecretStr("test key of some length"),
        mail_connections=AT_ONCE,
        mail_per_second=1000,
    )


@pytest.fixture
def sqlite_world(sqlite_template: Path, tmp_path: Path) -> World:
    prepared, used = tmp_path / "prepared.sqlite3", tmp_path / "used.sqlite3"
    shutil.copy(sqlite_template, prepared)
    prepare(f"sqlite:///{prepared}", tmp_path)

    def renew() -> None:
        for one in tmp_path.glob("used.sqlite3*"):
            one.unlink()
        shutil.copy(prepared, used)

    return World(f"sqlite:///{used}", renew)


@pytest.fixture
def postgres_world(postgres_url: str, tmp_path: Path) -> Iterator[World]:
    """Rows are put back one by one: making a database 200 times waits for the disk each time."""
    prepare(postgres_url, tmp_path)
    tables = [table.name for table in Base.metadata.sorted_tables]
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("CREATE SCHEMA prepared")
        kept = []
        for name in tables:
            made = server.execute(f'CREATE TABLE prepared."{name}" AS TABLE public."{name}"')
            if made.rowcount:
                kept.append(name)
        emptied = "".join(f'DELETE FROM public."{name}";' for name in reversed(tables))  # noqa: S608 - our own names
        filled = "".join(f'INSERT INTO public."{name}" SELECT * FROM prepared."{name}";' for name in kept)  # noqa: S608
        yield World(postgres_url, lambda: server.execute(f"BEGIN;{emptied}{filled}COMMIT") and None)
        server.execute("DROP SCHEMA prepared CASCADE")


class Watched:
    """Counts what a run does, and kills it at one step: ``database`` steps in the child, ``mail`` steps from here."""

    def __init__(self, url: str, folder: Path, server: MailServer) -> None:
        self.server = server
        self.mail_steps = 0
        self.settings = settings_of(url, folder, server.url)

    def run(self, *, database: int = 0, mail: int = 0) -> tuple[int, int]:
        """(signal or 0, how many steps its database took). Kills at the step with that number, from 1."""
        down, up = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(down)
            self._as_child(database, up)
        os.close(up)
        self.mail_steps = 0

        def at_step() -> None:
            self.mail_steps += 1
            if self.mail_steps == mail:
                os.kill(child, signal.SIGKILL)

        self.server.at_step = at_step
        steps = 0
        with os.fdopen(down, "rb") as told:
            for line in told:
                steps = int(line)
        _, status = os.waitpid(child, 0)
        self.server.at_step = None
        return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), steps

    def _as_child(self, kill_at: int, tell: int) -> None:
        steps = 0

        def step(*_: object) -> None:
            nonlocal steps
            steps += 1
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        gc.disable()  # a pass over everything would copy the parent's memory
        try:
            for name in ("after_cursor_execute", "commit", "rollback", "begin"):
                event.listen(Engine, name, step)
            report = notify(self.settings, now=lambda: NOW)
            os.write(tell, f"{steps}\n".encode())
            os._exit(ENDED_WELL if report.all_fine else 3)
        except Busy:
            os._exit(BUSY)
        except BaseException:
            os._exit(4)

    def mailbox(self) -> Mailbox:
        """What arrived, by Message-ID: a mail that was taken twice under one is one to every mail program."""
        ids = self.server.ids()
        box = dict(zip(ids, self.server.raw, strict=True))
        assert all(box[one] == got for one, got in zip(ids, self.server.raw, strict=True)), "repeats differ"
        return {one: (whom, _words(content)) for one, (whom, content) in box.items()}


def _words(content: bytes) -> str:
    """All that a reader sees, without what is drawn anew each time: boundaries, and the hour in a link to confirm."""
    mail = message_from_bytes(content, policy=policy.default)
    parts = [str(part.get_content()) for part in mail.walk() if not part.is_multipart()]
    return re.sub(r"/bekraeft/[^\s\"]+", "/bekraeft/…", "\n".join([str(mail["Subject"]), *parts]))


def undisturbed(world: World, watched: Watched) -> tuple[Mailbox, int, int]:
    """(mailbox, database steps, mail steps) of a run that nobody disturbs."""
    world.renew()
    # In this process first: what its children need is then loaded, and their statements and templates compiled.
    assert notify(watched.settings, now=lambda: NOW).all_fine
    engine_for(world.url).dispose()
    watched.server.raw.clear()
    world.renew()
    code, steps = watched.run()
    assert code == ENDED_WELL
    box = watched.mailbox()
    assert len(box) == len(watched.server.raw) == MAILS
    return box, steps, watched.mail_steps


def killed_and_run_again(world: World, folder: Path, seed: int) -> None:
    """Kills, and runs again, and kills that run, too, until one comes to its end: then the mailboxes are looked at."""
    pick = random.Random(seed)
    with mail_server() as server:
        watched = Watched(world.url, folder, server)
        expected, steps, mail_steps = undisturbed(world, watched)
        killed = 0
        while killed < POINTS:
            server.raw.clear()
            world.renew()
            points: list[tuple[str, int]] = []
            code = signal.SIGKILL
            while code != ENDED_WELL:
                where = pick.choice(("database", "database", "database", "mail"))
                points.append((where, 1 + pick.randrange(steps if where == "database" else mail_steps)))
                code, _ = watched.run(**dict(points[-1:]))
                # PostgreSQL notices within a moment that the lock's holder is gone; the service comes back anyway.
                assert code in {ENDED_WELL, BUSY, signal.SIGKILL}, points
                killed += code == signal.SIGKILL
            assert watched.mailbox() == expected, points
            # Connections work side by side: each kill may leave one mail on each that nobody noted down.
            assert len(server.raw) - len(expected) <= AT_ONCE * (len(points) - 1), points


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_acceptance_01_killed_at_200_points_on_sqlite(sqlite_world: World, tmp_path: Path) -> None:
    killed_and_run_again(sqlite_world, tmp_path, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.postgres
def test_acceptance_01_killed_at_200_points_on_postgresql(postgres_world: World, tmp_path: Path) -> None:
    killed_and_run_again(postgres_world, tmp_path, seed=2)
