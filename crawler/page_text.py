"""Text and safe HTML out of what sites publish: exported Word documents, mostly."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape

import nh3
from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag

# A decision with its whole case text is some 50 kB of HTML; a budget item a few hundred. Beyond this it is an accident.
HTML_LIMIT = 2_000_000
CUT_NOTE = "[Teksten er afkortet, fordi siden var usædvanligt stor. Læs resten på kommunens side.]"

# An exported Word document stands in each section with its head: the title "Dagsordenspunkt" must not become text.
_NOT_TEXT = frozenset({"title", "style", "script", "template", "noscript", "iframe", "object", "svg", "meta", "link"})
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})
# fmt: on
# Up to the next tag at most: a page of thousands of unclosed ones would take hours otherwise.
_SHELL = re.compile(r"<!doctype[^<>]*>|</?(?:html|head|body)\b[^<>]*>", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"""(["'])data:[^"']*\1""", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_EMPTY = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>")
_SAFE_TAGS = {
    "a",
    "b",
    "br",
    "em",
    "i",
    "li",
    "ol",
    "p",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "h4",
}
_SAFE_ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DROPPED_WITH_CONTENT = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg"}


def clean_text(value: object) -> str:
    """One line of readable text: white space joined, invisible signs and what no database can hold left out.

    None gives an empty string.
    """
    if value is None:
        return ""
    text = _whole_signs(str(value))
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def _whole_signs(text: str) -> str:
    """A lone surrogate can be written in JSON ("\\ud800") but in no database, and no parser takes it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def parse_html(html: str, limit: int = HTML_LIMIT, *, whole_page: bool = False) -> tuple[BeautifulSoup, bool]:
    """The parsed page and whether it had to be cut at ``limit`` characters.

    Inline images (``data:``, megabytes at times) go first; shells of documents inside documents go too, unless
    ``html`` is a ``whole_page``: without its own shell, the parser takes what comes first for the head.
    """
    lean = _INLINE_IMAGE.sub('""', _whole_signs(html))
    lean = lean if whole_page else _SHELL.sub("", lean)
    soup = BeautifulSoup(lean[:limit], "lxml")
    for tag in _without_text(soup):
        if not tag.decomposed:
            tag.decompose()
    return soup, len(lean) > limit


def _without_text(soup: BeautifulSoup) -> list[Tag]:
    """Elements that no reader sees."""
    return [tag for tag in tags_of(soup) if tag.name in _NOT_TEXT or (tag.parent and tag.parent.name == "head")]


def tags_of(soup: BeautifulSoup) -> Iterator[Tag]:
    """Every tag of the page, in its order. A walk of our own: a CSS selector takes longer than the parsing, and
    Beautiful Soup's own search takes time that grows with the square of the nesting.
    """
    # The page object itself has no next element; what it holds has.
    node = soup.contents[0] if soup.contents else None
    while node is not None:
        if isinstance(node, Tag):
            yield node
        node = node.next_element


def plain_text(nodes: Iterable[PageElement]) -> str:
    """The text with a line for each block, list entry or table row.

    Spans are joined as they stand: an editor splits "7-meter" into three of them.
    """
    lines = [clean_text("".join(line)) for line in _lines(nodes)]
    return "\n".join(line for line in lines if line)


def _lines(nodes: Iterable[PageElement]) -> Iterator[list[str]]:
    current: list[str] = []
    entries: Counter[int] = Counter()
    # None stands for the end of a block. A list of our own instead of recursion: hostile pages nest without end.
    waiting: list[PageElement | None] = [*reversed(list(nodes))]
    while waiting:
        node = waiting.pop()
        if node is None or (isinstance(node, Tag) and (node.name in _BLOCKS or node.name == "br")):
            yield current
            current = []
        if isinstance(node, Tag):
            current.append(_row(node) if node.name == "tr" else _mark(node, entries))
            waiting += [None] if node.name in _BLOCKS else []
            waiting += reversed(node.contents) if node.name != "tr" else []
        elif isinstance(node, NavigableString) and not isinstance(node, Comment):
            current.append(str(node))
    yield current


def _row(row: Tag) -> str:
    cells = [plain_text([cell]).replace("\n", " ") for cell in row.find_all(["td", "th"], recursive=False)]
    return " | ".join(cell for cell in cells if cell)


def _mark(node: Tag, entries: Counter[int]) -> str:
    """What a list entry starts with: recommendations are answered by number ("ad 1"), so the number is text."""
    if node.name != "li":
        return ""
    if node.parent is None or node.parent.name != "ol":
        return "- "
    entries[id(node.parent)] += 1
    start = str(node.parent.get("start", "1"))
    first = int(start) if re.fullmatch(r"[0-9]{1,5}", start) else 1
    return f"{first + entries[id(node.parent)] - 1}. "


def safe_html(nodes: Iterable[PageElement], base_url: str) -> str:
    """HTML for display: simple text markup and links to web and mail addresses; no scripts, styles or images.

    Inner headings come to rank below the section's own, and the exporter's divs become paragraphs.
    """
    return _EMPTY.sub("", _cleaner(base_url).clean("".join(_markup(nodes)))).strip()


@lru_cache(maxsize=256)
def _cleaner(base_url: str) -> nh3.Cleaner:
    """The gate through which all HTML for display goes; making one costs more than cleaning a short text."""
    return nh3.Cleaner(
        tags=_SAFE_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_SAFE_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", f"{base_url}/"),
        link_rel="noopener noreferrer nofollow",
    )


def _markup(nodes: Iterable[PageElement]) -> Iterator[str]:
    """The nodes as HTML for the cleaner: every tag, of their attributes only those that can stay.

    Beautiful Soup's own writing takes twice the time: it orders, formats and escapes what is thrown away right after.
    A string in the list is an end tag that waits for its turn.
    """
    waiting: list[PageElement | str] = [*reversed(list(nodes))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            name = _shown_as(node)
            yield f"<{name}{_attributes(node)}>"
            if not node.is_empty_element:
                waiting.append(_End(f"</{name}>"))
                waiting += reversed(node.contents)
        elif isinstance(node, _End):
            yield node
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield escape(node, quote=False)


class _End(str):
    """An end tag."""

    __slots__ = ()


def _shown_as(tag: Tag) -> str:
    if tag.name in _HEADINGS:
        return "h4"
    if tag.name == "div" and not any(isinstance(one, Tag) and one.name in _BLOCKS for one in tag.contents):
        return "p"
    return tag.name


def _attributes(tag: Tag) -> str:
    kept = _SAFE_ATTRIBUTES.get(tag.name)
    if not kept or not tag.attrs:
        return ""
    return "".join(f' {name}="{escape(str(value))}"' for name, value in tag.attrs.items() if name in kept)
