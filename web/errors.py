"""Pages for what goes wrong: what happened, in plain words, and what the reader can do."""

from contextlib import suppress

import structlog
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.gates import is_operator
from web.headers import ALWAYS
from web.patience import TookTooLong
from web.rendering import page

log = structlog.get_logger(__name__)

SAID = {
    400: ("Det forstod vi ikke", "Siden fik noget, den ikke kunne læse. Gå tilbage, og prøv igen."),
    401: ("Siden kræver adgangskode", "Siden er for dem, der driver Dagsordenvagt."),
    403: (
        "Formularen kom ikke herfra",
        "Af hensyn til din sikkerhed tager vi kun imod formularer fra vores egne sider. Åbn linket fra mailen igen.",
    ),
    404: ("Siden findes ikke", "Adressen er måske skrevet forkert, eller sagen er ikke længere hos os."),
    405: ("Det kan siden ikke", "Åbn siden fra linket i mailen, eller begynd fra forsiden."),
    413: ("Det er for meget", "Formularen fyldte mere, end vi tager imod. Skriv kortere, og prøv igen."),
    429: ("Lidt for mange forsøg", "Vi har fået mange forsøg fra din forbindelse. Vent et øjeblik, og prøv igen."),
    500: ("Noget gik galt hos os", "Fejlen er noteret. Prøv igen om lidt. Intet er gået tabt."),
    503: ("Siden er optaget lige nu", "Vi kan ikke læse i databasen. Prøv igen om et par minutter."),
}
TOO_SLOW = ("Søgningen tog for lang tid", "Vælg en kommune eller en kortere periode, og prøv igen.")

LINK_SAID = {
    "invalid": (
        404,
        "Linket virker ikke",
        "En del af adressen mangler måske. Åbn linket direkte fra mailen, eller kopiér det hele.",
    ),
    "expired": (
        410,
        "Linket er udløbet",
        "Et link til bekræftelse virker i 14 dage. Vil du stadig have mails, så bed om et nyt.",
    ),
    "gone": (
        404,
        "Linket hører ikke til noget længere",
        "Tilmeldingen er slettet, og du får ingen mails fra den. Måske blev den ikke bekræftet inden 14 dage.",
    ),
}


LINK_ONWARD = {
    "expired": ("/tilmeld/igen", "Send bekræftelsen igen"),
    "gone": ("/tilmeld", "Tilmeld foreningen igen"),
}


def error_page(request: Request, status: int, *, said: tuple[str, str] | None = None, **more: object) -> Response:
    """A plain page with what happened (``said``: heading and text; ``onward``: an address and what it is called)."""
    heading, text = said or SAID.get(status, SAID[400 if status < 500 else 500])  # noqa: PLR2004 - HTTP's border
    with suppress(HTTPException):
        # Too many wrong passwords must not keep a page of refusal from being shown; the answer "no" is kept.
        is_operator(request)
    return page(request, "message.html", code=status, private=True, heading=heading, text=text, **more)


def bad_link(request: Request, problem: str) -> Response:
    """The page for a link from a mail that opens nothing."""
    status, heading, text = LINK_SAID[problem]
    more = {"onward": LINK_ONWARD[problem]} if problem in LINK_ONWARD else {}
    return error_page(request, status, said=(heading, text), **more)


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error with a page."""
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(TookTooLong, _too_slow)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(unreachable, _database)
    app.add_exception_handler(Exception, _broken)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException | StarletteHTTPException) else 500
    response = error_page(request, status)
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _unreadable(request: Request, _error: Exception) -> Response:
    return error_page(request, 400)


def _too_slow(request: Request, _error: Exception) -> Response:
    return error_page(request, 503, said=TOO_SLOW)


def _database(request: Request, error: Exception) -> Response:
    # The statement's parameters can hold addresses and tokens: only the driver's own words are logged.
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.error("the database did not answer a page", route=_route(request), error=type(cause).__name__)
    return error_page(request, 503)


def _broken(request: Request, error: Exception) -> Response:
    log.error("a page failed", route=_route(request), error=type(error).__name__)
    response = error_page(request, 500)
    # This answer is made outside our middleware.
    response.headers.update({name: value for name, value in ALWAYS.items() if name not in response.headers})
    return response


def _route(request: Request) -> str:
    """The route's pattern, never the address itself: it may hold a token."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))
