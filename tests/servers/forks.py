"""Our programs as processes that start in a moment: forked from one that has done the imports.

A test that kills a program or reads its output needs a real process of it, but not two seconds of imports each time.
"""

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import iter_modules
from typing import IO, Self

import service.commands

_IMPORTED = [
    *(f"service.commands.{module.name}" for module in iter_modules(service.commands.__path__)),
    "pytest",
    "crawler.run",
    "crawler.documents",
    "crawler.page_items",
    "crawler.pipelines.check",
    "crawler.pipelines.store",
    "crawler.web_page",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.extensions.throttle",
    "scrapy.pqueues",
    "scrapy.spidermiddlewares.referer",
    "scrapy.squeues",
    "service.cli",
    "service.pipeline",
    "matcher.run",
    "notifier.run",
    "tests.servers.forks",
]
_context = get_context("forkserver")
_context.set_forkserver_preload(_IMPORTED)


@dataclass(frozen=True)
class Finished:
    """A program that has ended: its exit code (negative: the signal that ended it) and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Fork:
    """A running ``main`` ("module:function") with these arguments; as much of ``subprocess.Popen`` as tests need.

    ``stdin`` is a pipe that closes with this object or this process.
    """

    def __init__(
        self, main: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        out, child_out = os.pipe()
        child_in, stdin = os.pipe()
        self._stdin = Connection(stdin, readable=False)
        self._log: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
        # As connections they can be handed to another process.
        ends = [Connection(end) for end in (child_in, child_out, os.dup(self._log.fileno()))]
        self._process = _context.Process(target=_run, args=(main, [*arguments], dict(environment), folder, ends))
        self._process.start()
        for end in ends:
            end.close()
        self.stdout: IO[str] = open(out, encoding="utf-8")  # noqa: PTH123, SIM115
        self.pid = self._process.pid or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        self._close()

    def _close(self) -> None:
        for end in (self._stdin, self.stdout, self._log):
            end.close()

    @property
    def stderr(self) -> str:
        """What it has written to standard error so far."""
        self._log.seek(0)
        return self._log.read()

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, seconds: float | None = None) -> int | None:
        """Waits for its end, at most so long; the exit code, None when it still runs."""
        self._process.join(seconds)
        return self.returncode

    def finish(self, seconds: float = 120) -> Finished:
        """Waits for its end and takes what it said. Raises ``TimeoutError`` when it takes longer than that."""
        said = self.stdout.read()
        code = self.wait(seconds)
        if code is None:
            self.kill()
            raise TimeoutError(f"still running after {seconds} s:\n{said}\n{self.stderr}")
        finished = Finished(code, said, self.stderr)
        self._close()
        return finished


def _run(
    main: str, arguments: list[str], environment: dict[str, str], folder: Path | None, ends: list[Connection]
) -> None:
    for place, end in enumerate(ends):
        os.dup2(end.fileno(), place)
        end.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    module, _, function = main.partition(":")
    sys.argv = [module, *arguments]
    sys.exit(getattr(importlib.import_module(module), function)())
