"""Was this relevant? The link in the mail chooses an answer; the button on the page gives it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from notifier.links import BadLink
from storage.models import Verdict
from web import subscriptions
from web.errors import bad_link, error_page
from web.gates import own_form
from web.pages.links import back, doing, looking
from web.rendering import page
from web.state import state_of

router = APIRouter()

ANSWERS = {"relevant": Verdict.RELEVANT, "ikke-relevant": Verdict.NOT_RELEVANT}


@router.api_route("/svar/{token}", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """Shows the item and the two answers."""
    try:
        with looking(request) as session:
            link = state_of(request).links.open_feedback(session, token)
            given = subscriptions.verdict_of(session, link.association.id, link.item.id)
            chosen = ANSWERS.get(request.query_params.get("svar", ""))
            return page(request, "feedback.html", private=True, link=link, token=token, given=given, chosen=chosen)
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/svar/{token}", dependencies=[Depends(own_form)])
def give(request: Request, token: str, svar: Annotated[str, Form()]) -> Response:
    """Keeps the answer; another one later replaces it."""
    if svar not in ANSWERS:
        return error_page(request, 400)
    try:
        with doing(request) as session:
            link = state_of(request).links.open_feedback(session, token)
            subscriptions.judge(session, link.association.id, link.item.id, ANSWERS[svar], now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/svar/{token}")
