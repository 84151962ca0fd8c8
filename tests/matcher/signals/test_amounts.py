"""Sums of money in the words of agendas: each line of amounts.tsv says what a text holds."""

import time
from pathlib import Path

from matcher.item import ItemText, Section
from matcher.signals.amounts import amounts_in, amounts_of

LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("amounts.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_each_line_of_the_table() -> None:
    wrong = []
    for expected, text in LINES:
        found = list(amounts_in(text))
        if ("; ".join(str(one.kroner) for one in found) or "-") != expected:
            wrong.append(f"{text}\n    expected {expected}\n    found    {[(one.kroner, one.text) for one in found]}")
        for one in found:
            assert " ".join(text[one.start : one.end].split()) == one.text
    assert not wrong, "\n".join(wrong)


def test_an_item_names_what_is_to_be_decided_not_every_figure_of_its_presentation() -> None:
    item = ItemText(
        "Støtte på 300.000 kr. til Frivilligcentret",
        sections=(
            Section("presentation", "Sagsfremstilling", "Huslejen er 12.000 kr., lønnen 410.000 kr."),
            Section("recommendation", "Indstilling", "At der gives 300.000 kr., heraf 100.000 kr. i 2027."),
        ),
    )
    found = amounts_of(item)
    assert [(one.text, one.place) for one in found] == [("300.000 kr.", "Titel"), ("100.000 kr.", "Indstilling")]


def test_where_only_the_presentation_names_a_sum_it_is_that() -> None:
    item = ItemText("Pulje", sections=(Section("presentation", "Sagsfremstilling", "Der er 40.000 kr. at søge."),))
    assert [one.text for one in amounts_of(item)] == ["40.000 kr."]


def test_the_unit_of_a_table_is_no_sum_that_keeps_the_presentation_unread() -> None:
    item = ItemText(
        "Pulje",
        sections=(
            Section("economy", "Økonomi", "Alle beløb i 1.000 kr."),
            Section("presentation", "Sagsfremstilling", "Der er 40.000 kr. at søge."),
        ),
    )
    assert [one.text for one in amounts_of(item)] == ["40.000 kr."]


def test_a_long_table_of_figures_is_read_in_time_that_grows_with_it() -> None:
    figures = " ".join(str(100 + number % 900) for number in range(20_000))
    before = time.process_time()
    assert list(amounts_in(figures)) == []
    assert time.process_time() - before < 10, "100 s where each figure is read on to the end of the table"


def test_hostile_figures_end() -> None:
    assert list(amounts_in("1.000" * 20_000)) == []
    assert [one.kroner for one in amounts_in("9" * 50_000 + " kr. " + "1 " * 50_000 + "kr.")] == [1, 1]
