"""Revisions: what an item held when we saw it, and what changed since the one before."""

import hashlib
import json
from datetime import datetime

from sqlalchemy.orm import Session

from storage.keys import fold, title_key
from storage.models import AgendaItem, Attachment, Publication, Revision, Section, SectionKind
from storage.published import PublishedItem


def revise(
    session: Session,
    item: AgendaItem,
    publication: Publication,
    new: PublishedItem,
    changes: list[str],
    seen_at: datetime,
    *,
    backfill: bool,
) -> None:
    """Adds a revision with the item's new content. ``changes`` are the words of design.md section 4."""
    meaning = meaning_hash(new)
    revision = Revision(
        number=len(item.revisions) + 1,
        publication_id=publication.id,
        stage=publication.stage,
        seen_at=seen_at,
        changes=changes,
        material=not item.revisions or item.newest.meaning_hash != meaning or bool({"published", "moved"} & {*changes}),
        backfill=backfill,
        content_hash=content_hash(new),
        meaning_hash=meaning,
        title=new.title,
    )
    revision.sections = [
        Section(
            position=position,
            kind=SectionKind(one.kind),
            heading=one.heading,
            text=one.text,
            html=one.html,
            own_decision=one.own_decision,
        )
        for position, one in enumerate(new.sections)
    ]
    revision.attachments = [
        Attachment(position=position, platform_id=one.platform_id, title=one.title, url=one.url, has_pdf=one.has_pdf)
        for position, one in enumerate(new.attachments)
    ]
    item.revisions.append(revision)
    session.add(item)


def changes_between(old: Revision, new: PublishedItem) -> list[str]:
    """The words of design.md section 4 for what differs."""
    before, after = [fold(a.title) for a in old.attachments], [fold(a.title) for a in new.attachments]
    own_before = [fold(s.text) for s in old.sections if s.own_decision]
    own_after = [fold(s.text) for s in new.sections if s.own_decision]
    text_before = [(fold(s.heading), fold(s.text)) for s in old.sections if not s.own_decision]
    text_after = [(fold(s.heading), fold(s.text)) for s in new.sections if not s.own_decision]
    found = {
        "title": title_key(old.title) != title_key(new.title),
        "text": text_before != text_after,
        "attachment_added": any(after.count(title) > before.count(title) for title in after),
        "attachment_removed": any(before.count(title) > after.count(title) for title in before),
        "decision": own_after != own_before and any(own_after),
    }
    return [word for word, is_so in found.items() if is_so]


def add_withdrawn_revision(item: AgendaItem, publication: Publication, seen_at: datetime, *, backfill: bool) -> None:
    """Adds a revision that says that the item is gone; its last content stays readable in it."""
    last = item.newest
    item.revisions.append(
        Revision(
            number=last.number + 1,
            publication_id=publication.id,
            stage=last.stage,
            seen_at=seen_at,
            changes=["withdrawn"],
            material=True,
            backfill=backfill,
            content_hash=last.content_hash,
            meaning_hash=last.meaning_hash,
            title=last.title,
            sections=[
                Section(
                    position=s.position,
                    kind=s.kind,
                    heading=s.heading,
                    text=s.text,
                    html=s.html,
                    own_decision=s.own_decision,
                )
                for s in last.sections
            ],
            attachments=[
                Attachment(position=a.position, platform_id=a.platform_id, title=a.title, url=a.url, has_pdf=a.has_pdf)
                for a in last.attachments
            ],
        )
    )


def content_hash(item: PublishedItem) -> str:
    """Over everything a reader sees of the item; ids and links are left out, since they move by themselves."""
    return _hash(
        [
            item.title,
            item.case_number,
            item.is_open,
            [[s.kind, s.heading, s.text] for s in item.sections],
            [a.title for a in item.attachments],
        ]
    )


def meaning_hash(item: PublishedItem) -> str:
    """As ``content_hash``, folded and without numbering: equal means that a change was cosmetic."""
    return _hash(
        [
            title_key(item.title),
            [[fold(s.heading).strip(" :"), fold(s.text)] for s in item.sections if s.text.strip()],
            [fold(a.title) for a in item.attachments],
        ]
    )


def _hash(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
