"""A municipality that changed its supplier: found by the nightly check, with the catalogue's new line."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.catalogue import Catalogue, Municipality
from config.clock import now
from config.settings import Settings
from service.site_check import AT_MOST, check_quiet
from service.stop import Stop
from storage.engine import reading, transaction
from storage.models import CrawlOutcome, Source
from storage.save_catalogue import save_catalogue
from storage.source_report import source_reports
from tests.crawler.firstagenda_answers import portal
from tests.crawler.test_saved_sites import SITES
from tests.factories import a_visit
from tests.notifier.conftest import PostOffice, text_of
from tests.servers.replay import Saved, replay, saved_site
from tests.servers.smtp import mail_server

GLOSTRUP = next(folder for folder in SITES if folder.name == "glostrup")
DAYS = timedelta(days=1)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[PostOffice]:
    with mail_server() as server:
        yield PostOffice(
            database_url,
            server,
            Settings(
                data_dir=tmp_path,
                database_url=database_url,
                smtp_url=SecretStr(server.url),
                mail_from="Dagsordenvagt <vagt@vagt.example.dk>",
                secret_key=SecretStr("test key"),
                operator_email="drift@example.org",
            ),
        )


def quiet_for(url: str, entries: list[Municipality], days: float) -> Catalogue:
    """A catalogue whose sources have shown an empty list for so many days."""
    catalogue = Catalogue(Path("test.toml"), tuple(entries))
    with transaction(url) as session:
        save_catalogue(session, catalogue)
        for source in session.query(Source):
            source.last_success_at = now() - (days + 0.1) * DAYS
            source.failure_streak = 3
            for ago in (days, 0.1):
                a_visit(session, source.municipality, now() - ago * DAYS, CrawlOutcome.EMPTY)
    return catalogue


def entry(base_url: str, code: int = 161, name: str = "Glostrup", website: str = "") -> Municipality:
    return Municipality(code=code, name=name, platform="firstagenda", url=base_url, website=website)


def test_a_site_with_another_system_gets_a_line_for_the_catalogue_and_the_operator_reads_it(
    office: PostOffice,
) -> None:
    _, answers = saved_site(GLOSTRUP)
    with replay(answers) as server:
        catalogue = quiet_for(office.url, [entry(server.base_url)], days=2)
        office.run(now=now())
        (found,) = check_quiet(office.url, catalogue, Stop())
        assert check_quiet(office.url, catalogue, Stop()) == [], "not asked again the next night"
    (proposed,) = tomllib.loads(found.proposal)["municipality"]
    assert (proposed["code"], proposed["platform"], proposed["url"]) == (161, "aabendagsorden", server.base_url)

    office.run(now=now() + timedelta(minutes=10))
    office.run(now=now() + timedelta(minutes=20))
    alarm, news = office.mailbox("drift")
    assert str(alarm["Subject"]) == "Glostrup: listen over møder er tom"
    assert str(news["Subject"]) == "Glostrup har nok skiftet system"
    assert "siden ser nu ud til at bruge Åben Dagsorden" in text_of(news)
    assert 'platform = "aabendagsorden"' in text_of(news)
    with reading(office.url) as session:
        assert source_reports(session, now())[0].probe is not None


def test_a_new_site_is_found_through_the_municipalitys_front_page(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Leads are known by their host names, which loopback does not have.
    monkeypatch.setattr("service.site_check._leads", lambda *_: [server.base_url])
    with replay(portal()) as server:
        catalogue = quiet_for(sqlite_url, [entry("http://127.0.0.1:9")], days=2)
        (found,) = check_quiet(sqlite_url, catalogue, Stop())
    assert (found.platform, found.url) == ("firstagenda", server.base_url)
    assert server.base_url in found.proposal


def test_the_same_system_at_the_same_address_is_no_proposal_and_a_quiet_day_is_no_reason(sqlite_url: str) -> None:
    with replay(portal()) as server:
        catalogue = quiet_for(sqlite_url, [entry(server.base_url)], days=0.5)
        assert check_quiet(sqlite_url, catalogue, Stop()) == []
        assert server.requests == []
        catalogue = quiet_for(sqlite_url, [entry(server.base_url)], days=0.5)
        with transaction(sqlite_url) as session:
            session.query(Source).update({"failing_since": now() - 2 * DAYS})
        (found,) = check_quiet(sqlite_url, catalogue, Stop())
    assert (found.platform, found.proposal) == ("firstagenda", "")


def test_only_a_few_are_asked_a_night(sqlite_url: str) -> None:
    with replay({"/": Saved("Lukket", status=403)}) as server:
        entries = [entry(server.base_url, code, name) for code, name in enumerate(("A", "B", "C", "D", "E"), start=101)]
        catalogue = quiet_for(sqlite_url, entries, days=2)
        found = check_quiet(sqlite_url, catalogue, Stop())
        assert server.requests.count("/") == AT_MOST
    assert len(found) == AT_MOST
    assert all("afviser os" in one.reason for one in found)
