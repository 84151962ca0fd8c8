"""Signing an association up. What the page says is the same whether an address is known or not."""

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from storage.models import Municipality
from storage.sign_up import ask_again, sign_up
from web.gates import limit, own_form
from web.pages.links import back, doing, looking
from web.profile_form import ProfileForm, groups, is_address, read_form, regions
from web.rendering import page
from web.state import state_of
from web.trial import Trial, try_out

router = APIRouter()


@router.api_route("/tilmeld", methods=["GET", "HEAD"])
def empty(request: Request) -> Response:
    """The empty form."""
    with looking(request) as session:
        return _form_page(request, session, ProfileForm())


@router.post("/tilmeld", dependencies=[Depends(own_form)])
async def send(request: Request) -> Response:
    """``handling``: ``vis`` shows what the answer would have found lately, anything else signs up."""
    answer = await request.form()
    return await run_in_threadpool(_taken, request, answer)


def _taken(request: Request, answer: FormData) -> Response:
    if answer.get("webside"):  # a field that people do not see: a robot filled it in
        return back("/tilmeld/tak")
    preview = answer.get("handling") == "vis"
    with looking(request) as session:
        form = read_form(answer, session, with_people=not preview)
        if form.errors:
            if preview:
                form = _with_people(form, answer, session)
            return _form_page(request, session, form, code=422)
        if preview:
            limit(request, state_of(request).previews)
            form = _with_people(form, answer, session)
            return _form_page(request, session, form, trial=try_out(session, form, search=True))
    limit(request, state_of(request).sign_ups)
    with doing(request) as session:
        sign_up(session, form.entry(), now())
    return back("/tilmeld/tak")


def _with_people(form: ProfileForm, answer: FormData, session: Session) -> ProfileForm:
    """A looked-at form keeps the names and addresses that were typed already, without judging them."""
    full = read_form(answer, session, with_people=True)
    full.errors = form.errors
    return full


def _form_page(
    request: Request, session: Session, form: ProfileForm, *, trial: Trial | None = None, code: int = 200
) -> Response:
    return page(
        request,
        "sign_up.html",
        code=code,
        private=True,
        form=form,
        trial=trial,
        topics=groups("topic"),
        target_groups=groups("target_group"),
        regions=regions(session),
        unread=_unread(session, form),
    )


def _unread(session: Session, form: ProfileForm) -> list[str]:
    """Those of the chosen municipalities that cannot be read at the moment."""
    rows = [session.get(Municipality, int(code)) for code in form.municipalities]
    return sorted(row.name for row in rows if row and (row.source is None or row.source.last_success_at is None))


@router.api_route("/tilmeld/tak", methods=["GET", "HEAD"])
def thanks(request: Request) -> Response:
    """Look into your mailbox."""
    return page(request, "sign_up_thanks.html", private=True)


@router.api_route("/tilmeld/igen", methods=["GET", "HEAD"])
def again(request: Request) -> Response:
    """Asks for the address whose confirmation has not come."""
    return page(request, "sign_up_again.html", private=True, error="", email="")


@router.post("/tilmeld/igen", dependencies=[Depends(own_form)])
async def send_again(request: Request) -> Response:
    """Sends the confirmations that wait for an address once more."""
    email = str((await request.form()).get("email", "")).strip()
    return await run_in_threadpool(_sent_again, request, email)


def _sent_again(request: Request, email: str) -> Response:
    if not is_address(email):
        error = "Skriv en mailadresse som navn@forening.dk."
        return page(request, "sign_up_again.html", code=422, private=True, error=error, email=email[:254])
    limit(request, state_of(request).sign_ups)
    with doing(request) as session:
        ask_again(session, email, now())
    return back("/tilmeld/tak")
