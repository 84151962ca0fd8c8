"""Templates into subject, text and HTML."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from notifier.words import counted, listed, one_line

FOLDER = Path(__file__).with_name("templates")
# Mail programs cut a subject at about this length; the matter stands in front.
SUBJECT_AT_MOST = 150
# Bytes of HTML. Gmail cuts a mail off at 102 kB, and with it the link to unsubscribe and all that stands at the end.
SHOWN_WHOLE = 95_000


@dataclass(frozen=True)
class Rendered:
    """A mail's words. ``subject`` is one line; ``html`` has its style inlined."""

    subject: str
    text: str
    html: str


def render(folder: str, **context: Any) -> Rendered:
    """Renders one mail's templates. Values are data: what looks like a template or a tag in them stays inert."""
    environment = _environment()
    subject = one_line(environment.get_template(f"{folder}/subject.txt").render(context), SUBJECT_AT_MOST)
    context = {**context, "subject": subject}
    text = environment.get_template(f"{folder}/body.txt").render(context)
    html = environment.get_template(f"{folder}/body.html").render(context)
    return Rendered(subject, _tidy(text), _inliner().inline(html))


def render_whole(folder: str, *, in_full: int, **context: Any) -> Rendered:
    """As ``render``, for items of which the first ``in_full`` are told in full and the rest in a few lines: so many
    fewer in full that no mail program cuts the mail off.
    """
    words = render(folder, in_full=in_full, **context)
    while in_full and len(words.html.encode()) > SHOWN_WHOLE:
        in_full = in_full * 3 // 4
        words = render(folder, in_full=in_full, **context)
    return words


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Named in mails about an association's matters; the operator's have no such people.
    environment.globals["unreached"] = ()
    environment.filters |= {"counted": counted, "listed": listed, "one_line": one_line, "commands": commands}
    return environment


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    # @media rules cannot be inlined: they stay in the head, for programs that know dark mode.
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


def commands(text: str) -> Markup:
    """For HTML: plain text in which what stands between backticks is code."""
    parts = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _tidy(text: str) -> str:
    """At most one empty line in a row, no blanks at line ends."""
    lines: list[str] = []
    for line in text.splitlines():
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines).strip() + "\n"
