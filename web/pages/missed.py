"""»I overså denne«: a reader says that we missed an item, and gets an honest answer at once."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from notifier.links import BadLink
from storage.models import AgendaItem, MissedOutcome, MissedReport, Subscription
from web.errors import bad_link
from web.gates import limit, operator_only, own_form
from web.missed.answer import answer
from web.missed.look_up import look_up
from web.missed.reports import find_reports, handle, keep
from web.pages.links import back, doing, looking
from web.params import clean, number_of, page_of, row_id
from web.rendering import page
from web.state import state_of

router = APIRouter()

LONGEST = 600


@router.api_route("/overset", methods=["GET", "HEAD"], dependencies=[Depends(operator_only)])
def reports(request: Request) -> Response:
    """The reports, for the operator."""
    everything = request.query_params.get("vis") == "alle"
    with looking(request) as session:
        found = find_reports(session, page_of(request), everything=everything)
        return page(request, "missed_reports.html", private=True, found=found, everything=everything)


@router.post("/overset", dependencies=[Depends(operator_only), Depends(own_form)])
def handled(request: Request, indberetning: Annotated[str, Form()]) -> Response:
    """Marks a report as looked at."""
    with doing(request) as session:
        if not handle(session, row_id(indberetning), now()):
            raise HTTPException(404)
    return back("/overset")


@router.api_route("/overset/{token}", methods=["GET", "HEAD"])
def ask(request: Request, token: str) -> Response:
    """Asks what was missed, or shows the answer to what was asked."""
    try:
        with looking(request) as session:
            subscription = _opened(request, session, token)
            report = _own(session, subscription, number_of(request, "svar"))
            like: Sequence[AgendaItem] = ()
            if report is not None and report.outcome is MissedOutcome.UNCLEAR:
                like = look_up(session, report.what, _codes(subscription), now()).like
            return page(
                request,
                "missed.html",
                private=True,
                subscription=subscription,
                token=token,
                report=report,
                like=like,
                preferences=state_of(request).links.preferences(subscription.recipient),
            )
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/overset/{token}", dependencies=[Depends(own_form)])
def tell(request: Request, token: str, hvad: Annotated[str, Form()] = "") -> Response:
    """Looks for the item and keeps the report with the answer."""
    what = clean(hvad, LONGEST)
    if not what:
        return back(f"/overset/{token}")
    limit(request, state_of(request).previews)
    try:
        with looking(request) as session:
            subscription = _opened(request, session, token)
            found = answer(session, look_up(session, what, _codes(subscription), now()), subscription, now())
        # Looking took its time; only the writing holds the database.
        with doing(request) as session:
            report = keep(session, what, found, _opened(request, session, token), now())
            number = report.id
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/overset/{token}?svar={number}")


def _opened(request: Request, session: Session, token: str) -> Subscription:
    return state_of(request).links.open_missed(session, token)


def _own(session: Session, subscription: Subscription, number: int | None) -> MissedReport | None:
    report = session.get(MissedReport, number) if number else None
    mine = report is not None and report.recipient_id == subscription.recipient_id
    return report if mine else None


def _codes(subscription: Subscription) -> list[int]:
    if subscription.municipality_code is not None:
        return [subscription.municipality_code]
    profile = subscription.association.profile if subscription.association else None
    return profile.municipality_codes if profile else []
