"""Puts the pages together."""

from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from config.settings import Settings
from notifier.links import links_for
from web import errors
from web.api import health
from web.headers import SecureHeaders
from web.pages import (
    associations,
    coming,
    confirm,
    deadline,
    feedback,
    items,
    mails,
    meetings,
    missed,
    overview,
    preferences,
    profile,
    sign_up,
    sources,
    unsubscribe,
)
from web.rendering import STATIC
from web.state import State

PAGES = (
    overview,
    items,
    meetings,
    coming,
    sources,
    associations,
    mails,
    confirm,
    deadline,
    unsubscribe,
    preferences,
    profile,
    sign_up,
    feedback,
    missed,
    health,
)


def create_app(settings: Settings) -> FastAPI:
    """The web page over the database of ``settings``, which must have this version's schema.

    Raises ``OSError`` when no key is set and none can be kept in the data folder.
    """
    app = FastAPI(title="Dagsordenvagt", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shared = State(settings, links_for(settings))
    app.add_middleware(SecureHeaders, https=urlsplit(settings.base_url).scheme == "https")
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app)
    return app
