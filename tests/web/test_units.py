"""The small parts: limits, addresses, dates, foreign text."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from config.clock import COPENHAGEN, now
from storage.models import Section, SectionKind
from web.dates import ago, meeting_time, stamp, until
from web.mail import read_mail
from web.markup import masked, paragraphs, section_html, shortened, web_url
from web.params import LARGEST_ID, clean, day_of, number_of
from web.rate_limit import Limiter
from web.words import changes_said, number_said


def asked(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_a_limiter_lets_a_burst_through_and_then_a_steady_trickle() -> None:
    clock = [0.0]
    limiter = Limiter(burst=3, per_minute=6, clock=lambda: clock[0])
    assert [limiter.allow("a") for _ in range(4)] == [True, True, True, False]
    assert limiter.allow("b"), "each client has its own bucket"
    assert limiter.wait("a") == 10
    clock[0] = 9.9
    assert not limiter.allow("a")
    clock[0] = 10.1
    assert limiter.allow("a")
    clock[0] = 1e6
    assert [limiter.allow("a") for _ in range(4)] == [True, True, True, False], "a bucket never overflows"


def test_a_limiter_forgets_the_oldest_clients_first() -> None:
    limiter = Limiter(burst=1, per_minute=1, clients=2, clock=lambda: 0.0)
    for client in ("a", "b", "c"):
        assert limiter.allow(client)
    assert not limiter.allow("c")
    assert limiter.allow("a"), "it was forgotten"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-08", date(2026, 10, 8)),
        ("8.10.2026", date(2026, 10, 8)),
        ("08-10-2026", date(2026, 10, 8)),
        ("31.2.2026", None),
        ("0000-01-01", None),
        ("i går", None),
        ("", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, expected: date | None) -> None:
    assert day_of(asked(f"fra={text}"), "fra") == expected


@given(st.text())
def test_no_number_in_an_address_breaks_a_database(text: str) -> None:
    request = Request({"type": "http", "query_string": b"", "headers": []})
    request._query_params = {"side": text}  # type: ignore[assignment]
    number = number_of(request, "side")
    assert number is None or 0 < number <= LARGEST_ID


@given(st.text())
def test_cleaned_text_is_one_printable_line(text: str) -> None:
    assert clean(text).isprintable()
    assert len(clean(text)) <= 100


def test_dates_are_danish() -> None:
    assert meeting_time(datetime(2026, 10, 8, 16, 0, tzinfo=COPENHAGEN)) == "torsdag den 8. oktober 2026 kl. 16"
    assert meeting_time(datetime(2026, 3, 29, 16, 30, tzinfo=COPENHAGEN)) == "søndag den 29. marts 2026 kl. 16.30"
    assert meeting_time(datetime(2026, 10, 8, tzinfo=COPENHAGEN), time_known=False) == "torsdag den 8. oktober 2026"
    assert stamp(datetime(2026, 5, 1, 6, 5, tzinfo=COPENHAGEN)) == "1. maj 2026 kl. 6.05"


def test_how_long_ago_is_said_by_the_calendar() -> None:
    assert ago(None) == "aldrig"
    assert ago(now() - timedelta(seconds=20)) == "for lidt siden"
    assert ago(now() - timedelta(minutes=1, seconds=5)) == "for 1 minut siden"
    yesterday = (now() - timedelta(days=1)).replace(hour=0, minute=1)
    assert ago(yesterday) == "i går"
    assert ago(now() - timedelta(days=5)) == "for 5 dage siden"
    assert until(now() + timedelta(days=1)) == "i morgen"
    assert until(now() - timedelta(days=1)) == ""


def test_words_for_what_changed() -> None:
    assert changes_said(["text", "attachment_added"], material=True) == "Teksten er ændret, nyt bilag"
    assert changes_said([], material=False) == "Rettelser i opsætningen"
    assert number_said(1234567) == "1.234.567"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//host/x", "/x", "", None, "http://[", "ftp://a/b"]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert web_url(url) == ""


def test_foreign_text_keeps_its_shape_and_loses_its_teeth() -> None:
    section = Section(kind=SectionKind.OTHER, text="Første <b>\nlinje\n\nAnden", html="")
    assert section_html(section) == "<p>Første &lt;b&gt;<br>linje</p>\n<p>Anden</p>"
    assert paragraphs("") == ""
    section.html = "<h1 class='x'>A</h1><header>B</header><p style='color:red'>C<svg onload=alert(1)></p>"
    assert section_html(section) == "<h4>A</h4>B<p>C</p>"
    assert shortened("et to tre", 6) == "et to …"
    assert masked("alice@example.org") == "a…@example.org"


def test_a_mail_in_an_unknown_encoding_is_shown_without_its_body() -> None:
    mime = b"Subject: x\nContent-Type: text/plain; charset=findes-ikke\n\nHej\n"
    read = read_mail(mime)
    assert read.html == ""
    assert ("Subject", "x") in read.headers
