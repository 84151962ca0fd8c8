"""Opens the links of mails for the pages: one transaction for looking or for doing."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from storage.engine import reading, transaction
from web.rendering import PRIVATE
from web.state import state_of


@contextmanager
def looking(request: Request) -> Iterator[Session]:
    """A session that keeps nothing: what a GET gets."""
    with reading(state_of(request).database) as session:
        yield session


@contextmanager
def doing(request: Request) -> Iterator[Session]:
    """A session that keeps what a form asks for."""
    with transaction(state_of(request).database) as session:
        yield session


def back(path: str) -> Response:
    """To a page of ours after a form, so that a reload does not send the form again."""
    return RedirectResponse(path, 303, headers=PRIVATE)
