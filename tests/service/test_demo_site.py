"""The made-up council site over real HTTP: the platform's habits, two phases, real PDFs, and readable content."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pypdfium2 as pdfium
import pytest

from config.catalogue import read_catalogue
from config.clock import now
from config.profile_file import read_profile_file
from service.demo import site as site_module
from service.demo.calendar_dates import fill_in, in_week, off_weekend, report_date
from service.demo.catalogue import write_catalogue
from service.demo.firstagenda import FirstAgendaServer
from service.demo.read_content import CONTENT, read_content
from service.demo.serving import serve
from service.demo.site import DemoSite, build_site

LIST = "/api/agenda/udvalgsliste"
Json = dict[str, Any]


@pytest.fixture
def site() -> DemoSite:
    return build_site()


@pytest.fixture
def visitor(site: DemoSite) -> Iterator[httpx.Client]:
    """A client that has the portal's cookie, as after the first page."""
    with serve(site.app) as base_url, httpx.Client(base_url=base_url) as client:
        client.get("/")
        yield client


def listed(client: httpx.Client) -> list[tuple[Json, Json]]:
    """(committee, meeting) for everything in the list."""
    groups = client.get(LIST).json()["Udvalg"]
    return [(c, meeting) for committees in groups.values() for c in committees for meeting in c["Moeder"]]


def read_all(client: httpx.Client) -> list[Json]:
    return [client.get(f"/api/agenda/dagsorden/{meeting['Id']}").json() for _, meeting in listed(client)]


def find_id(client: httpx.Client, committee: str, kind: str | None, ahead: bool) -> str:
    return next(
        str(meeting["Id"])
        for entry, meeting in listed(client)
        if entry["Navn"] == committee
        and meeting["Navn"] == kind
        and (datetime.fromisoformat(meeting["MeetingBeginUtc"]) > now()) == ahead
    )


