"""``python -m crawler.beside_child FD``: does pure work for ``crawler.beside``, which speaks first.

Each question on the socket is (function, arguments, longest time in seconds), each answer (result, None) or (None, what
the function raised), pickled: both ends are ours.
"""

import os
import resource
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any


def main() -> None:
    """Serves the socket until the other side closes it, as it does by dying, however suddenly."""
    # A stop is asked of the crawler: it lets its visits end, and those may wait for an answer from here.
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Connection(int(sys.argv[1])) as talk:
        while True:
            try:
                work, arguments, longest = talk.recv()
            except (EOFError, OSError):
                return
            signal.setitimer(signal.ITIMER_PROF, longest)  # ends this process: whoever asked starts another
            answer: tuple[Any, Exception | None]
            try:
                answer = work(*arguments), None
            except Exception as error:
                error.add_note(traceback.format_exc())  # the other side's log is where somebody will look
                answer = None, error
            signal.setitimer(signal.ITIMER_PROF, 0)
            try:
                talk.send(answer)
            except OSError:
                os._exit(0)  # nobody is there any more


if __name__ == "__main__":
    main()
