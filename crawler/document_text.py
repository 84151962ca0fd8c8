"""Hands files to the limited process and stands by: a file that kills, hangs or starves it costs only itself."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from functools import cache
from typing import Any, Self

from crawler.document_limits import DocumentRead, Limits, TablesRead

# Seconds beyond those that a file may take: for starting the process and handing over what was read.
_PATIENCE = 15.0
_LONGEST_ANSWER = 100_000_000
_CRASHED = "Læseprogrammet brød sammen over filen: den er i stykker, eller den kræver for megen hukommelse."
_SLOW = "Filen tog for lang tid at læse."


class ReaderClosed(Exception):
    """The reader was closed while it read: nothing is known of the file."""


class _Died(Exception):
    """The process gave no answer; says why in Danish."""


class DocumentReader:
    """Reads files one at a time in a process of its own, which is started when needed and again when it is gone.

    A context manager; for use by one thread.
    """

    def __init__(self, limits: Limits | None = None, *, ocr: bool | None = None) -> None:
        self.limits = limits or Limits()
        self.ocr = can_read_pictures() if ocr is None else ocr
        self._closed = False
        self._child: subprocess.Popen[bytes] | None = None
        self._talk: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process for good; from any thread. A reading that goes on raises ``ReaderClosed``."""
        self._closed = True
        self._end_child()

    def _end_child(self) -> None:
        child, talk = self._child, self._talk
        self._child = self._talk = None
        if child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if talk is not None:
            talk.close()  # last: who waits on it is woken by the other end's closing

    def read(self, data: bytes) -> DocumentRead:
        """What the file holds. Whatever it does to the process becomes a status with a reason.

        Raises ``ReaderClosed``.
        """
        if len(data) > self.limits.file_bytes:
            megabytes = self.limits.file_bytes // 1_000_000
            return DocumentRead("refused", reason=f"Filen fylder mere end {megabytes} MB.")
        seconds = self.limits.seconds + (self.limits.ocr_seconds if self.ocr else 0)
        try:
            answer = self._ask({"ocr": self.ocr}, data, seconds)
        except _Died as how:
            return DocumentRead("unreadable", reason=str(how))
        return DocumentRead(**(answer | {"pages": tuple(answer["pages"])}))

    def read_tables(self, data: bytes, kind: str) -> TablesRead:
        """The tables of a file of this content type, asked for apart from its text: what they do to the process costs
        no page. Raises ``ReaderClosed``.
        """
        try:
            return TablesRead(**self._ask({"tables": kind}, data, self.limits.seconds))
        except _Died as how:
            return TablesRead("failed", f"Tabellerne i filen kunne ikke læses. {how}")

    def _ask(self, what: dict[str, Any], data: bytes, seconds: float) -> dict[str, Any]:
        """The process's answer. Raises ``_Died`` with the reason when there is none."""
        talk = self._running()
        deadline = time.monotonic() + self.limits.seconds + seconds + _PATIENCE
        question = what | {"limits": asdict(self.limits), "size": len(data)}
        try:
            answer = _Exchange(talk, deadline).ask(json.dumps(question).encode() + b"\n", data)
        except TimeoutError:
            self._end_child()
            raise _Died(_SLOW) from None
        except (OSError, ValueError):
            raise _Died(self._how_it_died()) from None
        if answer.pop("last"):
            self._end_child()
        return answer

    def _how_it_died(self) -> str:
        if self._closed:
            raise ReaderClosed
        child = self._child
        code = None
        if child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(timeout=2)
        self._end_child()
        return _SLOW if code == -signal.SIGXCPU else _CRASHED

    def _running(self) -> socket.socket:
        if self._talk is not None and self._child is not None and self._child.poll() is None:
            return self._talk
        if self._closed:
            raise ReaderClosed
        self._end_child()
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "crawler.document_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                # The service's settings, its database's password among them, are none of a hostile file's business.
                env={name: value for name, value in os.environ.items() if not name.startswith("DAGSORDENVAGT_")},
            )
        self._talk = ours
        return ours


class _Exchange:
    """One question and its answer, with a moment by which the answer must be there."""

    def __init__(self, talk: socket.socket, deadline: float) -> None:
        self._talk, self._deadline = talk, deadline

    def ask(self, *parts: bytes) -> dict[str, Any]:
        """The answer. Raises ``TimeoutError``, ``OSError`` when the other side is gone, ``ValueError`` for nonsense."""
        # The other side reads everything before it answers, so sending cannot wait for our reading.
        for part in parts:
            self._in_time()
            self._talk.sendall(part)
        pieces, size = [], 0
        while size < _LONGEST_ANSWER:
            self._in_time()
            piece = self._talk.recv(1 << 20)
            if not piece:
                raise ConnectionResetError
            pieces.append(piece)
            size += len(piece)
            if piece.endswith(b"\n"):
                answer: dict[str, Any] = json.loads(b"".join(pieces))
                return answer
        raise ValueError("the answer does not end")

    def _in_time(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._talk.settimeout(left)


class ReaderPool:
    """Readers for several threads: one each."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits
        self._mine = threading.local()
        self._all: list[DocumentReader] = []
        self._closed = False

    def read(self, data: bytes) -> DocumentRead:
        """``DocumentReader.read`` by this thread's reader."""
        return self._reader().read(data)

    def read_tables(self, data: bytes, kind: str) -> TablesRead:
        """``DocumentReader.read_tables`` by this thread's reader."""
        return self._reader().read_tables(data, kind)

    def _reader(self) -> DocumentReader:
        reader: DocumentReader | None = getattr(self._mine, "reader", None)
        if reader is None:
            reader = self._mine.reader = DocumentReader(self._limits)
            self._all.append(reader)
        if self._closed:
            raise ReaderClosed
        return reader

    def close(self) -> None:
        """Ends all readers for good."""
        self._closed = True
        for reader in self._all:
            reader.close()


@cache
def can_read_pictures() -> bool:
    """Whether Tesseract with its Danish data is installed."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    try:
        told = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "dan" in told.stdout.split()
