"""Sections of an item that comes as one plain text: headings are lines which end in a colon, or well-known ones.

The variants are those seen on some 40 municipal sites, 2002-2025.
"""

from __future__ import annotations

import re
from typing import Final

from matcher.item import Section, SectionKind

_KNOWN: Final[dict[SectionKind, str]] = {
    "summary": """resume; resumé; sagsresume; sagsresumé; sagens kerne; præsentation; anledning; tema; indledning""",
    "question": """beslutningstema; spørgsmål""",
    "recommendation": """indstilling; indstillinger; forslag; forvaltningen foreslår; anbefaling; det indstilles;
        administrationen indstiller; administrativ indstilling; indstilling og beslutning; beslutningspunkter;
        beslutningspunkt; det indstilles, at; det indstilles at; forslag til beslutning""",
    "presentation": """sagsfremstilling; beskrivelse; beskrivelse af sagen; sagsbeskrivelse; sagens indhold; indhold;
        baggrund; baggrund og vurdering; problemstilling; løsning; sagsfremstilling og økonomi""",
    "economy": """økonomi; økonomiske konsekvenser; økonomiske konsekvenser og finansiering; økonomi og afledt drift;
        økonomiske forhold og konsekvenser""",
    "hearing": """høring; inddragelse; inddragelse og høring""",
    "decision": """beslutning; åben beslutning; referat""",
    "other": """historik; sagshistorik, henvisninger; tidligere behandling; sagsforløb; sagens gang; videre proces;
        kompetence; beslutningskompetence; hvem beslutter; lovgrundlag; retsgrundlag; bilag; sagsgang;
        borgmesterens afdelings påtegning; handicapaspekter; personalemæssige konsekvenser; personale""",
}
HEADINGS: Final[dict[str, SectionKind]] = {
    " ".join(name.split()): kind for kind, names in _KNOWN.items() for name in names.split(";")
}
DECISION_OF_A_COMMITTEE: Final = re.compile(r"^beslutning (?:i )?[^.]{3,80}$", re.IGNORECASE)
LONGEST_HEADING: Final = 60


def split_sections(text: str) -> tuple[Section, ...]:
    """The sections of a text in order; what stands before the first heading is a section without heading."""
    found: list[tuple[SectionKind, str, list[str]]] = [("other", "", [])]
    for line in text.split("\n"):
        kind = heading_kind(line)
        if kind is None:
            found[-1][2].append(line)
        else:
            found.append((kind, line.strip().rstrip(":").strip(), []))
    sections = (Section(kind, heading, "\n".join(lines).strip()) for kind, heading, lines in found)
    return tuple(section for section in sections if section.text)


def heading_kind(line: str) -> SectionKind | None:
    """The kind of section this line opens; None for a line of text."""
    stripped = line.strip()
    if not stripped or len(stripped) > LONGEST_HEADING:
        return None
    known = HEADINGS.get(stripped.rstrip(":").strip().casefold())
    if known:
        return known
    if DECISION_OF_A_COMMITTEE.match(stripped.rstrip(":")) and stripped.endswith(":"):
        return "decision"
    return None
