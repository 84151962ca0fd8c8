"""Deadlines in the words of agendas: each line of deadlines.tsv says what a text holds."""

from datetime import date
from pathlib import Path

from matcher.item import Attachment, ItemText, Section
from matcher.signals.deadlines import deadlines_in, deadlines_of

LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("deadlines.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def said(text: str, seen: str) -> str:
    found = [
        f"{one.kind} {one.day}" + (f" {one.clock:%H:%M}" if one.clock else "")
        for one in deadlines_in(text, date.fromisoformat(seen))
    ]
    return "; ".join(found) or "-"


def test_each_line_of_the_table() -> None:
    assert len(LINES) >= 60
    wrong = [
        f"{text}\n    expected {expected}\n    found    {found}"
        for seen, expected, text, *_why in LINES
        if (found := said(text.replace("\\n", "\n"), seen)) != expected
    ]
    assert not wrong, f"{len(wrong)} of {len(LINES)}:\n" + "\n".join(wrong)


def test_an_item_tells_each_deadline_once_with_its_sentence_and_place() -> None:
    item = ItemText(
        title="Ny ældrepolitik i høring",
        sections=(
            Section("summary", "Resume", "Politikken sendes i høring. Høringsfristen er den 12. december 2026."),
            Section("hearing", "Høring", "Høringsfrist: 12. december 2026\nAnsøgningsfristen er den 1. november 2026."),
        ),
        attachments=(Attachment("Høringsbrev", ("Kære alle", "Frist for bemærkninger er den 5. januar 2027.")),),
    )

    found = deadlines_of(item, date(2026, 10, 1))

    assert [(one.kind, one.day.isoformat(), one.place) for one in found] == [
        ("application", "2026-11-01", "Høring"),
        ("hearing", "2026-12-12", "Resume"),
        ("comments", "2027-01-05", "Høringsbrev, side 2"),
    ]
    assert found[1].sentence == "Høringsfristen er den 12. december 2026."
    assert found[0].to_json()["day"] == "2026-11-01"


def test_a_giant_text_without_sentences_is_read_in_time() -> None:
    assert deadlines_in("høringsfrist senest den 1. " * 5000, date(2026, 10, 1)) == []
    assert deadlines_in("1/12 " * 20000 + "høringsfrist", date(2026, 10, 1)) is not None
