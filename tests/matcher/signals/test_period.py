"""Danish words for a stretch of time."""

from datetime import date

import pytest

from matcher.signals.period import read_period

AUGUST = date(2025, 8, 29)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("pr. 31. august 2025", "2025-08-31", "2025-08-31"),
        ("pr. 31/8-2025", "2025-08-31", "2025-08-31"),
        ("pr. 31/8-25", "2025-08-31", "2025-08-31"),
        ("pr. 31.08.2025", "2025-08-31", "2025-08-31"),
        ("2025-08-31", "2025-08-31", "2025-08-31"),
        ("Byrådet d. 8. oktober", "2025-10-08", "2025-10-08"),
        ("Byrådet 14. januar", "2026-01-14", "2026-01-14"),
        ("8/10", "2025-10-08", "2025-10-08"),
        ("September", "2025-09-01", "2025-09-30"),
        ("August", "2025-08-01", "2025-08-31"),
        ("februar", "2026-02-01", "2026-02-28"),
        ("okt. 2025", "2025-10-01", "2025-10-31"),
        ("Pt. i høring hos Ældreråd og Handicapråd – fremsendes medio september", "2025-09-11", "2025-09-20"),
        ("ultimo 2025: ultimo februar 2026", "2025-01-01", "2025-12-31"),
        ("ultimo februar 2026", "2026-02-21", "2026-02-28"),
        ("1. kvartal 2026", "2026-01-01", "2026-03-31"),
        ("4. kvt.", "2025-10-01", "2025-12-31"),
        ("Q1 2026", "2026-01-01", "2026-03-31"),
        ("1. halvår", "2026-01-01", "2026-06-30"),
        ("2. halvår 2025", "2025-07-01", "2025-12-31"),
        ("uge 42", "2025-10-13", "2025-10-19"),
        ("oktober/november", "2025-10-01", "2025-11-30"),
        ("december/januar", "2025-12-01", "2026-01-31"),
        ("nov.-dec. 2025", "2025-11-01", "2025-12-31"),
        ("efteråret 2025", "2025-09-01", "2025-11-30"),
        ("Forår 2026", "2026-03-01", "2026-05-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2025/26", "2025-01-01", "2026-12-31"),
        ("31. juni 2026", "2026-06-01", "2026-06-30"),
        ("2026-2029", "2026-01-01", "2029-12-31"),
    ],
)
def test_a_time_is_read(text: str, first: str, last: str) -> None:
    found = read_period(text, from_day=AUGUST)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize("text", ["", "Afventer", "Løbende", "uge 60", "Sag nr. 12", "Martsvinget", "99/99"])
def test_what_is_no_time_gives_none(text: str) -> None:
    assert read_period(text, from_day=AUGUST) is None


def test_a_month_without_anything_to_tell_the_year_by_is_no_time() -> None:
    assert read_period("september") is None
