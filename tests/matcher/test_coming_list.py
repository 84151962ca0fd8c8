"""Rows of lists of coming cases: the real one row by row, and the oddities of others."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.html_tables import html_tables
from matcher.case_likeness import same_case, words_of
from matcher.coming_list import ComingRow, edition_day, read_coming
from storage.save_announced import list_key

AUGUST = date(2025, 8, 29)
HEAD: list[str | None] = ["Sag", "Afd.", "Forventet fremsendt"]


def rows_of(*rows: list[str | None], then: tuple[list[str | None], ...] = ()) -> list[ComingRow]:
    tables: list[dict[str, Any]] = [{"page": 1, "rows": list(rows)}]
    tables += [{"page": 2, "rows": list(then)}] if then else []
    return read_coming(tables, AUGUST)


@pytest.fixture(scope="module")
def recorded(shared: Path) -> list[ComingRow]:
    # The matcher never opens a file: the reader of files is asked here as the pipeline asks it.
    from crawler.document_tables import PDF, read_tables  # noqa: PLC0415

    data = (shared / "recordings/documents/sager-paa-vej-aarhus-2025-08-29.pdf").read_bytes()
    return read_coming(read_tables(data, PDF).tables, AUGUST)


def test_the_real_list_has_every_row_that_a_person_counts_in_its_pictures(recorded: list[ComingRow]) -> None:
    assert len(recorded) == 79
    # By the heading they stand under; a year's rows run over from one page to the next.
    assert Counter((row.state, row.last.year if row.last else None) for row in recorded) == {
        ("coming", 2025): 3,
        ("finished", 2025): 15,
        ("finished", 2024): 17,
        ("finished", 2023): 26,
        ("finished", 2022): 18,
    }
    assert Counter(row.page for row in recorded) == {1: 18, 2: 23, 3: 26, 4: 12}


def test_the_coming_cases_of_the_real_list(recorded: list[ComingRow]) -> None:
    assert [row for row in recorded if row.state == "coming"] == [
        ComingRow(
            "Ankestyrelsens Danmarkskort på det sociale område 2025 (med MSB)",
            "coming",
            "Borgervelfærd",
            "",
            "Pt. i høring hos Ældreråd og Handicapråd – fremsendes medio september",
            date(2025, 9, 11),
            date(2025, 9, 20),
            1,
        ),
        ComingRow(
            "Svar på forslag fra V, M, KF, LA, DD og RV om lokalplejehjem",
            "coming",
            "Ældre og Omsorg",
            "",
            "September",
            date(2025, 9, 1),
            date(2025, 9, 30),
            1,
        ),
        ComingRow(
            "Serviceniveau for 2026",
            "coming",
            "Borgervelfærd",
            "",
            "November",
            date(2025, 11, 1),
            date(2025, 11, 30),
            1,
        ),
    ]


def test_finished_rows_of_the_real_list_keep_cells_of_several_lines_and_empty_ones(recorded: list[ComingRow]) -> None:
    by_title = {row.title: row for row in recorded}
    two_lines = by_title[
        "Svar på forslag fra V, SF og RV om at lette flytte-byrden for ældre og sårbare borgere (MTM + MSO)"
    ]
    assert (two_lines.department, two_lines.expected) == ("PUK", "Vedtaget. Byrådet 30. april")
    assert (two_lines.committee, two_lines.first) == ("Byrådet", date(2025, 4, 30))
    empty = by_title["Ansættelse af forvaltningschef"]
    assert (empty.department, empty.committee, empty.expected) == (
        "",
        "Magistraten",
        "Vedtaget. Magistraten 25. februar",
    )
    wrapped = by_title["Svar på forslag fra M om bevarelse af sygeplejeydelser og intern kompetenceudvikling i "
                       "Sociale Forhold og Beskæftigelse (med MSB)"]  # fmt: skip
    assert wrapped.department == "Sundhed og Forebyggelse"
    over = by_title["Forslag fra EL om evaluering af omstruktureringen i Sundhed og Omsorg"]
    assert (over.page, over.last) == (3, date(2023, 8, 30))
    assert recorded[-1].title == "Sundhedsberedskabsplan for 2022-2025"
    assert by_title["Fælles strategi for forebyggelse af ensomhed i Aarhus"].department == "Civilsamf. og sam."
    assert by_title["Mere frihed og flere valgmuligheder"].committee == "Byrådet"


def test_a_row_that_a_page_break_cuts_is_one_row() -> None:
    found = rows_of(
        HEAD,
        ["Strategi for frivillighed og", "Social", "November"],
        then=(["aktivt medborgerskab", "", ""], ["Boligplan", "Teknik", "December"]),
    )
    assert [(row.title, row.page) for row in found] == [
        ("Strategi for frivillighed og aktivt medborgerskab", 1),
        ("Boligplan", 2),
    ]


def test_the_rest_of_a_cell_without_a_title_goes_to_the_row_above() -> None:
    (found,) = rows_of(HEAD, ["Boligplan", "Teknik", "Byrådet"], ["", None, "8. oktober"])
    assert (found.expected, found.first) == ("Byrådet 8. oktober", date(2025, 10, 8))


def test_headings_repeated_on_each_page_are_no_cases() -> None:
    found = rows_of(HEAD, ["A-plan", "Social", "Maj 2026"], then=(HEAD, ["B-plan", "Social", "Juni 2026"]))
    assert [row.title for row in found] == ["A-plan", "B-plan"]


def test_columns_in_another_order_with_a_committee() -> None:
    found = rows_of(
        ["Møde", "Udvalg", "Emne", "Bemærkning"],
        ["14.1.2026", "Social- og Sundhedsudvalget", "Ældrepolitik i høring", ""],
        ["Uge 6", "Udvalget for Kultur og Fritid", "Pulje til foreninger", "x"],
    )
    assert [(row.title, row.committee, row.first) for row in found] == [
        ("Ældrepolitik i høring", "Social- og Sundhedsudvalget", date(2026, 1, 14)),
        ("Pulje til foreninger", "Udvalget for Kultur og Fritid", date(2026, 2, 2)),
    ]


def test_a_year_plan_with_several_cases_in_a_cell_gives_each_its_row() -> None:
    found = rows_of(["Måned", "Sager"], ["Januar 2026", "- Budgetopfølgning\n- Status på frivilligpolitikken"])
    assert [(row.title, row.expected) for row in found] == [
        ("Budgetopfølgning", "Januar 2026"),
        ("Status på frivilligpolitikken", "Januar 2026"),
    ]


def test_who_decides_is_read_from_the_time_when_there_is_no_column_for_it() -> None:
    (found,) = rows_of(HEAD, ["Ensomhed blandt ældre", "Social", "Børne-, Unge- og Familieudvalget den 4. november"])
    assert (found.committee, found.first) == ("Børne-, Unge- og Familieudvalget", date(2025, 11, 4))


def test_a_word_divided_at_the_end_of_a_line_is_whole_and_a_shared_ending_stays() -> None:
    (one, other) = rows_of(
        HEAD, ["Samarbejde med frivillig-\ncentret", "Social", "Maj"], ["Børne-\nog ungepolitik", "Børn", "Maj"]
    )
    assert (one.title, other.title) == ("Samarbejde med frivilligcentret", "Børne- og ungepolitik")


@pytest.mark.parametrize(
    "rows",
    [
        [["Navn", "Telefon"], ["Ole", "12345678"]],
        [["Sag", "Kommentar"], ["Boligplan", "ja"]],
        [["Boligplan", "Teknik", "maj"]],
        [[None, None]],
    ],
)
def test_a_table_whose_columns_say_nothing_we_know_gives_no_row(rows: list[list[str | None]]) -> None:
    assert rows_of(*rows) == []


def test_another_table_does_not_take_over_the_columns_of_the_one_before() -> None:
    assert len(rows_of(HEAD, ["Boligplan", "Teknik", "Maj"], then=(["Ole", "12345678"],))) == 1


def test_tables_in_an_items_text_are_read_with_lists_and_merged_cells() -> None:
    markup = (
        '<p>Til orientering</p><table><tr><th colspan="3">Kommende sager</th></tr>'
        "<tr><td>Sag</td><td>Forvaltning</td><td>Forventet</td></tr>"
        "<tr><td><p>Handleplan for <b>ensomhed</b></p></td><td>Social</td><td>4. november<br>2025</td></tr></table>"
    )
    (found,) = read_coming(html_tables(markup), AUGUST)
    assert (found.title, found.department, found.first) == ("Handleplan for ensomhed", "Social", date(2025, 11, 4))


@pytest.mark.parametrize(
    "markup", ["", "<table>", "<table><tr><td>", "<table></tr></td><td colspan='x'>", "<p>ingen</p>"]
)
def test_broken_markup_gives_what_there_is(markup: str) -> None:
    assert read_coming(html_tables(markup), AUGUST) == []


def test_the_day_an_edition_stands_for() -> None:
    assert edition_day("Til: Udvalget\nAjourført: 29. august 2025\n", date(2025, 9, 1)) == AUGUST
    assert edition_day("Opdateret d. 3/9", date(2025, 9, 18)) == date(2025, 9, 3)
    assert edition_day("Sager på vej", AUGUST) is None


def test_editions_of_one_list_share_a_key_and_other_lists_do_not() -> None:
    august = list_key("Sager pa vej – Sundhed og Omsorg 2025", "Sundheds- og Omsorgsudvalget")
    assert list_key("Sager på vej – Sundhed og Omsorg 2026", "Ældrerådet") == august
    assert list_key("Sager på vej pr. 1. maj 2026", "Ældrerådet") == list_key("Sager på vej", "Ældrerådet")
    assert list_key("Sager på vej", "Ældrerådet") != list_key("Sager på vej", "Byrådet")


@pytest.mark.parametrize(
    ("announced", "item", "same"),
    [
        ("Serviceniveau for 2026", "Serviceniveau for 2026 på ældreområdet", True),
        ("Serviceniveau for 2026", "Serviceniveau for 2025 på ældreområdet", False),
        ("Svar på forslag fra V, M og RV om lokalplejehjem", "Lokalplejehjem", True),
        ("Danmarkskort på det sociale område 2025 (med MSB)", "Danmarkskort på det sociale område 2025", True),
        ("Boligplan for plejeboliger", "Salg af plejeboliger", False),
        ("Budgetopfølgning", "Budgetopfølgning", True),
        ("Orientering", "Orientering", False),
        ("Frivilligpolitik", "Frivilligpolitik i høring", True),
        ("Frivilligpolitik", "Fælles frivilligpolitik, idrætspolitik og kulturpolitik", False),
        ("Etablering af plejehjem", "Etablering af cykelsti", False),
    ],
)  # fmt: skip
def test_an_agenda_item_is_known_as_the_case_that_was_announced(announced: str, item: str, same: bool) -> None:
    assert same_case(words_of(announced), words_of(item)) is same