def pdf_text(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_api_sends_a_visitor_without_cookie_to_the_anonymous_login_and_back(site: DemoSite) -> None:
    with serve(site.app) as base_url, httpx.Client(base_url=base_url) as client:
        stranger = client.get(LIST)
        assert stranger.status_code == 302
        assert "/Home/AnonymousAuthentication?callback=" in stranger.headers["location"]
        answer = client.get(LIST, follow_redirects=True)
    assert ".AspNet.Cookies" in client.cookies
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "Udvalg" in answer.json()


def test_the_login_never_sends_anyone_to_another_host(visitor: httpx.Client) -> None:
    for elsewhere in ("https://evil.example/x", "//evil.example/x", "https:////evil.example/x"):
        answer = visitor.get("/Home/AnonymousAuthentication", params={"callback": elsewhere})
        assert re.match(r"/[^/]", answer.headers["location"]), elsewhere


def test_the_front_page_has_the_fingerprint_of_the_platform(visitor: httpx.Client) -> None:
    page = visitor.get("/").text
    assert "powered by FirstAgenda Publication" in page
    assert re.search(r'id="paginglimit"[^>]*value="20"', page)
    assert visitor.get("/api/agenda/apiVersion").json() == 1
    assert "Disallow: /admin/" in visitor.get("/robots.txt").text


def test_the_list_has_the_platforms_shape(visitor: httpx.Client) -> None:
    groups = visitor.get(LIST).json()["Udvalg"]
    assert any("Historisk" in name for name in groups)
    assert any(not committee["Moeder"] for committees in groups.values() for committee in committees)
    meetings = [meeting for _, meeting in listed(visitor)]
    assert all(re.search(r"T\d\d:\d\d:\d\d\+0[12]:00$", m["MeetingBeginUtc"]) for m in meetings)
    assert all(re.search(r"\.\d{7}\+0[12]:00$", m["ReleasedDate"]) for m in meetings)
    assert any(m["Navn"] is None for m in meetings)
    assert any(m["Sted"] is None for m in meetings)
    assert any(m["Sted"] and m["Sted"].endswith(" ") for m in meetings)
    assert {m["Afsluttet"] for m in meetings if m["Navn"] == "Referat"} == {True}


def test_a_meeting_has_the_platforms_shape(visitor: httpx.Client) -> None:
    for meeting in read_all(visitor):
        assert meeting["Moede"]["Id"] == "00000000-0000-0000-0000-000000000000"
        assert meeting["Moede"]["ReleasedDate"] is None
        for item in meeting["Dagsordenpunkter"]:
            assert item["AgendaUid"] == meeting["Id"]
            assert item["Navn"] == item["Caption"]
            assert {bilag["HarPdfVersion"] for bilag in item["Bilag"]} <= {"true", "false"}


def test_the_fields_are_written_as_word_exports(visitor: httpx.Client) -> None:
    minutes = visitor.get(f"/api/agenda/dagsorden/{find_id(visitor, 'Økonomiudvalget', 'Referat', ahead=False)}")
    html = minutes.json()["Dagsordenpunkter"][1]["Felter"][0]["Html"]
    assert "<div id='sagsfremstillingContainer'" in html
    assert "<title>Dagsordenspunkt</title>" in html
    assert "<h3><span>Fem temaer</span></h3>" in html
    assert "<h3></h3>" in html
    earlier = re.findall(r"<h3>Beslutning i ([^<]+) den (\d\d-\d\d-\d{4})</h3>", html)
    assert [name for name, _ in earlier] == ["Social- og Sundhedsudvalget", "Økonomiudvalget"]
    assert earlier[1][1] == f"{datetime.fromisoformat(minutes.json()['Moede']['Dato']):%d-%m-%Y}"


def test_there_is_enough_to_look_at(site: DemoSite, visitor: httpx.Client) -> None:
    meetings = read_all(visitor)
    ahead = [m for m in meetings if datetime.fromisoformat(m["Moede"]["MeetingBeginUtc"]) > now()]
    assert sum(len(m["Dagsordenpunkter"]) for m in ahead) >= 60
    assert len({m["Udvalg"]["Navn"] for m in ahead}) >= 9
    assert max(datetime.fromisoformat(m["Moede"]["Dato"]) for m in ahead) > now() + timedelta(days=14)
    assert site.expected_items(1) >= 100


def test_the_number_of_expected_items_is_what_the_site_serves(site: DemoSite, visitor: httpx.Client) -> None:
    for phase in (1, 2):
        since = now() - timedelta(days=31)
        items = {
            (m["Udvalg"]["Navn"], m["Moede"]["Dato"], item["Punktnummer"], item["Navn"])
            for m in read_all(visitor)
            if datetime.fromisoformat(m["Moede"]["Dato"]) > since
            for item in m["Dagsordenpunkter"]
        }
        assert len(items) == site.expected_items(phase)
        site.advance()


def test_the_awkward_items_are_there(visitor: httpx.Client) -> None:
    items = [item for meeting in read_all(visitor) for item in meeting["Dagsordenpunkter"]]
    closed = [item for item in items if not item["IsOpen"]]
    assert closed
    assert all(item["Felter"][0]["Html"] == "" and not item["Bilag"] for item in closed)
    assert any(len(item["Navn"]) == 500 for item in items)
    assert any("<script>" in item["Felter"][0]["Html"] for item in items)
    (only_pdf,) = [item for item in items if item["Felter"][0]["Link"]]
    assert "<h3>" not in only_pdf["Felter"][0]["Html"]
    page = visitor.get(only_pdf["Felter"][0]["Link"], params={"redirectDirectlyToPdf": "true"}, follow_redirects=True)
    assert "gratis med kommunens lokale" in pdf_text(page.content)


def test_matters_travel_with_their_case_number(visitor: httpx.Client) -> None:
    committees: dict[str, set[str]] = {}
    for meeting in read_all(visitor):
        for item in meeting["Dagsordenpunkter"]:
            committees.setdefault(item["SagsNummer"], set()).add(meeting["Udvalg"]["Navn"])
    assert committees["27.00.00-P22-2-26"] == {"Social- og Sundhedsudvalget", "Økonomiudvalget", "Byrådet"}


def test_advancing_publishes_again_and_makes_the_old_id_fail(site: DemoSite, visitor: httpx.Client) -> None:
    old_id = find_id(visitor, "Børne- og Ungeudvalget", "Dagsorden", ahead=True)
    old = visitor.get(f"/api/agenda/dagsorden/{old_id}").json()
    assert site.advance() == 2
    assert visitor.get(f"/api/agenda/dagsorden/{old_id}").status_code == 500
    new_id = find_id(visitor, "Børne- og Ungeudvalget", "Dagsorden", ahead=True)
    new = visitor.get(f"/api/agenda/dagsorden/{new_id}").json()
    assert new["Moede"]["Dato"] == old["Moede"]["Dato"]
    pairs = list(zip(old["Dagsordenpunkter"], new["Dagsordenpunkter"], strict=True))
    assert not {item["Id"] for item, _ in pairs} & {item["Id"] for _, item in pairs}
    changed = [b["Navn"] for a, b in pairs if a["Felter"][0]["Html"] != b["Felter"][0]["Html"]]
    assert changed == ['Ungestrategi "Plads til alle unge" - endelig vedtagelse']
    assert [len(b["Bilag"]) - len(a["Bilag"]) for a, b in pairs] == [0, 1, 0, 0, 0, 0, 0, 0]


def test_advancing_brings_a_supplementary_agenda_and_minutes(site: DemoSite, visitor: httpx.Client) -> None:
    before = {meeting["Id"] for _, meeting in listed(visitor)}
    site.advance()
    added = [(entry, meeting) for entry, meeting in listed(visitor) if meeting["Id"] not in before]
    kinds = sorted(meeting["Navn"] for _, meeting in added)
    assert kinds == ["Dagsorden", "Referat", "Referat", "Tillægsdagsorden"]
    (extra,) = [meeting for _, meeting in added if meeting["Navn"] == "Tillægsdagsorden"]
    assert extra["IsSupplementaryAgenda"] is False
    body = visitor.get(f"/api/agenda/dagsorden/{extra['Id']}").json()
    assert body["TillaegsDagsorden"] is True
    assert [item["Punktnummer"] for item in body["Dagsordenpunkter"]] == ["13", "14"]
    released = {datetime.fromisoformat(f"{m['ReleasedDate'][:26]}{m['ReleasedDate'][27:]}") for _, m in added}
    assert all(now() - timedelta(days=1) < moment <= now() + timedelta(minutes=2) for moment in released)


def test_an_attachment_comes_in_an_iframe_or_by_redirect_and_holds_its_text(visitor: httpx.Client) -> None:
    meeting = visitor.get(
        f"/api/agenda/dagsorden/{find_id(visitor, 'Social- og Sundhedsudvalget', 'Dagsorden', ahead=True)}"
    ).json()
    plan = next(item for item in meeting["Dagsordenpunkter"] if item["Navn"] == "Handleplan for færre ensomme ældre")
    address = f"/vis/pdf/bilag/{plan['Bilag'][0]['Id']}/"
    for parameters in ({"redirectDirectlyToPdf": "false"}, {}):
        page = visitor.get(address, params=parameters)
        assert page.headers["content-type"].startswith("text/html")
        source = re.search(r'<iframe id="pdfframe"[^>]*src="([^"]+)"', page.text)
        assert source
        assert "&amp;" in source.group(1)
        document = visitor.get(unescape(source.group(1)))
        assert document.headers["content-type"] == "application/pdf"
    redirect = visitor.get(address, params={"redirectDirectlyToPdf": "true"})
    assert redirect.status_code == 302
    document = visitor.get(redirect.headers["location"])
    assert document.content.startswith(b"%PDF-")
    text = pdf_text(document.content)
    assert "Handleplan for færre ensomme ældre" in text
    assert "De fleste ældre, der er med i et" in text
    assert "Lindebjerg Kommune" in text


def test_a_signed_address_cannot_be_made_up(visitor: httpx.Client) -> None:
    meeting_id = listed(visitor)[0][1]["Id"]
    forged = visitor.get(f"/storage/dagsorden/{meeting_id}?X-Amz-Expires=300&until=9999999999&sig=00")
    assert forged.status_code == 403


def test_whole_meetings_and_items_come_as_pdf(visitor: httpx.Client) -> None:
    meeting = read_all(visitor)[0]
    item = next(item for item in meeting["Dagsordenpunkter"] if item["Bilag"])
    for kind, document_id in (("dagsorden", meeting["Id"]), ("dagsordenpunkt", item["Id"])):
        address = f"/vis/pdf/{kind}/{document_id}?redirectDirectlyToPdf=true"
        document = visitor.get(address, follow_redirects=True)
        assert "Indstilling" in pdf_text(document.content)


def test_unknown_ids_answer_500(visitor: httpx.Client) -> None:
    nobody = "12345678-1234-1234-1234-123456789012"
    for path in ("/api/agenda/dagsorden/", "/vis/pdf/bilag/", "/vis/pdf/dagsordenpunkt/", "/vis?id="):
        assert visitor.get(path + nobody).status_code == 500
    assert "Der opstod en fejl" in visitor.get(f"/vis?id={nobody}").text


def test_deep_links_show_the_item_to_people_without_cookie_or_script(visitor: httpx.Client) -> None:
    for meeting in read_all(visitor):
        whole = httpx.get(f"{visitor.base_url}/vis", params={"id": meeting["Id"]})
        for item in meeting["Dagsordenpunkter"]:
            assert item["Id"] in whole.text
            assert "Dagsordenspunkt" not in whole.text
            assert "<script" not in whole.text
            assert "onclick" not in whole.text
        last = meeting["Dagsordenpunkter"][-1]
        one = httpx.get(f"{visitor.base_url}/vis", params={"id": meeting["Id"], "punktid": last["Id"]})
        assert one.text.count("<article") == 1


def test_search_finds_words_and_a_call_without_paging_finds_nothing(visitor: httpx.Client) -> None:
    wanted = {"request.kriterie.fritekst": "besøgsven", "request.paging.startIndex": "0", "request.paging.limit": "20"}
    found = visitor.get("/api/agenda/soeg/", params=wanted).json()
    assert found["AntalResultater"] >= 3
    assert {hit["Udvalg"]["Navn"] for hit in found["Dagsordner"]} >= {"Social- og Sundhedsudvalget", "Byrådet"}
    early = visitor.get("/api/agenda/soeg/")
    assert early.status_code == 200
    assert early.json()["Dagsordner"] == []


def test_the_server_replays_a_recording_and_notes_what_was_asked(shared: Path) -> None:
    folder = shared / "recordings" / "firstagenda-aarhus"
    committees = json.loads((folder / "udvalgsliste.json").read_text(encoding="utf-8"))
    meetings = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("dagsorden/*.json")}
    server = FirstAgendaServer(committees, meetings)
    (recorded,) = meetings
    with serve(server.app) as base_url, httpx.Client(base_url=base_url, follow_redirects=True) as client:
        answers = [client.get(f"/api/agenda/dagsorden/{meeting['Id']}") for _, meeting in listed(client)]
        page = client.get("/vis", params={"id": recorded})
        pdf = client.get(f"/vis/pdf/dagsorden/{recorded}?redirectDirectlyToPdf=true")
    assert sorted(answer.status_code for answer in answers) == [200] + [500] * 19
    assert page.text.count("<article") == 33
    assert pdf.content.startswith(b"%PDF-")
    assert sum(path.startswith("/api/agenda/dagsorden/") for path in server.requests) == 20


