"""Parts of an item that the smaller systems write alike: number before the title, marks of closed items, papers."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from urllib.parse import unquote, urljoin, urlsplit

from bs4.element import PageElement, Tag
from w3lib.url import safe_url_string

from crawler.items import Attachment, Item, Section
from crawler.page_text import clean_text

_NUMBER = re.compile(
    r"^(?:(?:punkt|pkt\.?)\s*)?(?P<number>\d{1,4}[a-z]?)\s*[.:)]?\s+(?:[-–:]\s*)?(?P<title>\S.*)$", re.IGNORECASE
)
_CLOSED = re.compile(r"^\(?lukke[td]\b|\blukket (?:punkt|sag|dagsordens?punkt)\b", re.IGNORECASE)
# Alone on its line: the text may speak of other cases.
_CASE = re.compile(
    r"^(?:sags?\s?-?(?:nr\b\.?|nummer|id\b\.?)(?:/sagsnummer)?)\s*:?\s*(?P<number>[A-Za-zÆØÅ0-9][\w./-]*\w)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|odt|ods|pptx?|rtf|txt|zip|jpe?g|png)$", re.IGNORECASE)
_NO_PAPERS = re.compile(r"^(?:der er )?ingen bilag\.?$", re.IGNORECASE)
# The word stands on every item and says nothing of its matter.
_MARKS = frozenset(["åben", "åbent", "åben sag", "åbent punkt", "lukket", "lukket punkt", "lukket sag"])


def split_number(heading: str) -> tuple[str, str]:
    """("4", "Budget") of "4. Budget", "Punkt 4 Budget" or "4 : Budget"; ("", heading) without a number."""
    found = _NUMBER.match(heading)
    return (found["number"], found["title"]) if found else ("", heading)


def is_closed(title: str) -> bool:
    """True for titles that say that the item is closed to the public."""
    return bool(_CLOSED.search(title))


def case_number(text: str) -> str:
    """What follows "Sagsnr.:", "Sagsnummer:" or "SagsID:" on a line of its own; empty when there is none."""
    found = _CASE.search(text)
    return found["number"] if found else ""


def papers(nodes: Iterable[PageElement], page_url: str) -> tuple[Attachment, ...]:
    """The documents that ``nodes`` link to, each once, titled as the link is."""
    found: dict[str, Attachment] = {}
    for link in _links(nodes):
        if url := _document(link, page_url):
            found.setdefault(url, paper(clean_text(link.get_text(" ")), url))
    return tuple(found.values())


def without_papers(nodes: Iterable[PageElement], page_url: str) -> list[PageElement]:
    """``nodes`` without the links of ``papers`` that stand alone: they list the papers and are no text. A link within a
    sentence stays. Changes the page.
    """
    kept = list(nodes)
    roots = {id(node) for node in kept}
    for link in list(_links(kept)):
        if not _document(link, page_url):
            continue
        alone = link
        while alone.parent is not None and id(alone) not in roots and _is_all(link, alone.parent):
            alone = alone.parent
        if id(alone) in roots:
            kept = [node for node in kept if node is not alone]
        elif alone is not link or link.parent is None or link.parent.name not in {"p", "li", "td", "span"}:
            alone.extract()
    return kept


def paper(title: str, url: str) -> Attachment:
    """A document by its address, on systems that give it no id of its own."""
    path = urlsplit(url).path
    return Attachment(
        platform_id=sha256(url.partition("://")[2].partition("/")[2].encode()).hexdigest()[:32],
        title=title or unquote(path.rpartition("/")[2]) or "Bilag uden titel",
        url=url,
        has_pdf=not _DOCUMENT.search(path) or path.casefold().endswith(".pdf"),
    )


def without_marks(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections that say something: no open/closed mark, no empty "Bilag" and no list of papers already kept."""
    return tuple(one for one in (_unmarked(section) for section in sections) if not _says_nothing(one))


def says_closed(sections: Iterable[Section]) -> bool:
    """True when a heading or line of its own marks the item as closed."""
    lines = (line for one in sections for line in (one.heading, *one.text.split("\n")[:3]))
    return any(line.strip(" .:").casefold() in {"lukket", "lukket punkt", "lukket sag"} for line in lines)


def apart(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items with ids made unique: a page that prints one number twice still has two items."""
    times: Counter[str] = Counter()
    unique = []
    for item in items:
        times[item.platform_id] += 1
        again = times[item.platform_id]
        unique.append(replace(item, platform_id=f"{item.platform_id}-{again}") if again > 1 else item)
    return tuple(unique)


def _document(link: Tag, page_url: str) -> str:
    """The address of the document that a link leads to; empty when it leads to a page."""
    try:
        # Backslashes and blanks occur in paths on one system.
        url = safe_url_string(urljoin(page_url, str(link["href"]).strip().replace("\\", "/")))
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_document = parts.scheme in {"http", "https"} and parts.hostname and _DOCUMENT.search(parts.path)
    return url if is_document else ""


def _is_all(link: Tag, block: Tag) -> bool:
    return block.name in {"p", "li", "td", "span", "strong"} and clean_text(block.get_text()) == clean_text(
        link.get_text()
    )


def _links(nodes: Iterable[PageElement]) -> Iterator[Tag]:
    for node in nodes:
        if isinstance(node, Tag):
            yield from ([node] if node.name == "a" and node.get("href") else [])
            yield from node.find_all("a", href=True)


def _unmarked(section: Section) -> Section:
    """Under an open/closed mark the text goes on without a heading."""
    if section.heading.casefold() in _MARKS:
        section = replace(section, heading="", kind="other")
    if not section.heading and section.text.strip(" .:").casefold() in _MARKS:
        return replace(section, text="", html="")
    return section


def _says_nothing(section: Section) -> bool:
    if section.heading.casefold() == "bilag":
        return not section.text or bool(_NO_PAPERS.match(section.text))
    return not section.heading and not _CASE.sub("", section.text).strip()
