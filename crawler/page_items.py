"""Agenda items out of a page that shows a whole meeting."""

from collections.abc import Sequence
from dataclasses import dataclass

from bs4.element import PageElement

from crawler.item_parts import apart, case_number, is_closed, papers, says_closed, without_marks, without_papers
from crawler.items import Item, Stage
from crawler.sections import Occasion, labelled, sections_of


@dataclass(frozen=True)
class ItemPart:
    """The part of a page that is one item: ``nodes`` is what stands below its title.

    ``anchor`` is the fragment that leads to it; without one the meeting's page is its link. ``platform_id`` defaults
    to the number, which is all that such pages know an item by.
    """

    number: str
    title: str
    nodes: Sequence[PageElement]
    anchor: str = ""
    platform_id: str = ""


@dataclass(frozen=True)
class MeetingPage:
    """Where the items stand. ``headings`` are the tags that start a section; known words in bold do as well."""

    url: str
    base_url: str
    headings: tuple[str, ...]


def read_items(parts: Sequence[ItemPart], page: MeetingPage, occasion: Occasion) -> tuple[Item, ...]:
    """The parts as items, in their order."""
    return apart([_item(part, place, page, occasion) for place, part in enumerate(parts, start=1)])


def read_either(parts: Sequence[ItemPart], page: MeetingPage, occasion: Occasion) -> tuple[Stage, tuple[Item, ...]]:
    """The items of a page that does not say whether it is agenda or minutes: it is minutes when some item holds the
    meeting's own decision.
    """
    items = read_items(parts, page, Occasion(occasion.committee, occasion.day, is_minutes=True))
    if any(section.own_decision for item in items for section in item.sections):
        return "minutes", items
    return "agenda", read_items(parts, page, Occasion(occasion.committee, occasion.day, is_minutes=False))


def _item(part: ItemPart, place: int, page: MeetingPage, occasion: Occasion) -> Item:
    attachments = papers(part.nodes, page.url)
    nodes = without_papers(part.nodes, page.url)
    sections = sections_of(nodes, labelled(*page.headings), occasion=occasion, base_url=page.base_url)
    return Item(
        platform_id=part.platform_id or f"punkt-{part.number or place}",
        number=part.number,
        sorting=place,
        title=part.title or f"Punkt {part.number or place} (uden titel)",
        url=f"{page.url}#{part.anchor}" if part.anchor else page.url,
        case_number=next((found for one in sections if (found := case_number(one.text))), ""),
        is_open=not (is_closed(part.title) or says_closed(sections)),
        sections=without_marks(sections),
        attachments=attachments,
    )
