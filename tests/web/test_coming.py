"""The pages of coming cases and reports, and what an item's page says of both."""

import json
from datetime import date
from pathlib import Path

import httpx
import pytest

from config.settings import Settings
from matcher.run import run_matching
from storage.engine import transaction
from tests.factories import a_meeting, an_item
from tests.matcher.factories import association
from tests.matcher.test_coming_cases import LONELY, ROADS, a_list
from tests.service.command import command
from tests.web.reading import words
from web.server import in_background


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """A municipality that moved one case, treats another, and has a report and a list that cannot be read."""
    with transaction(sqlite_url) as session:
        a_list(session, date(2026, 9, 1), [LONELY, "Social", "November"], [ROADS, "Teknik", "Maj 2027"])
        association(session, "besoegsvenner", name="Besøgsvennerne")
    run_matching(sqlite_url)
    with transaction(sqlite_url) as session:
        a_list(session, date(2026, 10, 1), [LONELY, "Social", "Januar 2027"], [ROADS, "Teknik", "Maj 2027"])
        a_list(session, date(2026, 10, 2), title="Opgaveoversigt", status="none")
        meeting = a_meeting(session)
        an_item(session, "Ny asfalt på Ringvejen", meeting=meeting)
        an_item(session, "Økonomi", meeting=meeting, attachments=["Budgetopfølgning pr. 31. august 2026"])
    run_matching(sqlite_url)
    return Settings(data_dir=tmp_path, database_url=sqlite_url)


def test_the_pages_tell_what_comes_where_it_stands_and_whom_it_concerns(settings: Settings) -> None:
    with in_background(settings) as base_url, httpx.Client(base_url=base_url) as browse:
        page = words(browse.get("/sager-paa-vej?kommune=751").text)
        assert f"{LONELY} Aarhus · Social Forventet: Januar 2027" in page
        assert "Rykket fra »November« til »Januar 2027«" in page
        assert "Angår måske Besøgsvennerne" in page
        assert "Står i Sager på vej – Social" in page
        assert "side 1" in page
        assert "Er nu på dagsordenen" in page
        assert "Lister, vi ikke kunne læse" in page
        assert "Opgaveoversigt" in page
        assert "ikke læst nogen lister" in words(browse.get("/sager-paa-vej?kommune=101").text)

        report = words(browse.get("/rapporter").text)
        assert "Budgetopfølgning pr. 31. august 2026" in report
        assert "bilag til Økonomi" in report
        assert "Opgaveoversigt" not in report


def test_an_item_that_was_announced_says_so(settings: Settings) -> None:
    with in_background(settings) as base_url, httpx.Client(base_url=base_url) as browse:
        page = browse.get("/sager-paa-vej").text
        number = page.split('">Er nu på dagsordenen')[0].rsplit("/sager/", 1)[1]
        item = words(browse.get(f"/sager/{number}").text)
        assert "Varslet i »Sager på vej – Social«" in item
        assert "forventet: Maj 2027" in item


def test_the_commands_list_the_same(settings: Settings, tmp_path: Path) -> None:
    where = {"DAGSORDENVAGT_DATABASE_URL": settings.effective_database_url}
    assert "4 rapporter." in command(tmp_path, "reports", "list", "-m", "Aarhus", **where).stdout
    listed = json.loads(command(tmp_path, "reports", "list", "-m", "Aarhus", "--json", **where).stdout)
    assert "Budgetopfølgning pr. 31. august 2026" in {one["item"] for one in listed} | {one["paper"] for one in listed}
    coming = " ".join(command(tmp_path, "reports", "coming", **where).stdout.split())
    assert "2 sager på vej" in coming
    assert "kunne ikke læses" in coming
    told = json.loads(command(tmp_path, "reports", "coming", "--json", **where).stdout)
    assert [(one["title"], one["expected_first"]) for one in told] == [(LONELY, "2027-01-01"), (ROADS, "2027-05-01")]
