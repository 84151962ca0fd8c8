"""Sources: how the reading of each municipality has been going. Technical words are for the operator only."""

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from storage.engine import reading
from web.params import row_id
from web.queries.sources import all_sources, one_source
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/kilder", methods=["GET", "HEAD"])
def sources(request: Request) -> Response:
    """Every municipality's source, those in trouble first."""
    with reading(state_of(request).database) as session:
        shown = all_sources(session, now())
    return page(request, "sources.html", shown=shown)


@router.api_route("/kilder/{code}", methods=["GET", "HEAD"])
def source(request: Request, code: str) -> Response:
    """One municipality's source."""
    with reading(state_of(request).database) as session:
        shown = one_source(session, row_id(code), now())
    if shown is None:
        raise HTTPException(404)
    return page(request, "source.html", shown=shown)
