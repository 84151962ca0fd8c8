"""Foreign text made fit for our pages."""

import re
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from storage.models import Section

TAGS = {
    "a", "b", "blockquote", "br", "caption", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol",
    "p", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
SCHEMES = {"http", "https", "mailto", "tel"}
_HEADING = re.compile(r"(</?)h[1-6](?=[\s>])")


def section_html(section: Section) -> Markup:
    """A section's text for display.

    It was sanitised when stored; it is again here, so that no row, however it came there, can hold a script. Its
    headings go below the page's own.
    """
    if not section.html.strip():
        return paragraphs(section.text)
    clean = nh3.clean(
        section.html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return Markup(_HEADING.sub(r"\1h4", clean))  # noqa: S704 - nh3's output


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs at blank lines, with its line breaks."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.splitlines())) for part in parts
    )


def web_url(url: str | None) -> str:
    """``url`` when it is an absolute http(s) address, else an empty string: no link may start anything else."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return (url or "") if parts.scheme in {"http", "https"} and parts.hostname else ""


def shortened(text: str, length: int = 160) -> str:
    """``text`` cut at a blank, with an ellipsis, when it is longer than ``length``."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-") + " …"


def masked(email: str) -> str:
    """An address that its owner knows again and nobody else learns: ``a…@example.org``."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}…@{host}"
