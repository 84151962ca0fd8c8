"""A reader's own page: how often, pause, stop, start again, and the name we greet with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from notifier.links import BadLink
from storage.models import Frequency, Recipient, Subscription, SubscriptionStatus
from web import subscriptions
from web.errors import bad_link, error_page
from web.gates import own_form
from web.pages.links import back, doing, looking
from web.rendering import page
from web.state import state_of

router = APIRouter()

SAID = {
    "gem": "Dit valg er gemt.",
    "navn": "Navnet er gemt.",
    "pause": "Mails er sat på pause. Du bestemmer selv, hvornår de begynder igen.",
    "genoptag": "Mails er sat i gang igen.",
    "afmeld": "Du er afmeldt.",
    "tilmeld": "Du er tilmeldt.",
    "afmeld-alt": "Du er afmeldt alt.",
    "adresse": "Vi prøver igen med din adresse.",
}
OF_ONE = {"gem", "pause", "genoptag", "afmeld", "tilmeld"}


@router.api_route("/indstillinger/{token}", methods=["GET", "HEAD"])
def show(request: Request, token: str) -> Response:
    """What the reader gets, with a form for each."""
    try:
        with looking(request) as session:
            recipient = state_of(request).links.open_preferences(session, token)
            active = [one for one in recipient.subscriptions if one.status is not SubscriptionStatus.UNSUBSCRIBED]
            said = SAID.get(request.query_params.get("gemt", ""), "")
            return page(
                request, "preferences.html", private=True, recipient=recipient, token=token, said=said, active=active
            )
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/indstillinger/{token}", dependencies=[Depends(own_form)])
def change(
    request: Request,
    token: str,
    handling: Annotated[str, Form()],
    tilmelding: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    hyppighed: Annotated[str, Form()] = "",
    navn: Annotated[str, Form()] = "",
) -> Response:
    """``handling`` is a key of ``SAID``; ``tilmelding`` is the id of one of the reader's own subscriptions."""
    if handling not in SAID or (handling == "gem" and hyppighed not in set(Frequency)):
        return error_page(request, 400)
    try:
        with doing(request) as session:
            recipient = state_of(request).links.open_preferences(session, token)
            known = _change(session, recipient, handling, tilmelding, hyppighed, navn)
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/indstillinger/{token}?gemt={handling}") if known else error_page(request, 404)


def _change(
    session: Session, recipient: Recipient, handling: str, subscription_id: int, frequency: str, name: str
) -> bool:
    """Does what the form says; False when the subscription is not the reader's."""
    if handling in OF_ONE:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None or subscription.recipient_id != recipient.id:
            return False
        _change_one(subscription, handling, frequency)
    elif handling == "navn":
        subscriptions.rename(recipient, name)
    elif handling == "adresse":
        recipient.bounced = False
    else:
        for subscription in recipient.subscriptions:
            subscriptions.unsubscribe(subscription, now())
    return True


def _change_one(subscription: Subscription, handling: str, frequency: str) -> None:
    match handling:
        case "gem":
            subscriptions.set_frequency(subscription, Frequency(frequency))
        case "pause":
            subscriptions.pause(subscription)
        case "genoptag":
            subscriptions.resume(subscription, now())
        case "afmeld":
            subscriptions.unsubscribe(subscription, now())
        case _:
            subscriptions.confirm(subscription, now())
