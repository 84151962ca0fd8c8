"""Turns a template and what it shows into an answer."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.clock import now
from notifier.render import commands
from storage.source_words import probe_said
from web import dates, markup, papers, words
from web.gates import is_operator

HERE = Path(__file__).parent
STATIC = HERE / "static"

# Pages that a link in a mail opens, and the operator's, belong in no cache and no search engine.
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates' environment. Everything is escaped; an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for module, names in {
        dates: ("ago", "duration", "long_day", "meeting_time", "short_day", "stamp", "until"),
        markup: ("masked", "paragraphs", "section_html", "shortened", "web_url"),
        papers: ("paper_said",),
        words: ("changes_said", "number_said"),
    }.items():
        made.filters.update({name: getattr(module, name) for name in names})
    made.filters.update(commands=commands, probe_said=probe_said)
    made.globals.update(words=words, now=now, version=_version(), turned=_turned)
    return made


def _version() -> str:
    """Moves when the style sheet does, so that browsers never show a page in an old dress."""
    return hashlib.sha256((STATIC / "style.css").read_bytes()).hexdigest()[:8]


def _turned(request: Request, number: int) -> str:
    """The query of the same list, turned to page ``number``."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "side" and value]
    return "?" + urlencode([*kept, ("side", str(number))])


def page(request: Request, template: str, *, code: int = 200, private: bool = False, **context: Any) -> HTMLResponse:
    """Renders ``template``. ``private`` keeps the page out of caches and search engines."""
    operator = is_operator(request)
    text = environment().get_template(template).render(request=request, operator=operator, **context)
    # What the operator sees on a public page is not for a cache either.
    return HTMLResponse(text, code, headers=PRIVATE if private or operator else None)
