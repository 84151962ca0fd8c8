"""How text, headings and times are read."""

from datetime import date

import pytest

from crawler.danish_time import read_moment
from crawler.headings import Heading, read_heading
from crawler.page_text import CUT_NOTE, HTML_LIMIT, parse_html, plain_text, safe_html
from crawler.sections import Occasion, split_sections

DAY = date(2026, 3, 16)


def heading(text: str, *, minutes: bool = True, committee: str = "Økonomiudvalg 2026-2029") -> Heading:
    return read_heading(text, committee=committee, day=DAY, is_minutes=minutes)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Resumé", "summary"),
        ("RESUME:", "summary"),
        ("Sagens kerne", "summary"),
        ("Beslutningstema", "question"),
        ("Indstilling", "recommendation"),
        ("Administrationen indstiller", "recommendation"),
        ("Forvaltningen foreslår", "recommendation"),
        ("Beslutningspunkter", "recommendation"),
        ("Sagsfremstilling", "presentation"),
        ("Beskrivelse af sagen", "presentation"),
        ("Økonomiske konsekvenser og finansiering", "economy"),
        ("Økonomi og afledt drift", "economy"),
        ("Inddragelse og høring", "hearing"),
        ("Sagsforløb:", "other"),
        ("Beslutningskompetence", "other"),
        ("Lovgrundlag – link", "other"),
        ("Noget helt nyt", "other"),
        ("", "other"),
    ],
)
def test_a_section_is_known_by_its_heading(text: str, kind: str) -> None:
    assert heading(text) == Heading(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Beslutning i Økonomiudvalget den 16-03-2026",
        "Beslutning Økonomiudvalget den 16-03-2026",
        "Økonomiudvalget, 16-03-2026, pkt. 4",
        "Økonomiudvalget den 16. marts 2026:",
        "Beslutning i Økonomiudvalg 2026-2029 den 16-03-2026",
        "Beslutning Økonomiudvalget (2026 - 2029) den 16-03-2026 kl. 15.30",
        "Beslutning (Økonomiudvalget 16.03.26)",
        "Økonomiudvalgets beslutning den 16-03-2026",
        "Udvalgets beslutning den 16-03-2026",
        "Beslutning den 16-03-2026",
        "Beslutning i Økonomiudvalget",
        "Beslutning",
        "Åben beslutning",
        "Endelig beslutning",
        "Beslutninger",
        "Offentlig beslutning der skal udfyldes, hvis punktet er lukket",
        "Referat",
    ],
)
def test_the_meetings_own_decision_is_told(text: str) -> None:
    assert heading(text) == Heading("decision", own_decision=True)


@pytest.mark.parametrize(
    "text",
    [
        "Beslutning i Kultur- og Fritidsudvalget den 16-03-2026",
        "Beslutning i Økonomiudvalget den 09-03-2026",
        "Beslutning i Økonomi- og Planudvalget den 16-03-2026",
        "Teknik- og Miljøudvalget, 02-03-2026, pkt. 7",
        "Beslutning i Byråd 2026-2029 den 16-03-2026",
        "Beslutning i Økonomiudvalget den 09-03-26",
        "Beslutning den 09-03-2026",
        "Beslutning i Teknik- og Miljøudvalget",
        "Teknik- og Miljøudvalgets beslutning den 16-03-2026",
        "Byrådets beslutning den 16-03-2026",
    ],
)
def test_another_committees_or_days_decision_is_not_the_meetings_own(text: str) -> None:
    assert heading(text) == Heading("decision", own_decision=False)


@pytest.mark.parametrize(
    ("text", "committee"),
    [
        ("Beslutning i § 17.4-udvalg om trivsel den 16-03-2026", "§ 17.4-udvalg om trivsel"),
        ("Beslutning § 17, stk. 4-udvalget for unge den 16-03-2026", "§ 17, stk. 4-udvalget for unge"),
        ("Beslutning i Udvalget for Plan & Teknik den 16-03-2026", "Udvalget for Plan og Teknik"),
        ("Beslutning i Børne-og Ungeudvalget den 16-03-2026", "Børne- og Ungeudvalget"),
    ],
)
def test_a_committee_is_known_by_its_letters(text: str, committee: str) -> None:
    assert heading(text, committee=committee) == Heading("decision", own_decision=True)


def test_a_decision_about_something_is_no_decision() -> None:
    assert heading("Beslutning om udbud den 16-03-2026").kind == "other"
    assert heading("Status for udvalgets 3. kvartal pr. 30-09-2026").kind == "other"


