"""What the smaller systems' pages are read with."""

from datetime import date, datetime, time, timedelta

import pytest
from bs4 import BeautifulSoup
from scrapy.http import HtmlResponse

from config.clock import COPENHAGEN, now
from crawler.danish_time import read_danish
from crawler.freshness import first_and_last, slices
from crawler.headings import is_label
from crawler.item_parts import case_number, is_closed, papers, split_number, without_papers
from crawler.items import Window
from crawler.sections import Occasion, labelled, parts_at, sections_of
from crawler.trouble import BadAnswer, Blocked
from crawler.web_page import PAGE_LIMIT, own_address, read_page, text_of

BASE = "https://ishoj.dk"


def came(body: str | bytes, content_type: str = "text/html") -> HtmlResponse:
    raw = body.encode() if isinstance(body, str) else body
    return HtmlResponse("https://ishoj.dk/side", body=raw, headers={"Content-Type": content_type})


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=COPENHAGEN)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Mødedato: 14.01.2026, kl. 11:00", moment(2026, 1, 14, 11)),
        ("Byrådet tirsdag den 30. september 2025 kl. 16.00, mødesalen", moment(2025, 9, 30, 16)),
        ("26. november 2025 16:00", moment(2025, 11, 26, 16)),
        ("27. oktober 2025 kl. 08:00", moment(2025, 10, 27, 8)),
        ("2026-01-14_16-30", moment(2026, 1, 14, 16, 30)),
        ("2024-02-12 16.00", moment(2024, 2, 12, 16)),
        ("30-09-2025-16-00", moment(2025, 9, 30, 16)),
        ("Torsdag, 14 november, 2019 - 18:30", moment(2019, 11, 14, 18, 30)),
        ("26-11-2025", moment(2025, 11, 26)),
        ("17/09-2025", moment(2025, 9, 17)),
        ("31. februar 2026 kl. 12", None),
        ("Dato følger", None),
    ],
)
def test_danish_dates_as_pages_write_them(text: str, at: datetime | None) -> None:
    found = read_danish(text)
    assert (found.at if found else None) == at
    assert not found or found.time_known == (found.at.time() != time(0))


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/a?b=1#c", f"{BASE}/a?b=1"),
        ("http://www.ishoj.dk/a", f"{BASE}/a"),
        ("https://ISHOJ.dk", f"{BASE}/"),
        ("side-2", f"{BASE}/mappe/side-2"),
        ("?x=1", f"{BASE}/mappe/side?x=1"),
        ("https://ishoj.dk.example.org/a", None),
        ("https://ishoj.dk:8443/a", None),
        ("javascript:alert(1)", None),
        ("mailto:post@ishoj.dk", None),
        ("http://[bad", None),
    ],
)
def test_links_are_followed_on_the_sources_own_host_whatever_it_calls_itself(href: str, address: str | None) -> None:
    assert own_address(href, BASE, f"{BASE}/mappe/side") == address


def test_a_missing_charset_is_utf_8_and_a_named_one_is_believed() -> None:
    assert text_of(came("Ældrerådet")) == "Ældrerådet"
    assert text_of(came("Ældrerådet".encode("latin-1"), "text/html; charset=ISO-8859-1")) == "Ældrerådet"
    # One wrong byte must not turn all other letters into signs of another charset.
    assert text_of(came("Ældre".encode() + b"\xe6")) == "Ældre\ufffd"
    assert text_of(came("Ældre", "text/html; charset=nonsense")) == "Ældre"


def test_megabytes_of_images_go_before_a_page_is_parsed() -> None:
    image = "A" * (PAGE_LIMIT + 1)
    page = read_page(
        came(
            f'<p style="background:url(data:image/png;base64,{image})">Før '
            f'<img src="data:image/gif;base64,{image}"> efter</p>'
        )
    )
    assert page.get_text() == "Før  efter"


def test_a_page_that_is_huge_without_images_or_empty_is_refused() -> None:
    with pytest.raises(BadAnswer, match="usædvanligt stor"):
        read_page(came("<p>" + "x" * PAGE_LIMIT))
    with pytest.raises(BadAnswer, match="tom"):
        read_page(came("<html><body></body></html>"))


def test_a_challenge_is_blocked_but_a_page_that_carries_its_script_is_not() -> None:
    with pytest.raises(Blocked):
        read_page(came("<title>Just a moment...</title><body>Checking</body>"))
    read_page(
        came("<title>Byrådet</title><body>Referat<script src='/cdn-cgi/challenge-platform/x.js'></script></body>")
    )


