"""An agenda item as the matcher sees it: plain text and nothing that says where it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

SectionKind = Literal[
    "summary", "question", "recommendation", "presentation", "economy", "hearing", "decision", "other"
]
SECTION_KINDS: tuple[SectionKind, ...] = get_args(SectionKind)

SECTION_NAMES: dict[str, str] = {
    "title": "Overskrift",
    "summary": "Resume",
    "question": "Beslutningstema",
    "recommendation": "Indstilling",
    "presentation": "Sagsfremstilling",
    "economy": "Økonomi",
    "hearing": "Høring",
    "decision": "Beslutning",
    "other": "Tekst",
    "attachment": "Bilag",
    "committee": "Udvalg",
    "case_number": "Sagsnummer",
}


@dataclass(frozen=True)
class Section:
    """One headed part of an item. The heading is shown to people; only ``text`` is matched."""

    kind: SectionKind
    heading: str
    text: str

    @property
    def name(self) -> str:
        """The heading as people know it, or our Danish name for the kind."""
        return self.heading.strip(" :") or SECTION_NAMES[self.kind]


@dataclass(frozen=True)
class Attachment:
    """A paper attached to the item: its title and, once it was read, its text page by page."""

    title: str
    pages: Sequence[str] = ()


@dataclass(frozen=True)
class ItemText:
    """All that may be used to judge an item. ``municipality``: its name; ``municipality_code``: KOMKOD."""

    title: str
    committee: str = ""
    municipality: str = ""
    municipality_code: int | None = None
    committee_kind: str = ""
    date: date | None = None
    sections: tuple[Section, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    case_number: str = ""
