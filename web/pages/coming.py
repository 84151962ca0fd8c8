"""Coming cases ("sager på vej"), and the municipality's own reports."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from storage.engine import reading
from web.params import number_of, page_of
from web.queries import choices
from web.queries.reports import coming_cases, report_lines, unread_lists
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/sager-paa-vej", methods=["GET", "HEAD"])
def coming(request: Request) -> Response:
    """What municipalities have announced and not yet put on an agenda."""
    municipality = number_of(request, "kommune")
    with reading(state_of(request).database) as session:
        offered = choices.municipalities(session)
        found = coming_cases(session, municipality=municipality, number=page_of(request))
        unread = unread_lists(session, municipality=municipality)
    return page(request, "coming.html", found=found, unread=unread, municipality=municipality, municipalities=offered)


@router.api_route("/rapporter", methods=["GET", "HEAD"])
def reports(request: Request) -> Response:
    """Management reports and budget follow-ups on agendas."""
    municipality = number_of(request, "kommune")
    with reading(state_of(request).database) as session:
        offered = choices.municipalities(session)
        found = report_lines(session, municipality=municipality, number=page_of(request), group="management")
    return page(request, "reports.html", found=found, municipality=municipality, municipalities=offered)
