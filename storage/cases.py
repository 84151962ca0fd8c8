"""Finds the case that an item belongs to, in whatever committee it stood before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bulk import insert_for_ids
from storage.keys import alike, bounded, title_key
from storage.models import Case
from storage.published import PublishedItem

# A title alone ties cases only when it is long enough to be about something and not long ago.
TITLE_ALONE_LENGTH = 25
TITLE_ALONE_DAYS = 365
ALIKE_ENOUGH = 0.6


@dataclass
class Cases:
    """The cases that one meeting's items may belong to, read in three questions however many items there are.

    Cases that are made for one item are found by the next; ``write`` puts them into the database.
    """

    session: Session
    municipality_code: int
    seen_at: datetime
    _by_number: dict[str, list[Case]] = field(default_factory=dict)
    _by_key: dict[str, Case] = field(default_factory=dict)
    _here: list[Case] = field(default_factory=list)
    _made: list[Case] = field(default_factory=list)

    def look_up(self, items: Sequence[PublishedItem], here: Collection[int]) -> None:
        """Reads what is known of these items' case numbers, and of the cases that the meeting has already: ``here``."""
        mine = select(Case).where(Case.municipality_code == self.municipality_code)
        numbers = {item.case_number for item in items if item.case_number}
        for case in self.session.scalars(mine.where(Case.case_number.in_(numbers)).order_by(Case.id)):
            self._by_number.setdefault(case.case_number, []).append(case)
        keys = {_key(item) for item in items}
        self._by_key = {case.key: case for case in self.session.scalars(mine.where(Case.key.in_(keys)))}
        self._here = list(self.session.scalars(mine.where(Case.id.in_(here)))) if here else []

    def of(self, item: PublishedItem) -> Case | None:
        """The item's case: found by case number and likeness of title, else a new one.

        None for an item without a case number whose title says too little to tie anything to.
        """
        case = self._find(item)
        if case is not None and case not in self._here:
            self._here.append(case)
        return case

    def write(self) -> None:
        """Inserts the cases that were made; from here on they have their ids."""
        rows = [
            {
                "municipality_code": case.municipality_code,
                "key": case.key,
                "case_number": case.case_number,
                "title": case.title,
                "step": case.step,
                "first_seen_at": case.first_seen_at,
            }
            for case in self._made
        ]
        for case, given in zip(self._made, insert_for_ids(self.session, Case, rows, ["key"]), strict=True):
            case.id = given
        self._made.clear()

    def _find(self, item: PublishedItem) -> Case | None:
        title = title_key(item.title)
        if item.case_number:
            found = self._likeliest(item.case_number, title)
        elif len(title) >= TITLE_ALONE_LENGTH:
            found = self._by_title(title)
        else:
            return None
        return found or self._by_key.get(_key(item)) or self._new(item)

    def _likeliest(self, number: str, title: str) -> Case | None:
        """One case number can cover many matters (six budget items of Aarhus share one), so the title decides too."""
        likeness = [(alike(title_key(case.title), title), case) for case in self._by_number.get(number, [])]
        for alikeness, case in sorted(likeness, key=lambda one: one[0], reverse=True):
            if alikeness == 1 or (alikeness >= ALIKE_ENOUGH and case not in self._here):
                return case
        return None

    def _by_title(self, title: str) -> Case | None:
        since = self.seen_at - timedelta(days=TITLE_ALONE_DAYS)
        for key, case in self._by_key.items():
            if key.endswith("|" + title) and case.first_seen_at >= since:
                return case
        return self.session.scalar(
            select(Case).where(
                Case.municipality_code == self.municipality_code,
                Case.key.endswith("|" + title, autoescape=True),
                Case.first_seen_at >= since,
            )
        )

    def _new(self, item: PublishedItem) -> Case:
        case = Case(municipality_code=self.municipality_code, key=_key(item), case_number=item.case_number)
        case.title, case.first_seen_at, case.step = item.title, self.seen_at, ""
        self._made.append(case)
        self._by_key[case.key] = case
        self._by_number.setdefault(case.case_number, []).append(case)
        return case


def _key(item: PublishedItem) -> str:
    return f"{bounded(item.case_number, 100)}|{title_key(item.title)}"
