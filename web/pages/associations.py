"""Associations and the people who get their mails: for the operator."""

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from storage.engine import reading
from web.gates import operator_only
from web.params import clean, page_of, text_of
from web.queries.associations import consultants, find_associations, one_association
from web.rendering import page
from web.state import state_of

router = APIRouter(dependencies=[Depends(operator_only)])


@router.api_route("/foreninger", methods=["GET", "HEAD"])
def associations(request: Request) -> Response:
    """The associations, and the consultants."""
    text = text_of(request, "q")
    with reading(state_of(request).database) as session:
        found = find_associations(session, text, page_of(request))
        advisers = consultants(session)
    return page(request, "associations.html", private=True, found=found, text=text, consultants=advisers)


@router.api_route("/foreninger/{slug}", methods=["GET", "HEAD"])
def association(request: Request, slug: str) -> Response:
    """One association: profile, people, what was found for it and why."""
    with reading(state_of(request).database) as session:
        shown = one_association(session, clean(slug), page_of(request))
    if shown is None:
        raise HTTPException(404)
    return page(request, "association.html", private=True, shown=shown)
