"""Replays saved answers over real HTTP. A request that was not saved is remembered, for the test to fail on."""

import json
import re
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# "{image 3000000}" in a saved page: that many bytes of base64, too many to keep in a repository.
_IMAGE = re.compile(rb"\{image (\d+)\}")


@dataclass(frozen=True)
class Saved:
    """An answer. With ``cookie`` it is only given to who sends that cookie; others are sent off with 302.

    ``cut_off`` promises more bytes than come; ``seconds`` is how long the answer takes.
    """

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookie: str = ""
    cut_off: bool = False
    seconds: float = 0.0


def saved_json(data: Any, **more: Any) -> Saved:
    """An answer in JSON, as the API writes it."""
    return Saved(json.dumps(data), headers={"Content-Type": "application/json; charset=utf-8"}, **more)


class Replay(ThreadingHTTPServer):
    """Answers by path with query. A list of answers is given one after the other; the last one stays."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Saved | Sequence[Saved]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {path: [one] if isinstance(one, Saved) else [*one] for path, one in answers.items()}
        self.answers.setdefault("/robots.txt", [Saved(status=404)])
        self.requests: list[str] = []
        self.moments: list[float] = []
        self.agents: set[str] = set()
        self.unsaved: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that was killed hangs up in the middle."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Replay
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.server.moments.append(time.monotonic())
        self.server.agents.add(self.headers.get("User-Agent", ""))
        answers = self.server.answers.get(self.path)
        if answers is None:
            self.server.unsaved.append(self.path)
            self._send(Saved("not saved", status=404))
        else:
            self._send(answers.pop(0) if len(answers) > 1 else answers[0])

    def _send(self, answer: Saved) -> None:
        if answer.cookie and answer.cookie not in self.headers.get("Cookie", ""):
            answer = Saved(status=302, headers={"Location": "/Home/AnonymousAuthentication"})
        time.sleep(answer.seconds)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        body = body.replace(b"{base}", self.server.base_url.encode())
        body = _IMAGE.sub(lambda asked: b"A" * int(asked[1]), body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value.replace("{base}", self.server.base_url))
        self.send_header("Content-Length", str(len(body) + (1000 if answer.cut_off else 0)))
        self.end_headers()
        self.wfile.write(body)
        if answer.cut_off:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def replay(answers: Mapping[str, Saved | Sequence[Saved]]) -> Iterator[Replay]:
    """A site on loopback for the length of the block."""
    with Replay(answers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def saved_site(folder: Path) -> tuple[dict[str, Any], dict[str, Saved]]:
    """(settings, answers) of a folder with ``site.toml``: each ``[[answer]]`` has ``path`` and what ``Saved`` takes;
    ``file`` names the body.
    """
    settings = tomllib.loads((folder / "site.toml").read_text(encoding="utf-8"))
    answers = {}
    for one in settings.pop("answer"):
        path, file = one.pop("path"), one.pop("file", None)
        answers[path] = Saved(body=(folder / file).read_bytes() if file else one.pop("body", ""), **one)
    return settings, answers
