"""Revisions: what an item held when we saw it, and what changed since the one before."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage.bulk import insert_for_ids, insert_rows
from storage.keys import fold, title_key
from storage.models import AgendaItem, Attachment, Publication, Revision, Section, SectionKind
from storage.published import PublishedAttachment, PublishedItem, PublishedSection

Row = dict[str, Any]

_SIGNS = {
    sign: plain
    for plain, signs in {"-": "‐‑‒–—−", '"': "“”„»«", "'": "’‘‚´`", "•": "·▪●", "...": "…"}.items()
    for sign in signs
}
# A tenth of the time that str.translate takes.
_TYPOGRAPHY = re.compile(f"[{''.join(_SIGNS)}]")


class NewRevisions:
    """The revisions that one look at a publication brings, written together."""

    def __init__(self, session: Session, publication: Publication, seen_at: datetime, *, backfill: bool) -> None:
        """``publication`` has its id."""
        self._session = session
        self._shared = {
            "publication_id": publication.id,
            "stage": publication.stage,
            "seen_at": seen_at,
            "backfill": backfill,
        }
        self._rows: list[Row] = []
        self._sections: list[list[Row]] = []
        self._attachments: list[list[Row]] = []

    def add(
        self, item_id: int, newest: Revision | None, new: PublishedItem, changes: list[str], *, silent: bool = False
    ) -> None:
        """The item's new content, after ``newest``. ``changes`` are the words of design.md section 4.

        ``silent``: it differs because we read it in another way, and nobody is mailed.
        """
        meaning, alike = meaning_hash(new), False
        if newest is not None and meaning_hash(newest) == meaning:
            # Made anew, since what is folded may have changed since; the digest by which readers were told stays.
            meaning, alike = newest.meaning_hash, True
        same = alike and not {"published", "moved"} & {*changes}
        self._add(
            {
                "item_id": item_id,
                "number": newest.number + 1 if newest else 1,
                "changes": changes,
                "material": not same and not silent,
                "content_hash": content_hash(new),
                "meaning_hash": meaning,
                "title": new.title,
            },
            new.sections,
            new.attachments,
        )

    def add_withdrawn(self, item: AgendaItem, *, silent: bool = False) -> None:
        """Says that the item is gone; its last content stays readable in it. ``silent`` as in ``add``."""
        self.add_same(item, "withdrawn", meaning_hash=item.newest.meaning_hash, silent=silent)

    def add_same(self, item: AgendaItem, change: str, *, meaning_hash: str, silent: bool = False) -> None:
        """A ``change`` that the content as we compare it does not show; material unless ``silent``."""
        last = item.newest
        self._add(
            {
                "item_id": item.id,
                "number": last.number + 1,
                "stage": last.stage,
                "changes": [change],
                "material": not silent,
                "content_hash": last.content_hash,
                "meaning_hash": meaning_hash,
                "title": last.title,
            },
            last.sections,
            last.attachments,
        )

    def _add(
        self,
        row: Row,
        sections: Sequence[PublishedSection | Section],
        attachments: Sequence[PublishedAttachment | Attachment],
    ) -> None:
        self._rows.append(self._shared | row)
        self._sections.append(
            [
                {
                    "position": position,
                    "kind": SectionKind(one.kind),
                    "heading": one.heading,
                    "text": one.text,
                    "html": one.html,
                    "own_decision": one.own_decision,
                }
                for position, one in enumerate(sections)
            ]
        )
        self._attachments.append(
            [
                {
                    "position": position,
                    "platform_id": one.platform_id,
                    "title": one.title,
                    "url": one.url,
                    "has_pdf": one.has_pdf,
                }
                for position, one in enumerate(attachments)
            ]
        )

    def write(self) -> None:
        """Inserts all of them. The session looks at what it holds anew after this."""
        self._session.flush()
        ids = insert_for_ids(self._session, Revision, self._rows, ["item_id", "number"])
        for model, parts in ((Section, self._sections), (Attachment, self._attachments)):
            insert_rows(
                self._session,
                model,
                [{"revision_id": at, **row} for at, rows in zip(ids, parts, strict=True) for row in rows],
            )
        self._session.expire_all()


def changes_between(old: Revision, new: PublishedItem) -> list[str]:
    """The words of design.md section 4 for what differs."""
    before, after = [fold(a.title) for a in old.attachments], [fold(a.title) for a in new.attachments]
    own_before = [fold(s.text) for s in old.sections if s.own_decision]
    own_after = [fold(s.text) for s in new.sections if s.own_decision]
    text_before = [(fold(s.heading), fold(s.text)) for s in old.sections if not s.own_decision]
    text_after = [(fold(s.heading), fold(s.text)) for s in new.sections if not s.own_decision]
    found = {
        "title": title_key(old.title) != title_key(new.title),
        # A decision that is taken back leaves no decision to tell of: the text is another.
        "text": text_before != text_after or (any(own_before) and not any(own_after)),
        "attachment_added": any(after.count(title) > before.count(title) for title in after),
        "attachment_removed": any(before.count(title) > after.count(title) for title in before),
        "decision": own_after != own_before and any(own_after),
    }
    return [word for word, is_so in found.items() if is_so]


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


def meaning_hash(item: PublishedItem | Revision) -> str:
    """As ``content_hash``, folded and without numbering: equal means that a change was cosmetic."""
    return _hash(
        [
            _plain(title_key(item.title)),
            [[_plain(s.heading).strip(" :"), _plain(s.text)] for s in item.sections if s.text.strip()],
            [_plain(a.title) for a in item.attachments],
        ]
    )


def _plain(text: str) -> str:
    """Folded, with one sign for each that an office program sets in several ways."""
    return fold(_TYPOGRAPHY.sub(lambda found: _SIGNS[found[0]], text))


def _hash(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
