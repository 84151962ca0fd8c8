"""Between rows and the matcher's own plain records."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from matcher.documents import DocumentPages
from matcher.explain import by_concept, say_together
from matcher.item import SECTION_KINDS, Attachment, ItemText, Section, SectionKind
from matcher.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.find import Found, Party
    from storage.models import Attachment as AttachmentRow
    from storage.models import Profile as ProfileRow
    from storage.models import Revision


def plain_profile(row: ProfileRow) -> Profile:
    """A profile as the matcher knows it; its id is the row's, as text."""
    return Profile(
        id=str(row.id),
        name=row.association.name if row.association else "",
        description=row.description,
        topics=tuple(row.topics),
        target_groups=tuple(row.target_groups),
        municipalities=tuple(str(code) for code in row.municipality_codes),
        exclude=tuple(row.exclude),
        committees=tuple(row.committees),
        own_names=tuple(row.own_names),
    )


def item_text(revision: Revision) -> ItemText:
    """A revision's texts with the meeting's committee and municipality."""
    meeting = revision.item.meeting
    committee = meeting.committee
    return ItemText(
        title=revision.title,
        committee=committee.name,
        municipality=committee.municipality.name,
        municipality_code=committee.municipality_code,
        committee_kind=committee.kind.value,
        date=meeting.starts_at.date(),
        sections=tuple(Section(_kind(row.kind.value), row.heading, row.text) for row in revision.sections),
        attachments=tuple(Attachment(row.title, _pages(row)) for row in revision.attachments),
        case_number=revision.item.case_number,
    )


def match_reasons(found: Found | Party) -> list[dict[str, Any]]:
    """Reasons as stored, one for each concept: ``said`` holds all its words, the rest finds the best of them again."""
    return [
        asdict(group[0]) | {"section": group[0].section_name, "said": say_together(group)}
        for group in by_concept(found.reasons)
    ]


def _kind(value: str) -> SectionKind:
    return next((kind for kind in SECTION_KINDS if kind == value), "other")


def _pages(row: AttachmentRow) -> Sequence[str]:
    """The text of the attachment's file page by page, once it was read."""
    return DocumentPages(row.document) if row.document is not None else ()
