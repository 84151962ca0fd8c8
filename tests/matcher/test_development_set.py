"""What the matcher does with the development set: every alert is explained by text that is really there."""

from pathlib import Path

import pytest

from matcher.compiled import compile_profiles
from matcher.evaluate import load_items, load_profiles, run_evaluation
from matcher.find import Found, find
from matcher.item import ItemText
from matcher.reading import text_of
from matcher.topics import load_thesaurus

SECOND = Path(__file__).parents[2] / "benchmarks" / "second_gold"


@pytest.fixture(scope="module")
def alerts(shared: Path) -> list[tuple[ItemText, Found]]:
    profiles = [*load_profiles(shared / "gold" / "profiles.yaml"), *load_profiles(SECOND / "profiles.yaml")]
    compiled = compile_profiles(profiles, load_thesaurus())
    items = load_items(shared / "gold" / "items.jsonl")
    return [(item.text, found) for item in items for found in find(item.text, compiled)]


def test_every_alert_has_a_reason_whose_text_stands_where_it_says(alerts: list[tuple[ItemText, Found]]) -> None:
    assert len(alerts) > 200
    for item, found in alerts:
        assert found.reasons, (item.title, found.profile_id)
        for reason in found.reasons:
            source = _source(item, reason.section_kind, reason.position)
            assert source[reason.start : reason.end] == reason.text, (item.title, reason)
            quoted = reason.quote.strip("… ")
            assert quoted in source, (item.title, reason)
            assert reason.text in reason.quote, (item.title, reason)


def test_every_alert_quotes_a_passage_that_is_in_the_item(alerts: list[tuple[ItemText, Found]]) -> None:
    for item, found in alerts:
        texts = [item.title, *(section.text for section in item.sections), *(paper.title for paper in item.attachments)]
        assert not found.passage or any(found.passage.strip("… ") in text for text in texts), (item.title, found)


@pytest.mark.parametrize(
    ("folder", "f1", "recall", "ndcg"), [("development", 0.85, 0.87, 0.82), ("second", 0.88, 0.89, 0.89)]
)
def test_the_figures_stay_where_they_are(shared: Path, folder: str, f1: float, recall: float, ndcg: float) -> None:
    gold = shared / "gold" if folder == "development" else SECOND
    report = run_evaluation(shared / "gold" / "items.jsonl", gold / "profiles.yaml", gold / "gold.csv")
    assert report.overall.f1 >= f1
    assert report.overall.recall >= recall
    assert report.overall.ndcg >= ndcg
    assert report.by_text_kind["official"].f1 >= 0.78


def _source(item: ItemText, kind: str, position: int) -> str:
    if kind == "case_number":
        return item.case_number
    if kind in {"title", "committee", "attachment"} or kind.startswith("page"):
        return text_of(item, kind, position)
    return item.sections[position].text
