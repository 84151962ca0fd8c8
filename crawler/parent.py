"""A crawler that the service started must not outlive it."""

import os
import signal
import threading
import time

# What is in flight gets this many seconds to be stored after the service has died.
GRACE_SECONDS = 5.0


def end_with_parent() -> None:
    """Ends this process soon after standard input closes, which it does when whoever started us dies, however suddenly.

    Only for a process whose standard input is a pipe that nobody writes to.
    """
    threading.Thread(target=_watch, name="parent watch", daemon=True).start()


def _watch() -> None:
    # Not through sys.stdin: a thread that waits inside its buffer cannot be left behind when Python ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
