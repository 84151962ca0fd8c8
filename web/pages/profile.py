"""An association's topics, changed by its watcher on the page that the mails link to."""

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.profile_file import AssociationEntry
from notifier.links import BadLink
from storage.models import Association, Subscription
from storage.sign_up import describe
from web.errors import bad_link, error_page
from web.gates import limit, own_form
from web.own_choices import watches
from web.pages.links import back, doing, looking
from web.params import row_id
from web.profile_form import ProfileForm, form_of, groups, read_form, regions
from web.rendering import page
from web.state import state_of
from web.trial import Trial, try_out

router = APIRouter()


@router.api_route("/indstillinger/{token}/emner/{number}", methods=["GET", "HEAD"])
def show(request: Request, token: str, number: str) -> Response:
    """The form as it stands."""
    try:
        with looking(request) as session:
            association = _opened(request, session, token, number)
            if association is None:
                return _unknown(request)
            form = form_of(association)
            trial = try_out(session, form, search=False, kept=association.profile) if association.profile else None
            return _page(request, session, token, number, form, trial)
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.post("/indstillinger/{token}/emner/{number}", dependencies=[Depends(own_form)])
async def save(request: Request, token: str, number: str) -> Response:
    """``handling``: ``vis`` shows what the answer would have found lately, anything else keeps it."""
    answer = await request.form()
    return await run_in_threadpool(_saved, request, token, number, answer)


def _saved(request: Request, token: str, number: str, answer: FormData) -> Response:
    try:
        with looking(request) as session:
            association = _opened(request, session, token, number)
            if association is None:
                return _unknown(request)
            form = read_form(answer, session, with_people=False)
            if form.errors:
                return _page(request, session, token, number, form)
            if answer.get("handling") == "vis":
                limit(request, state_of(request).previews)
                trial = try_out(session, form, search=True, kept=association.profile)
                return _page(request, session, token, number, form, trial)
        with doing(request) as session:
            association = _opened(request, session, token, number)
            if association is not None:
                describe(session, association, _entry(form, association), now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return back(f"/indstillinger/{token}?gemt=profil")


def _page(
    request: Request, session: Session, token: str, number: str, form: ProfileForm, trial: Trial | None = None
) -> Response:
    return page(
        request,
        "profile.html",
        code=422 if form.errors else 200,
        private=True,
        form=form,
        token=token,
        number=row_id(number),
        trial=trial,
        topics=groups("topic"),
        target_groups=groups("target_group"),
        regions=regions(session),
    )


def _entry(form: ProfileForm, association: Association) -> AssociationEntry:
    """The answer, with what only the profile file can say and the form therefore must not lose."""
    kept = association.profile
    more = {"committees": kept.committees, "own_names": kept.own_names} if kept else {}
    return form.entry().model_copy(update=more)


def _opened(request: Request, session: Session, token: str, number: str) -> Association | None:
    recipient = state_of(request).links.open_preferences(session, token)
    one = session.get(Subscription, row_id(number))
    mine = one is not None and one.recipient_id == recipient.id and watches(recipient, one.association_id)
    return one.association if one is not None and mine else None


def _unknown(request: Request) -> Response:
    return error_page(request, 404)
