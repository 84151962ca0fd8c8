"""The front page."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from storage.engine import reading
from web.queries.overview import overview
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def front(request: Request) -> Response:
    """What is watched, what was found last, what comes next."""
    with reading(state_of(request).database) as session:
        shown = overview(session, now())
    return page(request, "overview.html", shown=shown)
