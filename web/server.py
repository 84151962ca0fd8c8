"""Serves the pages over HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from config.settings import Settings
from web.app import create_app

START_SECONDS = 20


def _server(settings: Settings, host: str, port: int) -> uvicorn.Server:
    # No access log: the addresses of our pages hold tokens. No proxy headers: uvicorn would put what a proxy says in
    # place of the peer's address, and web.client must see both to tell the operator from the world.
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until SIGINT or SIGTERM. Raises ``SystemExit`` when the port is taken (uvicorn says so in the log)."""
    _server(settings, host, port).run()


@contextmanager
def in_background(settings: Settings, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serves in a thread during the block and gives the base URL. ``port`` 0 takes a free one.

    Raises ``OSError`` when the port is taken, ``TimeoutError`` when the server does not start.
    """
    with socket.create_server((host, port)) as listener:
        server = _server(settings, host, listener.getsockname()[1])
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
