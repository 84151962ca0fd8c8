"""A polite end: SIGTERM and Ctrl-C let the current step finish and start no further one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol


class Stoppable(Protocol):
    """A child process, as far as stopping goes."""

    def terminate(self) -> None:
        """Asks it to finish what it holds and end."""


class Stop:
    """Whether an end was asked for, and which child process to tell."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._child: Stoppable | None = None

    @property
    def asked(self) -> bool:
        """True once an end was asked for."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Asks for the end, now or at the next seam."""
        self._asked.set()
        if self._child is not None:
            self._child.terminate()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until an end is asked for, at most ``seconds``. True when it was."""
        return self._asked.wait(seconds)

    @contextmanager
    def telling(self, child: Stoppable) -> Iterator[None]:
        """While the block runs, the child is told too; at once if the end was asked for before."""
        self._child = child
        if self.asked:
            child.terminate()
        try:
            yield
        finally:
            self._child = None


@contextmanager
def stopping_on_signals(stop: Stop) -> Iterator[None]:
    """Routes SIGTERM and SIGINT to ``stop`` for the block; a second one ends the process the hard way."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, previous[signal.Signals(number)])
        stop.ask()

    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in previous:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
