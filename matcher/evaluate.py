"""How good the matcher is, measured on a gold set.

An alert is right when the gold grade is 1 or 2; recall counts grade 2 only; F1 is made of those two, micro over
all pairs of item and profile. nDCG@10 is per profile over all items (gain 2**grade - 1), then the plain mean.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table

from config.errors import ConfigError
from config.profile_file import read_profile_file
from matcher.compiled import compile_profiles
from matcher.find import find
from matcher.headings import split_sections
from matcher.item import Attachment, ItemText
from matcher.profile import Profile
from matcher.topics import load_thesaurus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from matcher.topics import Thesaurus

CLEAR: Final = 2
TOP: Final = 10

Pair = tuple[str, str]


@dataclass(frozen=True)
class Figures:
    """Counts and what follows from them, for one kind of text or one profile."""

    pairs_wanted: int
    alerts: int
    right: int
    wanted_found: int
    precision: float
    recall: float
    f1: float
    ndcg: float


@dataclass(frozen=True)
class Report:
    """Figures over all, by ``text_kind``, and by profile."""

    items: int
    profiles: int
    overall: Figures
    by_text_kind: dict[str, Figures]
    by_profile: dict[str, Figures]

    def as_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def table(self) -> Table:
        """The report for a terminal."""
        table = Table(title=f"{self.items} punkter × {self.profiles} profiler", box=box.SIMPLE, padding=0)
        table.add_column("", no_wrap=True)
        # Short enough for a terminal of 80 columns.
        for heading in ("Ønsket", "Varsel", "Rigtig", "Præcis", "Fundet", "F1", "nDCG"):
            table.add_column(heading, justify="right", no_wrap=True)
        _add_row(table, "alle", self.overall)
        for part in (self.by_text_kind, self.by_profile):
            table.add_section()
            for name, figures in part.items():
                _add_row(table, name, figures)
        return table


@dataclass(frozen=True)
class GoldItem:
    """An item of the gold file."""

    id: str
    text_kind: str
    text: ItemText


@dataclass(frozen=True)
class Scored:
    """The score of a pair, and whether it is an alert."""

    score: float
    alert: bool


def run_evaluation(
    items: Path, profiles: Path, gold: Path, out: Path | None = None, *, thesaurus: Thesaurus | None = None
) -> Report:
    """Match every item with every profile and compare with the gold grades.

    ``out``: a CSV file for item_id,profile_id,score,alert of every pair with a score above 0. Raises ConfigError
    when a file cannot be read.
    """
    read_items, read_profiles, grades = load_items(items), load_profiles(profiles), load_gold(gold)
    compiled = compile_profiles(read_profiles, thesaurus or load_thesaurus())
    scored: dict[Pair, Scored] = {}
    for item in read_items:
        for found in find(item.text, compiled, everything=True):
            scored[item.id, found.profile_id] = Scored(found.score, found.grade != "below")
    if out is not None:
        _write_scores(out, scored)
    return report(read_items, [profile.id for profile in read_profiles], grades, scored)


def report(items: list[GoldItem], profiles: list[str], grades: dict[Pair, int], scored: dict[Pair, Scored]) -> Report:
    """Figures for scores however they were made."""
    kinds = sorted({item.text_kind for item in items})
    every = {item.id for item in items}
    by_kind = {kind: {item.id for item in items if item.text_kind == kind} for kind in kinds}
    return Report(
        len(items),
        len(profiles),
        _figures(every, profiles, grades, scored),
        {kind: _figures(ids, profiles, grades, scored) for kind, ids in by_kind.items()},
        {profile: _figures(every, [profile], grades, scored) for profile in profiles},
    )


def load_items(path: Path) -> list[GoldItem]:
    """Items of a JSON-lines file; headings in their text open sections."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [GoldItem(row["id"], row.get("text_kind", ""), _item_text(row)) for row in rows]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path.name}: cannot be read as agenda items: {error!r}") from error


def load_profiles(path: Path) -> list[Profile]:
    """Profiles of a profile file."""
    read = read_profile_file(path)
    if read.problems:
        raise ConfigError("\n".join(read.problems))
    names = ("topics", "target_groups", "municipalities", "exclude", "committees", "own_names")
    return [
        Profile(entry.id, entry.name, entry.description, **{name: tuple(getattr(entry, name)) for name in names})
        for entry in read.associations
    ]


def load_gold(path: Path) -> dict[Pair, int]:
    """Grades (2, 1 or 0; a pair that is not listed has 0) by item and profile."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {(row["item_id"], row["profile_id"]): int(row["grade"]) for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path.name}: cannot be read as gold grades: {error!r}") from error


def _item_text(row: dict[str, Any]) -> ItemText:
    return ItemText(
        title=row["title"],
        committee=row.get("committee") or "",
        municipality=row.get("municipality") or "",
        date=date.fromisoformat(row["date"]) if row.get("date") else None,
        sections=split_sections(row.get("text") or ""),
        attachments=tuple(Attachment(title) for title in row.get("attachments") or ()),
        case_number=row.get("case_number") or "",
    )


def _figures(items: set[str], profiles: list[str], grades: dict[Pair, int], scored: dict[Pair, Scored]) -> Figures:
    inside = set(profiles)
    alerts = {p for p, one in scored.items() if one.alert and p[0] in items and p[1] in inside}
    wanted = {p for p, grade in grades.items() if grade == CLEAR and p[0] in items and p[1] in inside}
    right = sum(1 for pair in alerts if grades.get(pair, 0) >= 1)
    precision = right / len(alerts) if alerts else 0.0
    recall = len(alerts & wanted) / len(wanted) if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    ranked = [_ndcg(items, profile, grades, scored) for profile in profiles]
    known = [value for value in ranked if value is not None]
    ndcg = sum(known) / len(known) if known else 0.0
    return Figures(len(wanted), len(alerts), right, len(alerts & wanted), precision, recall, f1, ndcg)


def _ndcg(items: set[str], profile: str, grades: dict[Pair, int], scored: dict[Pair, Scored]) -> float | None:
    """None for a profile that nothing is wanted for."""
    gains = {item: 2 ** grades[item, profile] - 1 for item in items if grades.get((item, profile), 0)}
    if not gains:
        return None
    by_score = defaultdict(list)
    for item, other in scored:
        if other == profile and item in items:
            by_score[-scored[item, other].score].append(item)
    ranking = [item for score in sorted(by_score) for item in sorted(by_score[score])]
    return _dcg(gains.get(item, 0) for item in ranking) / _dcg(sorted(gains.values(), reverse=True))


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(list(gains)[:TOP]))


def _write_scores(path: Path, scored: dict[Pair, Scored]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("item_id", "profile_id", "score", "alert"))
        for (item, profile), one in sorted(scored.items()):
            if one.score > 0:
                writer.writerow((item, profile, f"{one.score:.4f}", int(one.alert)))


def _add_row(table: Table, name: str, figures: Figures) -> None:
    counts = (str(figures.pairs_wanted), str(figures.alerts), str(figures.right))
    rates = (figures.precision, figures.recall, figures.f1, figures.ndcg)
    table.add_row(name, *counts, *(f"{rate:.3f}" for rate in rates))
