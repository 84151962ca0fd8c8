"""For machines: is the service fit to answer, and what should search engines leave alone."""

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from storage.migrate import schema_state
from web.state import state_of

router = APIRouter()

ROBOTS = """User-agent: *
Disallow: /bekraeft/
Disallow: /afmeld/
Disallow: /afmeld-et-klik/
Disallow: /indstillinger/
Disallow: /svar/
Disallow: /mails
Disallow: /foreninger
"""


@router.api_route("/healthz", methods=["GET", "HEAD"])
def health(request: Request) -> Response:
    """200 when the database answers and has this version's schema, else 503. Says nothing else to the world."""
    try:
        found, wanted = schema_state(state_of(request).database)
    except SQLAlchemyError:
        return JSONResponse({"status": "down", "database": "unreachable", "schema": "unknown"}, 503)
    current = found == wanted
    return JSONResponse(
        {
            "status": "ok" if current else "down",
            "database": "reachable",
            "schema": "current" if current else "outdated",
        },
        200 if current else 503,
    )


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots() -> Response:
    """What search engines should leave alone."""
    return PlainTextResponse(ROBOTS)