@pytest.mark.parametrize("today", [date(2026, 11, 22) + timedelta(days=37 * n) for n in range(12)])
def test_the_content_fits_around_any_day(today: date) -> None:
    site = build_site(today)
    assert site.expected_items(2) == site.expected_items(1) + 2
    for publication in read_content(today).publications:
        assert publication.starts_at.weekday() < 5
        assert publication.released_at.date() <= today
        for item in publication.items:
            assert not re.search(r"[{}]", item.title + item.body + item.decision)
    due = read_content(today).meeting_days
    assert due["social-1"] < due["oekonomi-1"] < today < due["social-2"]
    assert due["oekonomi-1"] < due["byraad-2"]


def test_dates_are_written_in_danish() -> None:
    sunday = date(2026, 11, 22)
    days = {"ssu": in_week(sunday, 1, "onsdag")}
    assert fill_in("{møde ssu}", sunday, days) == "onsdag den 25. november 2026"
    assert (
        fill_in("{kort ssu} {+6} {år+1} {kvartal}", sunday, days)
        == "25-11-2026 30. november 2026 2027 30. september 2026"
    )
    assert off_weekend(sunday, -1) == date(2026, 11, 20)
    assert report_date(date(2026, 3, 1)) == date(2025, 9, 30)
    with pytest.raises(ValueError, match="mødet ssu"):
        fill_in("{mødet ssu}", sunday, days)


