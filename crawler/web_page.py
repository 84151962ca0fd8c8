"""Pages of the smaller systems: read with the right charset, without megabytes of images, and on their own host."""

import json
import re
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag
from scrapy.http import Response

from crawler.page_text import clean_text, parse_html
from crawler.trouble import BadAnswer, Blocked

# Characters, after the images are gone. One system's pages weigh 4 MB with their images; text alone never does.
PAGE_LIMIT = 10_000_000
ROBOT_CHECK = "Siden viser en robotkontrol; den omgås ikke"
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)
# Word puts images into the page itself. Quoted ones and those in styles.
_IMAGE = re.compile(r"data:image/[\w.+-]+;base64,[\w+/=%\r\n-]*")
_TITLED_CHALLENGE = re.compile(r"<title[^>]*>\s*(?:just a moment|attention required!|vent et øjeblik)", re.IGNORECASE)
_CHALLENGE_PARTS = "#challenge-form, #challenge-running, #cf-challenge-running, .cf-browser-verification"


def text_of(response: Response) -> str:
    """The body as text: in the charset that the header names, UTF-8 when it names none. Wrong bytes become "�"."""
    named = _CHARSET.search(response.headers.get("Content-Type") or b"")
    charset = named[1].decode("ascii") if named else "utf-8"
    body: bytes = response.body
    try:
        return body.decode(charset, "replace").lstrip("\ufeff")
    except LookupError:
        return body.decode("utf-8", "replace")


def read_page(response: Response) -> BeautifulSoup:
    """The parsed page without inline images.

    Raises ``Blocked`` for a bot challenge and ``BadAnswer`` for what is no page or far too large.
    """
    html = _IMAGE.sub("", text_of(response))
    if len(html) > PAGE_LIMIT:
        raise BadAnswer(f"Siden er usædvanligt stor ({len(html)} tegn uden billeder): {_path(response)}")
    page, _ = parse_html(html, limit=PAGE_LIMIT, whole_page=True)
    if _TITLED_CHALLENGE.search(html) or page.select_one(_CHALLENGE_PARTS):
        raise Blocked(ROBOT_CHECK)
    if page.find(True) is None or not clean_text(page.get_text()):
        raise BadAnswer(f"Siden er tom ({len(response.body)} byte): {_path(response)}")
    return page


def read_json(response: Response) -> dict[str, Any]:
    """The JSON object that came. Raises ``Blocked`` for a bot challenge and ``BadAnswer`` for anything else."""
    text = text_of(response)
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _TITLED_CHALLENGE.search(text):
            raise Blocked(ROBOT_CHECK) from error
        raise BadAnswer(f"Svaret er ikke JSON, men {clean_text(text)[:200]!r}: {_path(response)}") from error
    if not isinstance(answer, dict):
        raise BadAnswer(f"Svaret har en ukendt form: {clean_text(answer)[:120]!r}: {_path(response)}")
    return answer


async def page_or_problem(asked: Awaitable[Response], path: str, problems: list[str]) -> BeautifulSoup | None:
    """``read_page`` of one of several lists: a page that is gone or no page costs only itself, and is put down in
    ``problems``. Faults of the host are raised as ever.
    """
    try:
        return read_page(await asked)
    except BadAnswer as wrong:
        problems.append(f"{path}: {wrong.reason}")
        return None


def own_address(href: str, base_url: str, page_url: str = "") -> str | None:
    """``href`` as an address on the source's own host, whichever of its names it used; None for anywhere else.

    http and https are one, and so are the host with and without "www.": sites mix them in their own links.
    ``page_url`` is the page on which a relative ``href`` stands. The fragment is left out.
    """
    try:
        target, base = urlsplit(urljoin(page_url or f"{base_url}/", href.strip())), urlsplit(base_url)
        same_port = (target.port or 0) == (base.port or 0)
    except ValueError:
        return None
    if target.scheme not in {"http", "https"} or not same_port or _bare(target.hostname) != _bare(base.hostname):
        return None
    return f"{base_url}{target.path or '/'}{'?' if target.query else ''}{target.query}"


def seen(page: Tag | BeautifulSoup) -> str:
    """What a page shows, in few words, for a sentence that says what came instead."""
    return f"»{clean_text(page.get_text(' '))[:120]}«"


def text_at(tag: Tag, selector: str) -> str:
    """The text of the first match of a CSS selector on one line; empty when there is none."""
    found = tag.select_one(selector)
    return clean_text(found.get_text(" ")) if found else ""


def attribute(tag: Tag, name: str) -> str:
    """The attribute's text; empty when it is not there."""
    value = tag.get(name)
    return clean_text(" ".join(value) if isinstance(value, list) else value)


def _bare(host: str | None) -> str:
    return (host or "").casefold().removeprefix("www.")


def _path(response: Response) -> str:
    return urlsplit(response.url).path
