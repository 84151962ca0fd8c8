"""Meetings ahead and past, and one meeting."""

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from storage.engine import reading
from web.params import number_of, page_of, row_id
from web.queries import choices
from web.queries.meetings import find_meetings, one_meeting
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/moeder", methods=["GET", "HEAD"])
def meetings(request: Request) -> Response:
    """The meetings ahead, or with ``?vis=afholdte`` those past."""
    ahead = request.query_params.get("vis") != "afholdte"
    municipality = number_of(request, "kommune")
    with reading(state_of(request).database) as session:
        offered = choices.municipalities(session)
        found = find_meetings(session, now=now(), ahead=ahead, municipality=municipality, number=page_of(request))
    return page(request, "meetings.html", found=found, ahead=ahead, municipality=municipality, municipalities=offered)


@router.api_route("/moeder/{meeting_id}", methods=["GET", "HEAD"])
def meeting(request: Request, meeting_id: str) -> Response:
    """One meeting with its items."""
    with reading(state_of(request).database) as session:
        shown = one_meeting(session, row_id(meeting_id))
    if shown is None:
        raise HTTPException(404)
    return page(request, "meeting.html", shown=shown)