def test_a_typing_error_in_the_content_names_the_file(tmp_path: Path) -> None:
    for path in CONTENT.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    broken = tmp_path / "kultur-2.yaml"
    broken.write_text(broken.read_text(encoding="utf-8").replace("attachments:", "attachment:"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"kultur-2\.yaml.*\n.*attachment"):
        read_content(date(2026, 11, 22), tmp_path)


def test_the_associations_can_be_imported() -> None:
    profiles = read_profile_file(Path(site_module.__file__).with_name("associations.yaml"))
    assert profiles.problems == ()
    assert len(profiles.associations) == 6
    assert {one.frequency for one in profiles.associations} == {"immediate", "daily", "weekly"}
    assert all(one.contacts for one in profiles.associations)
    assert [one.municipalities for one in profiles.consultants] == [["Lindebjerg"]]


def test_the_catalogue_points_at_the_site(tmp_path: Path) -> None:
    catalogue = read_catalogue(write_catalogue(tmp_path / "demo.toml", "http://127.0.0.1:8098/"))
    (entry,) = catalogue
    assert catalogue.problems == ()
    assert (entry.code, entry.name, entry.url) == (999, "Lindebjerg", "http://127.0.0.1:8098")
    assert tomllib.loads((tmp_path / "demo.toml").read_text())["municipality"][0]["crawl_delay"] == 0.0
