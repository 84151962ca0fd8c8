"""Ending subscriptions, without a login and for ever: the page, and the one-click address of RFC 8058."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from config.clock import now
from notifier.links import BadLink
from storage.models import SubscriptionStatus
from storage.subscription_life import confirm, unsubscribe
from web.errors import bad_link, error_page
from web.gates import limit, own_form
from web.pages.links import back, doing, looking
from web.rendering import page
from web.state import state_of

router = APIRouter()

ONE_CLICK_SHOWN = (
    "Denne adresse er til mailprogrammer",
    "Vil du afmelde mails, så åbn afmeldingssiden. Der er ikke sket noget endnu.",
)


@router.api_route("/afmeld/{token}", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """Shows what the link speaks for, and what else the reader gets."""
    try:
        with looking(request) as session:
            link = state_of(request).links.open_unsubscribe(session, token)
            return page(
                request,
                "unsubscribe.html",
                private=True,
                link=link,
                token=token,
                others=[one for one in link.recipient.subscriptions if one not in link.subscriptions],
                ended=all(one.status is SubscriptionStatus.UNSUBSCRIBED for one in link.subscriptions),
                preferences=state_of(request).links.preferences(link.recipient),
            )
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/afmeld/{token}", dependencies=[Depends(own_form)])
def do(request: Request, token: str, handling: Annotated[str, Form()]) -> Response:
    """``handling``: ``denne`` or ``alt`` ends subscriptions; ``tilmeld`` starts those of the link again."""
    if handling not in {"denne", "alt", "tilmeld"}:
        return error_page(request, 400)
    try:
        with doing(request) as session:
            link = state_of(request).links.open_unsubscribe(session, token)
            chosen = link.recipient.subscriptions if handling == "alt" else link.subscriptions
            for subscription in chosen:
                if handling == "tilmeld":
                    confirm(subscription, now())
                else:
                    unsubscribe(subscription, now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/afmeld/{token}")


@router.api_route("/afmeld-et-klik/{token}", methods=["GET", "HEAD"])
def one_click_shown(request: Request, token: str) -> Response:
    """The address is for mail programs; a person who opens it is shown the way."""
    response = page(
        request,
        "message.html",
        code=405,
        private=True,
        heading=ONE_CLICK_SHOWN[0],
        text=ONE_CLICK_SHOWN[1],
        onward=(f"/afmeld/{token}", "Gå til afmeldingssiden"),
    )
    response.headers["Allow"] = "POST"
    return response


@router.post("/afmeld-et-klik/{token}")
def one_click(request: Request, token: str, said: Annotated[str, Form(alias="List-Unsubscribe")] = "") -> Response:
    """Ends the link's subscriptions at once (RFC 8058: the body says ``List-Unsubscribe=One-Click``).

    Sent by the mail provider, so neither its origin nor the readers' common pace is asked about.
    """
    limit(request, state_of(request).one_click)
    if said.strip().lower() != "one-click":
        raise HTTPException(400)
    try:
        with doing(request) as session:
            for subscription in state_of(request).links.open_unsubscribe(session, token).subscriptions:
                unsubscribe(subscription, now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return PlainTextResponse("Afmeldt.")
