"""The demo's agenda items as the matcher sees them: real-sized texts that every checkout has."""

import re
from collections.abc import Iterator

from config.clock import now
from matcher.item import Attachment, ItemText, Section, SectionKind
from service.demo.read_content import read_content

_KINDS: dict[str, SectionKind] = {
    "Resume": "summary",
    "Beslutningstema": "question",
    "Indstilling": "recommendation",
    "Sagsfremstilling": "presentation",
    "Økonomi": "economy",
    "Høring": "hearing",
    "Beslutning": "decision",
}


def demo_items() -> list[ItemText]:
    """Every item of the made-up municipality, titles, sections and attachment titles."""
    content = read_content(now().date())
    return [
        ItemText(
            title=item.title,
            committee=content.committee(publication.committee).name,
            sections=tuple(_sections(item.body)),
            attachments=tuple(Attachment(one.title) for one in item.attachments),
        )
        for publication in content.publications
        for item in publication.items
    ]


def _sections(body: str) -> Iterator[Section]:
    """``## heading`` opens a section in the demo's markup."""
    parts = re.split(r"^## +(.+)$", body, flags=re.MULTILINE)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        yield Section(_KINDS.get(heading, "other"), heading, text.strip())
