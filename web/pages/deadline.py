"""No more reminders of a deadline: the link in the mail asks, the button on the page does it."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from notifier.links import BadLink
from web import subscriptions
from web.errors import bad_link
from web.gates import own_form
from web.pages.links import back, doing, looking
from web.rendering import page
from web.state import state_of

router = APIRouter()


@router.api_route("/frist/{token}", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """Shows the item and the one answer."""
    try:
        with looking(request) as session:
            link = state_of(request).links.open_deadline(session, token)
            done = subscriptions.is_handled(session, link.associations, link.item.id, link.due_on)
            return page(request, "deadline.html", private=True, link=link, token=token, done=done)
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/frist/{token}", dependencies=[Depends(own_form)])
def handle(request: Request, token: str) -> Response:
    """Nobody of the associations is reminded of that day again; another deadline of the item still is."""
    try:
        with doing(request) as session:
            link = state_of(request).links.open_deadline(session, token)
            for association in link.associations:
                subscriptions.handle_deadline(session, association.id, link.item.id, link.due_on, now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/frist/{token}")
