"""From a fetched "sager på vej" to the page of coming cases: site, crawl, papers, tables, matching, web."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fpdf import FPDF
from sqlalchemy import select

from config.clock import now
from config.settings import Settings
from crawler.documents import documents_command
from matcher.run import run_matching
from storage.engine import reading
from storage.models import AnnouncedCase, AnnouncedList, ListStatus
from tests.crawler.conftest import add_source, crawl, run_to_the_end
from tests.crawler.firstagenda_answers import agenda, line, point, portal
from tests.servers.replay import Saved, replay
from tests.web.reading import words
from web.server import in_background

CODE = 751
NEXT_YEAR = now().year + 1
HEAD = ("Sag", "Afdeling", "Forventet behandlet")


def a_pdf(*rows: tuple[str, str, str]) -> bytes:
    """A list as Word prints it: a heading, the day it stands for, and a table with lines."""
    made = FPDF(format="A4")
    made.core_fonts_encoding = "cp1252"
    made.add_page()
    made.set_font("helvetica", size=11)
    for text in ("Sager på vej - Sundhed og Omsorg", f"Ajourført: {now() - timedelta(days=3):%d-%m-%Y}"):
        made.cell(text=text, new_x="LMARGIN", new_y="NEXT")
    with made.table() as table:
        for row in (HEAD, *rows):
            table.row(row)
    return bytes(made.output())


def a_page(*rows: tuple[str, str, str]) -> bytes:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in (HEAD, *rows))
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<!DOCTYPE html><html><body><h1>Sager på vej - Kultur</h1><table>{table}</table></body></html>".encode()


def read_all(url: str, papers: Mapping[str, bytes]) -> None:
    """One meeting with an item for each paper, through every stage up to the matcher."""
    points = [
        point(number, f"Orientering {number}", Bilag=[{"Id": name, "Navn": "Sager på vej", "HarPdfVersion": "True"}])
        for number, name in enumerate(papers, start=1)
    ]
    fetched = {f"/vis/pdf/bilag/{name}/?redirectDirectlyToPdf=false": Saved(data) for name, data in papers.items()}
    with replay(portal(line("m1", days=5), m1=agenda(*points, days=5)) | fetched) as site:
        add_source(url, CODE, site.base_url)
        assert crawl(url).exit_code == 0
        read = run_to_the_end(documents_command(), url)
        assert (read.exit_code, site.unsaved) == (0, []), read.log
    run_matching(url)


def test_rows_of_a_fetched_pdf_and_of_a_page_stand_on_the_page_of_coming_cases(sqlite_url: str, tmp_path: Path) -> None:
    pdf = a_pdf(
        ("Handleplan mod ensomhed blandt ældre", "Social", f"Maj {NEXT_YEAR}"),
        ("Ny boligplan for unge", "Teknik", f"Juni {NEXT_YEAR}"),
    )
    page = a_page(("Tilskud til frivillige kulturhuse", "Kultur", f"April {NEXT_YEAR}"))
    read_all(sqlite_url, {"pdf": pdf, "page": page})
    settings = Settings(data_dir=tmp_path, database_url=sqlite_url)
    with in_background(settings) as base_url, httpx.Client(base_url=base_url) as browse:
        shown = words(browse.get(f"/sager-paa-vej?kommune={CODE}").text)
    assert f"Handleplan mod ensomhed blandt ældre Kommune 751 · Social Forventet: Maj {NEXT_YEAR}" in shown
    assert f"Ny boligplan for unge Kommune 751 · Teknik Forventet: Juni {NEXT_YEAR}" in shown
    assert f"Tilskud til frivillige kulturhuse Kommune 751 · Kultur Forventet: April {NEXT_YEAR}" in shown
    assert "Lister, vi ikke kunne læse" not in shown


def test_the_recorded_list_of_aarhus_becomes_its_cases(sqlite_url: str, shared: Path) -> None:
    recorded = shared / "recordings" / "documents" / "sager-paa-vej-aarhus-2025-08-29.pdf"
    if not recorded.exists():
        pytest.skip("the recorded list is not beside this checkout")
    read_all(sqlite_url, {"aarhus": recorded.read_bytes()})
    with reading(sqlite_url) as session:
        (listed,) = session.scalars(select(AnnouncedList).where(AnnouncedList.status == ListStatus.READ))
        cases = session.scalars(select(AnnouncedCase).where(AnnouncedCase.list_id == listed.id)).all()
        assert f"{listed.as_of:%Y-%m-%d}" == "2025-08-29"
        assert len(cases) > 20
        assert all(case.title and case.page for case in cases)
