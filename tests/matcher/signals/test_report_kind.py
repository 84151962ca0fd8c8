"""Which titles name a management report or a list of coming cases, and which only sound like one."""

from datetime import date
from pathlib import Path

import pytest

from config.report_kinds import lists_coming_cases, recognise
from matcher.item import Attachment, ItemText
from matcher.signals.report_kind import ITSELF, report_signals

LINES = [
    tuple(part.strip() for part in line.split("|", 1))
    for line in Path(__file__).with_name("reports.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.mark.parametrize(("kind", "title"), LINES, ids=[line[1] for line in LINES])
def test_a_title_is_known_for_what_it_is(kind: str, title: str) -> None:
    found = recognise(title)
    assert (found.kind.id if found else "-") == kind
    if found:
        assert found.word in title


def test_there_are_lines_enough() -> None:
    assert len(LINES) >= 80


def test_the_item_and_its_papers_are_marked_with_their_time() -> None:
    item = ItemText(
        "Budgetopfølgning pr. 31. august 2025",
        date=date(2025, 9, 18),
        attachments=(Attachment("Bilag 1: Ledelsesinformation august"), Attachment("Kort over området")),
    )
    own, paper = report_signals(item)
    assert (own.position, own.kind, own.group) == (ITSELF, "budget_follow_up", "management")
    assert own.period is not None
    assert (own.period.first, own.period.last) == (date(2025, 8, 31), date(2025, 8, 31))
    assert (paper.position, paper.kind) == (0, "management_report")
    assert paper.period is not None
    assert (paper.period.first, paper.period.last) == (date(2025, 8, 1), date(2025, 8, 31))


def test_a_paper_without_a_telling_title_is_known_by_its_first_page() -> None:
    page = "Vestby Kommune\nLedelsesrapport\nSocial og Sundhed, 2. kvartal 2025\n\nAntallet af hjemløse er steget."
    (found,) = report_signals(ItemText("Status på området", attachments=(Attachment("Bilag 1", (page, "side 2")),)))
    assert (found.kind, found.where, found.pages) == ("management_report", "page", 2)
    assert found.period is not None
    assert found.period.text == "2. kvartal 2025"


def test_running_text_that_mentions_a_report_makes_none() -> None:
    page = "Notat\nDet fremgår af budgetopfølgningen, at udgifterne stiger.\nJævnfør ledelsesinformationen,"
    assert report_signals(ItemText("Notat om udgifter", attachments=(Attachment("Notat", (page,)),))) == []


def test_only_lists_of_coming_cases_have_their_tables_read() -> None:
    assert lists_coming_cases("Bilag 4", "Sager pa vej – Sundhed og Omsorg 2025\nSide 1 af 4")
    assert lists_coming_cases("Opgaveoversigt", "")
    assert not lists_coming_cases("Budgetopfølgning", "Budgetopfølgning pr. 31. august 2025")
