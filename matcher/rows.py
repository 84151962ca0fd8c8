"""Between rows and the matcher's own plain records."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from matcher.documents import DocumentPages
from matcher.explain import by_concept, say_together
from matcher.item import SECTION_KINDS, Attachment, ItemText, Section, SectionKind
from matcher.learning import Answer, as_weights, leanings
from matcher.profile import Profile, Resolver
from storage.models import Feedback, Verdict
from storage.models import Profile as ProfileRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from matcher.find import Found, Party
    from matcher.topics import Thesaurus
    from storage.models import Attachment as AttachmentRow
    from storage.models import Revision


def plain_profile(row: ProfileRow, learned: tuple[tuple[str, float], ...] = ()) -> Profile:
    """A profile as the matcher knows it; its id is the row's, as text. ``learned``: what its answers have taught."""
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
        leanings=learned,
    )


def answers_of(session: Session, *profile_ids: int) -> dict[int, list[Answer]]:
    """By profile, the answers that count and say what they are about; of all profiles when none is named."""
    query = (
        select(ProfileRow.id, Feedback.verdict, Feedback.about)
        .join(ProfileRow, ProfileRow.association_id == Feedback.association_id)
        .where(Feedback.set_aside_at.is_(None))
        .order_by(Feedback.id)
    )
    found: dict[int, list[Answer]] = {}
    for profile_id, verdict, about in session.execute(
        query.where(ProfileRow.id.in_(profile_ids)) if profile_ids else query
    ):
        if about:
            found.setdefault(profile_id, []).append(Answer(verdict is Verdict.RELEVANT, tuple(about)))
    return found


def learned_by(session: Session, thesaurus: Thesaurus, *profile_ids: int) -> dict[int, tuple[tuple[str, float], ...]]:
    """By profile, the factors that answers have taught; only profiles with any. Costs nothing while nobody answers."""
    answers = answers_of(session, *profile_ids)
    resolver = Resolver(thesaurus) if answers else None
    found = {id_: as_weights(leanings(given, resolver)) for id_, given in answers.items() if resolver}
    return {id_: weights for id_, weights in found.items() if weights}


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
