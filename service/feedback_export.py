"""Associations' answers as a gold set: what the matcher is measured on and fitted to, from those who know best."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from config.errors import ConfigError
from storage.models import AgendaItem, Association, Feedback, Municipality, Profile, Revision, Verdict

GRADES = {Verdict.RELEVANT: 2, Verdict.NOT_RELEVANT: 0}
README = """\
# Answers of associations as a gold set

* `items.jsonl`: {items} agenda items as they stood when they were answered.
* `profiles.yaml`: {profiles} profiles of associations, numbered, without their names, descriptions and own names, and
  without people.
* `gold.csv`: {answers} answers: grade 2 = "relevant", 0 = "ikke relevant". Answers that their association took back
  are left out.

Mostly items that were mailed are answered. Pairs that are not listed are unknown, and are taken for 0: precision comes
out too low and recall too high.

    dagsordenvagt evaluate --items items.jsonl --profiles profiles.yaml --gold gold.csv
    python -m benchmarks.fit_weights items.jsonl profiles.yaml gold.csv
"""


@dataclass(frozen=True)
class Exported:
    """How much an export holds."""

    items: int
    profiles: int
    answers: int


def export_feedback(session: Session, folder: Path) -> Exported:
    """Writes ``items.jsonl``, ``profiles.yaml``, ``gold.csv`` and ``README.md`` into ``folder``; older ones go.

    The same answers make the same files. Raises ``ConfigError`` when the folder cannot be written to.
    """
    rows = session.execute(
        select(Feedback, AgendaItem, Association, Profile)
        .join(AgendaItem, AgendaItem.id == Feedback.item_id)
        .join(Association, Association.id == Feedback.association_id)
        .join(Profile, Profile.association_id == Association.id)
        .where(Feedback.set_aside_at.is_(None), AgendaItem.taken_down_at.is_(None))
        .order_by(Association.id, AgendaItem.id)
    ).all()
    numbers = {id_: f"forening-{number}" for number, id_ in enumerate(dict.fromkeys(row[2].id for row in rows), 1)}
    names = {row.code: row.name for row in session.scalars(select(Municipality))}
    answers = [(f"punkt-{item.id}", numbers[one.id], GRADES[given.verdict]) for given, item, one, _ in rows]
    profiles = {numbers[one.id]: _profile(numbers[one.id], profile, names) for _, _, one, profile in rows}
    items: dict[int, dict[str, Any]] = {}
    for given, item, _, _ in sorted(rows, key=lambda row: (row[1].id, row[0].given_at)):
        items.setdefault(item.id, _item(item, _as_answered(item, given)))
    done = Exported(len(items), len(profiles), len(answers))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in items.values()]
        (folder / "items.jsonl").write_text("".join(lines), encoding="utf-8")
        listed = yaml.safe_dump({"profiles": list(profiles.values())}, allow_unicode=True, sort_keys=False)
        (folder / "profiles.yaml").write_text(listed, encoding="utf-8")
        _write_gold(folder / "gold.csv", answers)
        (folder / "README.md").write_text(README.format(**vars(done)), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"Der kan ikke skrives til mappen {folder}: {error.strerror}.") from error
    return done


def _write_gold(path: Path, answers: Sequence[tuple[str, str, int]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("item_id", "profile_id", "grade"))
        writer.writerows(answers)


def _profile(number: str, profile: Profile, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": number,
        "name": number,
        "topics": profile.topics,
        "target_groups": profile.target_groups,
        "municipalities": [names[code] for code in profile.municipality_codes],
        "exclude": profile.exclude,
        "committees": profile.committees,
    }


def _as_answered(item: AgendaItem, given: Feedback) -> Revision:
    """The revision that was in force when the first answer was given."""
    seen = [revision for revision in item.revisions if revision.seen_at <= given.given_at]
    return seen[-1] if seen else item.revisions[0]


def _item(item: AgendaItem, revision: Revision) -> dict[str, Any]:
    committee = item.meeting.committee
    sections = [f"{one.heading}:\n{one.text}" if one.heading else one.text for one in revision.sections]
    return {
        "id": f"punkt-{item.id}",
        "municipality": committee.municipality.name,
        "committee": committee.name,
        "date": local(item.meeting.starts_at).date().isoformat(),
        "doc_type": "referat" if revision.stage.value == "minutes" else "dagsorden",
        "title": revision.title,
        "case_number": item.case_number,
        "text": "\n\n".join(sections),
        "attachments": [one.title for one in revision.attachments],
        "text_kind": "official",
    }