def test_a_bare_decision_heading_on_an_agenda_decides_nothing_yet() -> None:
    assert heading("Beslutning", minutes=False) == Heading("decision", own_decision=False)
    assert heading("Indstilling og beslutning", minutes=False).kind == "recommendation"
    assert heading("Indstilling og beslutning").own_decision


@pytest.mark.parametrize(
    ("text", "told", "known"),
    [
        ("2026-05-04T14:00:00+02:00", "2026-05-04T14:00:00+02:00", True),
        ("2026-05-06T10:53:07.7035726+02:00", "2026-05-06T10:53:07.703572+02:00", True),
        ("2026-01-04T14:00:00", "2026-01-04T14:00:00+01:00", True),
        ("2026-01-04T13:00:00Z", "2026-01-04T14:00:00+01:00", True),
        # The wrong half of the year's offset: the clock time that people read is what counts.
        ("2026-01-04T14:00:00+02:00", "2026-01-04T14:00:00+01:00", True),
        ("2026-05-04", "2026-05-04T00:00:00+02:00", False),
    ],
)
def test_times_are_local_whatever_they_are_called(text: str, told: str, known: bool) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.time_known) == (told, known)


@pytest.mark.parametrize(
    "value", [None, "", "  ", "snart", "2026-13-45", 20260504, "0001-01-01T00:00:00", "9999-12-31", []]
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert read_moment(value) is None


def text_of(html: str) -> str:
    return plain_text(parse_html(html)[0].contents)


def test_words_split_over_spans_are_joined_and_blocks_are_lines() -> None:
    html = (
        "<p><span>7</span><span>-</span><span>meter</span> i\n hallen</p><ul><li>et</li></ul>linje<br>to<div>tre</div>"
    )
    assert text_of(html) == "7-meter i hallen\n- et\nlinje\nto\ntre"


def test_numbered_lists_keep_their_numbers_and_tables_their_rows() -> None:
    html = "<ol start='3'><li>a</li><li>b</li></ol><table><tr><th>År</th><td><p>2026</p><p>2027</p></td></tr></table>"
    assert text_of(html) == "3. a\n4. b\nÅr | 2026 2027"


def test_an_exported_documents_head_and_invisible_signs_are_no_text() -> None:
    head = "<head><meta name='generator' content='Aspose'><title>Dagsordenspunkt</title><style>p{}</style></head>"
    html = f"<span><html>{head}<body>For\u00adening\u200b</body></html></span>"
    assert text_of(html) == "Forening"


def test_display_html_has_no_scripts_styles_images_or_odd_links() -> None:
    html = (
        "<p style='color:red' onclick='x()'>Se <a href='/vis?id=1'>her</a> <a href='javascript:x()'>der</a>"
        "<img src='http://tracker.example/x.gif'><script>x()</script></p><h2>Mere</h2><svg><script>y</script></svg>"
        "<iframe src='http://x'></iframe><form action='http://x'><input></form>"
    )
    cleaned = safe_html(parse_html(html)[0].contents, "https://dagsordener.example.dk")
    assert cleaned == (
        '<p>Se <a href="https://dagsordener.example.dk/vis?id=1" rel="noopener noreferrer nofollow">her</a> '
        '<a rel="noopener noreferrer nofollow">der</a></p><h4>Mere</h4>'
    )


def test_a_giant_page_is_cut_with_a_note_and_inline_images_do_not_count() -> None:
    occasion = Occasion("Byrådet", DAY, is_minutes=False)
    image = "<img src='data:image/png;base64," + "A" * (HTML_LIMIT + 1) + "'>"
    html = f"<h3>Resume</h3><span>Kort.{image}</span>"
    (section,) = split_sections(html, container="#c", heading="h3", occasion=occasion, base_url="https://x.dk")
    assert (section.text, section.html) == ("Kort.", "Kort.")
    html = f"<h3>Resume</h3><span>{'ord ' * (HTML_LIMIT // 4)}</span><h3>Sidst</h3>"
    *_, note = split_sections(html, container="#c", heading="h3", occasion=occasion, base_url="https://x.dk")
    assert note.text == CUT_NOTE


def test_endless_nesting_and_endless_lists_are_read_in_reasonable_time() -> None:
    assert "dybt" in text_of("<div>" * 200 + "dybt" + "</div>" * 200)
    assert text_of("<div>" * 50_000 + "x") in {"", "x"}
    assert text_of("<ol>" + "<li>x</li>" * 50_000 + "</ol>").endswith("50000. x")
