"""The figures are what they say they are."""

import csv
import json
from pathlib import Path

import pytest
from rich.console import Console

from config.errors import ConfigError
from matcher.evaluate import run_evaluation

PROFILES = """
profiles:
- {id: besog, name: B, topics: [ensomhed, besøgsvenner], target_groups: [ældre]}
- {id: idraet, name: I, topics: [idræt, haller]}
"""
ITEMS = [
    {
        "id": "a",
        "title": "Handleplan mod ensomhed blandt ældre",
        "text": "Resume:\nBesøgsvenner.",
        "text_kind": "official",
    },
    {"id": "b", "title": "Ny idrætshal", "text": "Hallen bygges til idræt.", "text_kind": "own_words"},
    {"id": "c", "title": "Kloakering af Industrivej", "text": "Kloak.", "text_kind": "own_words"},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    items, profiles, gold = tmp_path / "items.jsonl", tmp_path / "profiles.yaml", tmp_path / "gold.csv"
    rows = [{"committee": "Byrådet", "date": "2025-01-01", "attachments": [], "case_number": ""} | row for row in ITEMS]
    items.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    profiles.write_text(PROFILES, encoding="utf-8")
    gold.write_text("item_id,profile_id,grade\na,besog,2\nb,idraet,1\nc,idraet,2\n", encoding="utf-8")
    return items, profiles, gold


def test_precision_counts_borderline_and_recall_does_not(files: tuple[Path, Path, Path]) -> None:
    report = run_evaluation(*files)
    assert (report.overall.alerts, report.overall.right) == (2, 2)
    assert (report.overall.pairs_wanted, report.overall.wanted_found) == (2, 1)
    assert report.overall.f1 == pytest.approx(2 * 1.0 * 0.5 / 1.5)
    assert report.by_text_kind["official"].f1 == 1.0
    assert report.by_text_kind["own_words"].recall == 0.0


def test_the_report_is_json_and_a_table(files: tuple[Path, Path, Path]) -> None:
    report = run_evaluation(*files)
    assert json.loads(report.as_json())["overall"]["alerts"] == report.overall.alerts
    console = Console(record=True, width=120)
    console.print(report.table())
    assert "own_words" in console.export_text()


def test_scores_are_written_for_every_pair_above_zero(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    report = run_evaluation(*files, out=out)
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert list(rows[0]) == ["item_id", "profile_id", "score", "alert"]
    assert sum(int(row["alert"]) for row in rows) == report.overall.alerts
    assert all(0 < float(row["score"]) <= 1 for row in rows)


def test_a_broken_file_is_named(files: tuple[Path, Path, Path]) -> None:
    files[0].write_text('{"id": "a"', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"items\.jsonl"):
        run_evaluation(*files)


def test_the_development_set_stays_above_the_first_bar(shared: Path) -> None:
    gold = shared / "gold"
    report = run_evaluation(gold / "items.jsonl", gold / "profiles.yaml", gold / "gold.csv")
    assert report.overall.f1 >= 0.70
    assert report.by_text_kind["official"].f1 >= 0.70
