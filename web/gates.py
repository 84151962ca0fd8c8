"""Who may pass: the operator's pages, and forms that come from our own pages at a human pace."""

from fastapi import HTTPException
from starlette.requests import Request

from web.client import client_of, from_own_page, is_this_machine, knows_password, password_given
from web.rate_limit import Limiter
from web.state import state_of

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Dagsordenvagt, drift", charset="UTF-8"'}


def limit(request: Request, limiter: Limiter) -> None:
    """Counts one use. Raises ``HTTPException`` 429 when the client has none left."""
    client = client_of(request)
    if not limiter.allow(client):
        raise HTTPException(429, headers={"Retry-After": str(limiter.wait(client))})


def is_operator(request: Request) -> bool:
    """Whether the reader is the operator: a person at this machine, or with the password.

    Raises ``HTTPException`` 429 after too many wrong passwords, right or wrong, until the client has waited.
    """
    # Asked several times in one request, but a wrong password counts once.
    if not hasattr(request.state, "operator"):
        request.state.operator = False
        request.state.operator = _is_operator(request)
    return bool(request.state.operator)


def _is_operator(request: Request) -> bool:
    state = state_of(request)
    if is_this_machine(request, state.settings):
        return True
    if password_given(request) is None:
        return False
    client = client_of(request)
    if state.guesses.spent(client):
        raise HTTPException(429, headers={"Retry-After": str(state.guesses.wait(client))})
    if knows_password(request, state.settings):
        return True
    state.guesses.allow(client)
    return False


def operator_only(request: Request) -> None:
    """Lets only the operator pass.

    Raises ``HTTPException``: 401 when a password would help, else 404, so that nobody learns that the page exists.
    """
    if is_operator(request):
        return
    password = state_of(request).settings.operator_password
    if password and password.get_secret_value():
        raise HTTPException(401, headers=CHALLENGE)
    raise HTTPException(404)


def own_form(request: Request) -> None:
    """Lets only forms of our own pages pass. Raises ``HTTPException`` 403 or 429."""
    state = state_of(request)
    limit(request, state.forms)
    if not from_own_page(request, state.settings):
        raise HTTPException(403)
