"""A reader's own page: how often and when, pause, deputy, handing over, stop, start again, and all that is kept."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from config.clock import now
from notifier.links import BadLink
from notifier.outbox import forget_files
from storage.keep_watch import keep_watch
from storage.models import Frequency
from storage.personal_data import erase_person, export_person
from web.errors import bad_link, error_page
from web.gates import limit, own_form
from web.own_choices import HOURS, INVITING, Choice, act
from web.pages.links import back, doing, looking
from web.queries.mails import mails_to
from web.queries.own_page import own_page
from web.rendering import PRIVATE, page
from web.state import state_of

router = APIRouter()

SAID = {
    "gem": "Dit valg er gemt.",
    "navn": "Navnet er gemt.",
    "pause": "Mails er sat på pause.",
    "genoptag": "Mails er sat i gang igen.",
    "afmeld": "Du er afmeldt.",
    "tilmeld": "Du er tilmeldt.",
    "afmeld-alt": "Du er afmeldt alt.",
    "adresse": "Vi prøver igen med din adresse.",
    "stedfortraeder": "Vi skriver til personen, som skal sige ja, før det gælder.",
    "overdrag": "Vi skriver til personen. Du er selv på, indtil personen har sagt ja.",
    "fjern": "Personen er fjernet og får ikke flere mails.",
    "profil": "Foreningens emner er gemt. De gælder fra nu af.",
    "svar-fra": "Svaret tæller ikke længere. Vi ser på sagerne igen uden det; I får ingen gamle sager af den grund.",
    "svar-til": "Svaret tæller igen. Vi ser på sagerne igen med det; I får ingen gamle sager af den grund.",
    "svar-alle-fra": "Ingen af jeres svar tæller længere. Vi ser på sagerne igen uden dem, uden at sende gamle sager.",
}
# What went wrong, for forms that need more than a button.
PROBLEMS = {
    "dag": "Skriv en dag, der ligger forude, og højst et år væk.",
    "adressefejl": "Skriv en mailadresse som navn@forening.dk.",
    "navnefejl": "Skriv navnet uden adresser på nettet.",
    "egen": "Det kan ikke lade sig gøre: Det er din egen adresse, eller foreningen har for mange modtagere.",
    "lukket": "Foreningen er lukket. Skriv til os, hvis det er en fejl.",
}
WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
OWN_MAILS = timedelta(days=30)


@router.api_route("/indstillinger/{token}", methods=["GET", "HEAD"])
def show(request: Request, token: str) -> Response:
    """What the reader gets, with a form for each."""
    asked = request.query_params
    try:
        with looking(request) as session:
            recipient = state_of(request).links.open_preferences(session, token)
            return page(
                request,
                "preferences.html",
                private=True,
                recipient=recipient,
                token=token,
                shown=own_page(session, recipient),
                said=SAID.get(asked.get("gemt", ""), ""),
                problem=PROBLEMS.get(asked.get("fejl", ""), ""),
                hours=HOURS,
                weekdays=WEEKDAYS,
                tomorrow=now().date() + timedelta(days=1),
                own_mails=mails_to(session, recipient, now() - OWN_MAILS),
            )
    except BadLink as problem:
        return bad_link(request, problem.problem)


@router.api_route("/indstillinger/{token}/data", methods=["GET", "HEAD"])
def data(request: Request, token: str) -> Response:
    """Everything that is kept about the reader, as a file."""
    try:
        with looking(request) as session:
            kept = export_person(session, state_of(request).links.open_preferences(session, token))
    except BadLink as problem:
        return bad_link(request, problem.problem)
    return JSONResponse(kept, headers=PRIVATE | {"Content-Disposition": 'attachment; filename="dagsordenvagt.json"'})


@router.post("/indstillinger/{token}/slet", dependencies=[Depends(own_form)])
def erase(request: Request, token: str) -> Response:
    """Erases the reader, with every subscription and mail."""
    try:
        with doing(request) as session:
            erase_person(session, state_of(request).links.open_preferences(session, token))
            keep_watch(session, now())
    except BadLink as problem:
        return bad_link(request, problem.problem)
    forget_files(state_of(request).database, state_of(request).settings.outbox_dir)
    return back("/slettet")


@router.api_route("/slettet", methods=["GET", "HEAD"])
def erased(request: Request) -> Response:
    """After erasing."""
    heading = "Alt om dig er slettet"
    text = "Vi har ikke længere dit navn, din adresse eller dine valg, og du får ikke flere mails."
    return page(request, "message.html", private=True, heading=heading, text=text)


@router.post("/indstillinger/{token}", dependencies=[Depends(own_form)])
def change(request: Request, token: str, choice: Annotated[Choice, Form()]) -> Response:
    """Does what one of the page's forms asks for."""
    handling = choice.handling
    if handling not in SAID or (handling == "gem" and choice.hyppighed not in set(Frequency)):
        return error_page(request, 400)
    if handling in INVITING:
        limit(request, state_of(request).sign_ups)
    try:
        with doing(request) as session:
            recipient = state_of(request).links.open_preferences(session, token)
            problem = act(session, recipient, choice, now())
            keep_watch(session, now())
    except BadLink as bad:
        return bad_link(request, bad.problem)
    if problem is None:
        return error_page(request, 404)
    return back(f"/indstillinger/{token}?" + (f"fejl={problem}" if problem else f"gemt={handling}"))
