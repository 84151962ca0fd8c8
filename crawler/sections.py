"""Cuts an item's HTML into its headed sections."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from crawler.headings import is_label, read_heading
from crawler.items import Section
from crawler.page_text import CUT_NOTE, clean_text, parse_html, plain_text, safe_html, tags_of

# What only stands inside an exported Word text: a div with one of these directly in it is text, not structure.
_WORD_BLOCKS = {"p", "ul", "ol", "table", "blockquote"}
# What can be a heading by its words alone.
_LABELS = {"b", "strong", "h2", "h3", "h4", "h5", "h6", "p", "div", "dt", "label"}


@dataclass(frozen=True)
class Occasion:
    """The meeting that a text belongs to, by which its own decision is told from others'."""

    committee: str
    day: date
    is_minutes: bool


def split_sections(html: str, *, container: str, heading: str, occasion: Occasion, base_url: str) -> list[Section]:
    """The sections of ``html``: each starts at a ``heading`` tag that is a direct child of the ``container``
    (a CSS selector; the whole page if it is not there) or of a div that only wraps some of the pairs.

    Headings deeper down are sub-headings of the text and stay in it. Text before the first heading gets an empty
    heading; when it has no letter or digit ("`. `" on one platform), it is left out. A heading with nothing below
    it is kept: it may be all that is said.
    """
    soup, was_cut = parse_html(html)
    roots: list[Tag] = _roots(soup, container) or ([soup.body] if soup.body else [])
    found = []
    for root in roots:
        for title, nodes in _pairs(root, heading):
            section = _section(title, nodes, occasion, base_url)
            if section.heading or any(sign.isalnum() for sign in section.text):
                found.append(section)
    if was_cut:
        found.append(Section(kind="other", heading="", text=CUT_NOTE, html=CUT_NOTE))
    return found


def _roots(soup: BeautifulSoup, container: str) -> list[Tag]:
    if re.fullmatch(r"#[\w-]+", container):
        return [tag for tag in tags_of(soup) if tag.get("id") == container[1:]]
    return list(soup.select(container))


def sections_of(
    nodes: Iterable[PageElement], is_heading: Callable[[Tag], bool], *, occasion: Occasion, base_url: str
) -> list[Section]:
    """The sections in ``nodes``, parts of a parsed page: each starts at a tag for which ``is_heading`` holds, however
    deep it lies. Otherwise as ``split_sections``.
    """
    title, below, found = "", list[PageElement](), list[Section]()
    for node in _opened(nodes, is_heading):
        if isinstance(node, Tag) and is_heading(node):
            found.append(_section(title, below, occasion, base_url))
            title, below = clean_text(node.get_text()).rstrip(" :,"), []
        else:
            below.append(node)
    found.append(_section(title, below, occasion, base_url))
    return [one for one in found if one.heading or any(sign.isalnum() for sign in one.text)]


def parts_at(root: Tag, starts: Sequence[Tag]) -> list[tuple[Tag, list[PageElement]]]:
    """What stands below each of ``starts``, tags somewhere in ``root``, up to the next of them, in the order of the
    page. Menus and the foot of the page belong to none.
    """
    begin = {id(tag) for tag in starts}
    above = {id(parent) for tag in starts for parent in tag.parents}
    parts: list[tuple[Tag, list[PageElement]]] = []
    waiting: list[PageElement] = [*reversed(root.contents)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag) and id(node) in begin:
            parts.append((node, []))
        elif isinstance(node, Tag) and id(node) in above:
            waiting.extend(reversed(node.contents))
        elif parts and not (isinstance(node, Tag) and node.name in {"footer", "nav"}):
            parts[-1][1].append(node)
    return parts


def labelled(*names: str) -> Callable[[Tag], bool]:
    """For ``sections_of``: any tag of ``names`` is a heading, and so is bold text or a line of its own with the words
    of a known one.
    """

    def is_heading(tag: Tag) -> bool:
        if tag.name in names:
            return bool(clean_text(tag.get_text()))
        if tag.name in _LABELS and not tag.find(_WORD_BLOCKS | _LABELS | {"a"}):
            return is_label(tag.get_text())
        return False

    return is_heading


def _opened(nodes: Iterable[PageElement], is_heading: Callable[[Tag], bool]) -> Iterator[PageElement]:
    """``nodes`` with every tag that holds a heading replaced by its children."""
    waiting: list[PageElement] = [*reversed(list(nodes))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag) and not is_heading(node) and node.find(is_heading):
            waiting.extend(reversed(node.contents))
        elif isinstance(node, Tag) or (isinstance(node, NavigableString) and node.strip()):
            yield node


def _pairs(root: Tag, heading: str) -> Iterator[tuple[str, list[PageElement]]]:
    title, nodes = "", list[PageElement]()
    for node in _flattened(root, heading):
        if isinstance(node, Tag) and node.name == heading:
            yield title, nodes
            title, nodes = clean_text(node.get_text()).rstrip(" :"), []
        else:
            nodes.append(node)
    yield title, nodes


def _flattened(root: Tag, heading: str) -> Iterator[PageElement]:
    """The container's children, with the children of wrapping divs in their place."""
    waiting: list[PageElement] = [*reversed(root.contents)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag) and _only_wraps(node, heading):
            waiting.extend(reversed(node.contents))
        elif isinstance(node, Tag) or (isinstance(node, NavigableString) and node.strip()):
            yield node


def _only_wraps(node: Tag, heading: str) -> bool:
    names = {child.name for child in node.children if isinstance(child, Tag)}
    return node.name == "div" and heading in names and not names & _WORD_BLOCKS


def _section(title: str, nodes: list[PageElement], occasion: Occasion, base_url: str) -> Section:
    text = plain_text(nodes)
    read = read_heading(title, committee=occasion.committee, day=occasion.day, is_minutes=occasion.is_minutes)
    return Section(
        kind=read.kind,
        heading=title,
        text=text,
        html=safe_html(nodes, base_url) if text else "",
        own_decision=read.own_decision and bool(text),
    )
