"""The outbox: for the operator."""

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from storage.engine import reading
from storage.models import MessageKind, MessageStatus
from web.gates import operator_only
from web.headers import MAIL_POLICY
from web.mail import ReadMail, read_mail
from web.params import page_of, row_id
from web.queries.mails import MailPage, find_mails, last_mail_problems, mail_counts, one_mail, unmade_mails
from web.rendering import PRIVATE, page
from web.state import state_of

router = APIRouter(dependencies=[Depends(operator_only)])

FRAME = PRIVATE | {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}


@router.api_route("/mails", methods=["GET", "HEAD"])
def mails(request: Request) -> Response:
    """The mails, newest first."""
    asked = request.query_params
    status = MessageStatus(asked["status"]) if asked.get("status") in set(MessageStatus) else None
    kind = MessageKind(asked["slags"]) if asked.get("slags") in set(MessageKind) else None
    with reading(state_of(request).database) as session:
        found = find_mails(session, status=status, kind=kind, number=page_of(request))
        counts = mail_counts(session)
        unmade, problems = unmade_mails(session), last_mail_problems(session)
    return page(
        request,
        "mails.html",
        private=True,
        found=found,
        counts=counts,
        status=status,
        kind=kind,
        unmade=unmade,
        problems=problems,
    )


@router.api_route("/mails/{mail_id}", methods=["GET", "HEAD"])
def mail(request: Request, mail_id: str) -> Response:
    """One mail: how it went, and how it looks."""
    shown, read = _read(request, mail_id)
    return page(request, "mail.html", private=True, shown=shown, mail=read)


@router.api_route("/mails/{mail_id}/indhold", methods=["GET", "HEAD"])
def mail_body(request: Request, mail_id: str) -> Response:
    """The mail's HTML as a document of its own, which may run and fetch nothing."""
    _, read = _read(request, mail_id)
    if read is None or not read.html:
        raise HTTPException(404)
    return HTMLResponse(read.html, headers=FRAME)


@router.api_route("/mails/{mail_id}/eml", methods=["GET", "HEAD"])
def mail_file(request: Request, mail_id: str) -> Response:
    """The mail as it was sent, for a mail program."""
    shown, _ = _read(request, mail_id)
    if shown.message.mime is None:
        raise HTTPException(404)
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="mail-{shown.message.id}.eml"'}
    return Response(shown.message.mime, media_type="message/rfc822", headers=headers)


def _read(request: Request, mail_id: str) -> tuple[MailPage, ReadMail | None]:
    with reading(state_of(request).database) as session:
        shown = one_mail(session, row_id(mail_id))
    if shown is None:
        raise HTTPException(404)
    return shown, read_mail(shown.message.mime) if shown.message.mime else None
