"""A server that speaks the FirstAgenda Publication API with its habits, for the demo and for replaying recordings.

Habits: the API answers 302 without the portal's anonymous cookie; ids that left the list answer HTTP 500; a wrong
search answers 200 with nothing; PDFs come through an HTML page with an iframe or a redirect to a signed address
that is good for five minutes; paths do not mind upper and lower case.
"""

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from service.demo.portal_pages import (
    STYLE,
    document_view_page,
    error_page,
    item_pdf,
    meeting_page,
    meeting_pdf,
    shell_page,
)

Json = dict[str, Any]
# The PDF of an attachment or case document by its id; None if there is none.
AttachmentProvider = Callable[[str], bytes | None]

COOKIE = ".AspNet.Cookies"
SIGNED_SECONDS = 300
# Longest list of requests kept for whoever wants to know what was asked.
REQUESTS_KEPT = 10_000
ROBOTS = "User-agent: *\nDisallow: /admin/\n"


class ApiJson(JSONResponse):
    """JSON with the platform's headers."""

    media_type = "application/json; charset=utf-8"

    def __init__(self, content: object, status_code: int = 200) -> None:
        super().__init__(content, status_code, headers={"Cache-Control": "no-cache"})


class FirstAgendaServer:
    """One portal: serve `app`; `requests` holds the paths with query that were asked, oldest first.

    `committees` is the body of `/api/agenda/udvalgsliste`, `meetings` the bodies of `/api/agenda/dagsorden/{id}`
    by id. A listed meeting without a body answers HTTP 500, as withdrawn publications do.
    """

    def __init__(
        self,
        committees: Json,
        meetings: Mapping[str, Json],
        attachment_pdf: AttachmentProvider = lambda _id: None,
        name: str = "Demo",
    ) -> None:
        self.requests: deque[str] = deque(maxlen=REQUESTS_KEPT)
        self.name = name
        self._cookie = secrets.token_urlsafe(48)
        self._key = secrets.token_bytes(32)
        self.publish(committees, meetings, attachment_pdf)
        self.app: ASGIApp = self._case_blind(Starlette(routes=self._routes()))

    def publish(self, committees: Json, meetings: Mapping[str, Json], attachment_pdf: AttachmentProvider) -> None:
        """Replaces everything that the portal answers; what is not in it any more is gone."""
        self._committees = committees
        self._meetings = meetings
        self._attachment_pdf = attachment_pdf

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._front_page),
            Route("/robots.txt", self._robots),
            Route("/dist/css/portal.css", self._style),
            Route("/home/anonymousauthentication", self._authenticate),
            Route("/api/agenda/apiversion", self._version),
            Route("/api/agenda/udvalgsliste", self._list),
            Route("/api/agenda/dagsorden/{meeting_id}", self._meeting),
            Route("/api/agenda/soeg", self._search),
            Route("/vis", self._page),
            Route("/vis/pdf/{kind}/{document_id}", self._document),
            Route("/pdf/henteksternpdf", self._document),
            Route("/storage/{kind}/{document_id}", self._storage),
        ]

    def _case_blind(self, app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                path, query = scope["path"], scope["query_string"].decode("latin-1")
                self.requests.append(f"{path}?{query}" if query else path)
                scope = {**scope, "path": path.lower().rstrip("/") or "/"}
            await app(scope, receive, send)

        return wrapped

    # What every visitor gets

    def _with_cookie(self, response: Response) -> Response:
        response.set_cookie(COOKIE, self._cookie, httponly=True)
        response.set_cookie("ASP.NET_SessionId", secrets.token_hex(12), httponly=True, samesite="lax")
        return response

    async def _front_page(self, _request: Request) -> Response:
        return self._with_cookie(HTMLResponse(shell_page(self.name)))

    async def _robots(self, _request: Request) -> Response:
        return PlainTextResponse(ROBOTS)

    async def _style(self, _request: Request) -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")

    async def _authenticate(self, request: Request) -> Response:
        callback = urlsplit(request.query_params.get("callback", "/"))
        # Only the path counts, so that nobody is sent to another host; "//x" would be one.
        path = "/" + callback.path.lstrip("/") + (f"?{callback.query}" if callback.query else "")
        return self._with_cookie(RedirectResponse(path, status_code=302))

    # The API

    def _stranger(self, request: Request) -> Response | None:
        if hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._cookie.encode()):
            return None
        callback = quote(str(request.url), safe="")
        return RedirectResponse(f"/Home/AnonymousAuthentication?callback={callback}", status_code=302)

    async def _version(self, request: Request) -> Response:
        return self._stranger(request) or ApiJson(1)

    async def _list(self, request: Request) -> Response:
        return self._stranger(request) or ApiJson(self._committees)

    async def _meeting(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        meeting = self._meetings.get(request.path_params["meeting_id"])
        return ApiJson({"Message": "An error has occurred."}, 500) if meeting is None else ApiJson(meeting)

    async def _search(self, request: Request) -> Response:
        if stranger := self._stranger(request):
            return stranger
        wanted = {key.lower(): value for key, value in request.query_params.items()}
        found = [_hit(meeting) for meeting in self._meetings.values() if _fits(meeting, wanted)]
        start, limit = (_whole_number(wanted.get(f"request.paging.{name}")) for name in ("startindex", "limit"))
        page = found[start : start + limit]
        more = start + limit < len(found)
        return ApiJson(
            {
                "Dagsordner": page,
                "AntalResultater": len(found) if limit else 0,
                "MoreToBeSearched": more and bool(limit),
                "IkkePubliceredeMoeder": False,
            }
        )

    # Pages and documents

    async def _page(self, request: Request) -> Response:
        meeting = self._meetings.get(request.query_params.get("id", "").lower())
        if meeting is None:
            return HTMLResponse(error_page(self.name), status_code=500)
        item_id = request.query_params.get("punktid", "").lower()
        page = meeting_page(self.name, meeting, item_id)
        return HTMLResponse(page or error_page(self.name), status_code=200 if page else 500)

    async def _document(self, request: Request) -> Response:
        kind = request.path_params.get("kind", "bilag")
        document_id = request.path_params.get("document_id") or request.query_params.get("documentId", "")
        if self._pdf(kind, document_id.lower()) is None:
            return HTMLResponse(error_page(self.name), status_code=500)
        signed = self._signed(f"/storage/{kind}/{document_id.lower()}")
        if request.query_params.get("redirectDirectlyToPdf", "").lower() == "true":
            return RedirectResponse(signed, status_code=302)
        address = f"{request.url.scheme}://{request.url.netloc}{signed}"
        return HTMLResponse(document_view_page(address))

    def _pdf(self, kind: str, document_id: str) -> bytes | None:
        if kind == "bilag":
            return self._attachment_pdf(document_id)
        if kind == "dagsorden" and document_id in self._meetings:
            return meeting_pdf(self.name, self._meetings[document_id])
        if kind == "dagsordenpunkt":
            return item_pdf(self.name, self._meetings.values(), document_id)
        return None

    def _signed(self, path: str) -> str:
        until = str(int(time.time()) + SIGNED_SECONDS)
        parameters = {"X-Amz-Expires": SIGNED_SECONDS, "until": until, "sig": self._signature(path, until)}
        return f"{path}?{urlencode(parameters)}"

    def _signature(self, path: str, until: str) -> str:
        return hmac.new(self._key, f"{path}|{until}".encode(), hashlib.sha256).hexdigest()

    async def _storage(self, request: Request) -> Response:
        until = request.query_params.get("until", "")
        given = request.query_params.get("sig", "")
        if not hmac.compare_digest(given.encode(), self._signature(request.url.path, until).encode()):
            return PlainTextResponse("SignatureDoesNotMatch", status_code=403)
        if int(until) < time.time():
            return PlainTextResponse("Request has expired", status_code=403)
        body = self._pdf(request.path_params["kind"], request.path_params["document_id"])
        if body is None:
            return PlainTextResponse("NoSuchKey", status_code=404)
        disposition = {"Content-Disposition": 'inline; filename="document.pdf"'}
        return Response(body, media_type="application/pdf", headers=disposition)


def _whole_number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _fits(meeting: Json, wanted: Mapping[str, str]) -> bool:
    committee = wanted.get("request.kriterie.udvalgid", "").lower()
    year = wanted.get("request.kriterie.moededato", "")
    words = wanted.get("request.kriterie.fritekst", "").casefold()
    text = " ".join(
        f"{item['Navn']} {' '.join(part.get('Html') or '' for part in item['Felter'])}"
        for item in meeting["Dagsordenpunkter"]
    )
    return (
        committee in ("", meeting["Udvalg"]["Id"])
        and meeting["Moede"]["MeetingBeginUtc"].startswith(year)
        and words in text.casefold()
    )


def _hit(meeting: Json) -> Json:
    begin = meeting["Moede"]["MeetingBeginUtc"]
    return {
        "Id": meeting["Id"],
        "Udvalg": {"Navn": meeting["Udvalg"]["Navn"]},
        "Moede": {"Id": meeting["Id"], "Dato": begin, "MeetingBeginUtc": begin},
    }
