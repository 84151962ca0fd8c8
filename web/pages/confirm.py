"""Confirming a subscription (double opt-in). A GET shows, a POST does: mail scanners follow links."""

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from notifier.links import BadLink
from storage.models import Subscription
from storage.subscription_life import confirm
from web.errors import bad_link
from web.gates import own_form
from web.pages.links import back, doing, looking
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/bekraeft/{token}", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """Asks whether the mails are wanted, or says that they are on their way."""
    try:
        with looking(request) as session:
            subscription = _opened(request, session, token)
            preferences = state_of(request).links.preferences(subscription.recipient)
            return page(
                request, "confirm.html", private=True, subscription=subscription, token=token, preferences=preferences
            )
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/bekraeft/{token}", dependencies=[Depends(own_form)])
def do(request: Request, token: str) -> Response:
    """Confirms."""
    try:
        with doing(request) as session:
            confirm(_opened(request, session, token), now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/bekraeft/{token}")


def _opened(request: Request, session: Session, token: str) -> Subscription:
    return state_of(request).links.open_confirm(session, token)
