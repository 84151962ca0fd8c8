"""Serves the pages over HTTP."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from config.settings import Settings
from web.app import create_app

START_SECONDS = 20


def _config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    # No access log: the addresses of our pages hold tokens. No proxy headers: uvicorn would put what a proxy says in
    # place of the peer's address, and web.client must see both to tell the operator from the world.
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until SIGINT or SIGTERM. Raises ``SystemExit`` when the port is taken (uvicorn says so in the log)."""
    uvicorn.Server(_config(create_app(settings), host, port)).run()


def in_background(settings: Settings, port: int = 0, host: str = "127.0.0.1") -> contextlib.AbstractContextManager[str]:
    """Serves the pages in a thread during the block and gives their base URL; otherwise as ``in_thread``."""
    return in_thread(create_app(settings), port, host)


@contextlib.contextmanager
def in_thread(app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serves any application in a thread during the block and gives its base URL. ``port`` 0 takes a free one.

    Raises ``OSError`` when the port is taken, ``TimeoutError`` when the server does not start.
    """
    with socket.create_server((host, port), backlog=128) as listener:
        server = uvicorn.Server(_config(app, host, listener.getsockname()[1]))
        thread = threading.Thread(target=server.run, args=([listener],), name="web", daemon=True)
        thread.start()
        try:
            _wait(server, thread)
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise TimeoutError("the web server did not start")
        time.sleep(0.02)