@pytest.mark.parametrize(
    ("heading", "parts"),
    [
        ("4. Budget 2027", ("4", "Budget 2027")),
        ("Punkt 12a Budget", ("12a", "Budget")),
        ("2 : Budget", ("2", "Budget")),
        ("Pkt. 3 - Budget", ("3", "Budget")),
        ("Budget 2027", ("", "Budget 2027")),
        ("Indholdsfortegnelse", ("", "Indholdsfortegnelse")),
    ],
)
def test_the_number_before_a_title(heading: str, parts: tuple[str, str]) -> None:
    assert split_number(heading) == parts


def test_closed_items_are_told_by_their_title() -> None:
    closed = ["Lukket punkt", "Køb af jord - Lukket punkt", "(Lukket sag)", "LUKKET SAG", "Lukket: Personsag"]
    assert [is_closed(title) for title in closed] == [True] * 5
    assert not is_closed("Skolen lukkes")
    assert not is_closed("Lukkedage i dagtilbud 2027")


def test_a_case_number_stands_alone_on_its_line() -> None:
    assert case_number("Sagsnr.: 04.21.00-P20-1-25") == "04.21.00-P20-1-25"
    assert case_number("Sagsnr: 24-024921\nTekst") == "24-024921"
    assert case_number("Se sagsnr. 24-024921 om vejen til skolen") == ""


@pytest.mark.parametrize("text", ["Resumé:", "Beslutning i Byrådet den 16-03-2026", "Fraværende", "Åben"])
def test_known_headings_are_labels(text: str) -> None:
    assert is_label(text)


@pytest.mark.parametrize("text", ["", "Tidsplan", "Sendes til Byrådet den 16-03-2026", "Indstillingen blev godkendt."])
def test_other_bold_words_are_text(text: str) -> None:
    assert not is_label(text)


def test_bold_words_of_other_kinds_stay_in_their_section() -> None:
    page = BeautifulSoup(
        "<p><b>Sagsfremstilling</b></p><p>Et <b>vigtigt</b> valg.</p><p><b>Tidsplan</b></p><p>Maj.</p>"
        "<p>Beslutning:</p><p>Ja.</p>",
        "lxml",
    )
    occasion = Occasion("Byrådet", date(2026, 3, 16), is_minutes=True)
    found = sections_of([page], labelled(), occasion=occasion, base_url=BASE)
    assert [(one.heading, one.text) for one in found] == [
        ("Sagsfremstilling", "Et vigtigt valg.\nTidsplan\nMaj."),
        ("Beslutning", "Ja."),
    ]


def test_parts_begin_at_their_titles_however_deep_and_end_before_the_foot_of_the_page() -> None:
    page = BeautifulSoup(
        "<h1>Møde</h1><div><div><h2>1</h2></div><p>a</p></div><p>b</p><h2>2</h2><p>c</p><footer>Kontakt</footer>",
        "lxml",
    )
    parts = parts_at(page, page.find_all("h2"))
    assert [(title.text, [node.text for node in nodes]) for title, nodes in parts] == [("1", ["a", "b"]), ("2", ["c"])]


def test_a_list_of_papers_is_no_text_but_a_link_in_a_sentence_is() -> None:
    page = BeautifulSoup(
        '<p>Se <a href="a b.pdf">planen</a> her.</p><ul><li><a href="/b.docx">Bilag 1</a></li></ul>', "lxml"
    )
    nodes = [*page.body.contents] if page.body else []
    found = papers(nodes, f"{BASE}/m/1")
    assert [(one.title, one.url, one.has_pdf) for one in found] == [
        ("planen", f"{BASE}/m/a%20b.pdf", True),
        ("Bilag 1", f"{BASE}/b.docx", False),
    ]
    kept = without_papers(nodes, f"{BASE}/m/1")
    assert "".join(node.get_text() for node in kept) == "Se planen her."


def test_slices_cover_the_window_day_by_day() -> None:
    window = Window(since=moment(2026, 1, 1), until=moment(2026, 1, 26))
    found = list(slices(window, 10))
    assert found == [
        (date(2026, 1, 1), date(2026, 1, 10)),
        (date(2026, 1, 11), date(2026, 1, 20)),
        (date(2026, 1, 21), date(2026, 1, 25)),
    ]
    open_ended = Window(since=now() - timedelta(days=30))
    assert first_and_last(open_ended)[1] > now().date() + timedelta(days=30)
