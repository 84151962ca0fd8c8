"""Work that keeps a processor busy, done in a process of its own beside the visits.

Turning an agenda's HTML into sections takes as long as all the rest of a visit's work. Done in the process that fetches
and stores, it would leave every other processor idle.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from config.settings import PREFIX
from crawler.trouble import BadAnswer
from crawler.turns import Turns

T = TypeVar("T")

# So many pieces of work are done where they arise: most runs have no more, and a process takes time to start.
DONE_HERE = 20
# For one piece of work, seconds of its processor's time. An agenda of 34 long items takes one.
LONGEST = 60.0
# Seconds beyond these for starting the process, and on a busy machine.
PATIENCE = 60.0


class Beside:
    """Does pure work in one process, which is started when enough has come together, and again when it is gone.

    ``done_here``: so many pieces are done at once in this process first. ``longest`` in seconds.
    """

    def __init__(self, *, done_here: int = DONE_HERE, longest: float = LONGEST) -> None:
        self._here, self._longest = done_here, longest
        self._turns = Turns(1)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
        self._child: subprocess.Popen[bytes] | None = None
        self._talk: Connection | None = None

    async def do(self, work: Callable[..., T], *arguments: Any, left: int) -> T:
        """``work(*arguments)``, of those that wait the one with most ``left`` first.

        ``work`` is a function of a module, and all that it takes and gives can be pickled. Raises what it raises, and
        ``BadAnswer`` when it took too long or broke the process: that costs one piece of work only.
        """
        if self._here > 0:
            self._here -= 1
            return work(*arguments)
        async with self._turns.turn(left):
            result: T = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, work, arguments)
            return result

    def close(self) -> None:
        """Ends the process. Work that goes on there is lost."""
        if self._child is not None:
            self._child.kill()  # who waits for its answer is woken by that
        self._thread.shutdown(cancel_futures=True)
        self._end()

    def _ask(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        answer = self._answer(self._running(), work, arguments)
        if answer is None:
            self._end()
            raise BadAnswer(
                f"Svaret er ikke til at læse: læseprogrammet brød sammen over det eller kom ikke igennem det på "
                f"{self._longest:.0f} sekunder."
            )
        result, error = answer
        if error is not None:
            raise error
        return result

    def _answer(
        self, talk: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> tuple[Any, Exception | None] | None:
        with contextlib.suppress(EOFError, OSError):
            talk.send((work, arguments, self._longest))
            if talk.poll(self._longest + PATIENCE):
                answer: tuple[Any, Exception | None] = talk.recv()
                return answer
        return None

    def _running(self) -> Connection:
        if self._talk is not None and self._child is not None and self._child.poll() is None:
            return self._talk
        self._end()
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "crawler.beside_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # The service's settings, its database's password among them, are none of a hostile page's business.
                env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            )
        self._talk = Connection(ours.detach())
        return self._talk

    def _end(self) -> None:
        child, talk = self._child, self._talk
        self._child = self._talk = None
        if child is not None:
            child.kill()
            child.wait()
        if talk is not None:
            with contextlib.suppress(OSError):
                talk.close()
