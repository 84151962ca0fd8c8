"""The operator hears of a source that turned ill, once, of its recovery, and each Monday of all of them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier import operator_mail
from storage.models import CrawlOutcome, MissedOutcome, MissedReport, Municipality, Recipient, Source
from tests.factories import NOW, a_municipality, a_visit
from tests.notifier.conftest import PostOffice, html_of, text_of
from tests.notifier.worlds import everybody_watches

Offices = Callable[..., PostOffice]
HOURS = timedelta(hours=1)
MONDAY = NOW + timedelta(days=4)
NAMES = {"Vejle": 630, "Fanø": 563, "Aarhus": 751, "Randers": 730, "Viborg": 791}


@pytest.fixture
def staffed(office_with: Offices) -> PostOffice:
    """An operator who reads mail, and three sources that were read this morning."""
    office = office_with(operator_email="drift@example.org")
    for name in ("Vejle", "Fanø", "Aarhus"):
        visit(office, name, CrawlOutcome.OK)
    return office


def visit(office: PostOffice, name: str, outcome: CrawlOutcome, *, hours: float = 0, error: str = "") -> None:
    """A visit at so many hours from NOW, with the marks that the crawler leaves."""
    at = NOW + hours * HOURS
    with office.rows() as session:
        town: Municipality = a_municipality(session, name, NAMES[name])
        a_visit(session, town, at, outcome)
        source = town.source
        assert isinstance(source, Source)
        good = outcome is CrawlOutcome.OK
        source.failure_streak = 0 if good else source.failure_streak + 1
        source.last_error = error or None
        source.last_success_at = at if good else source.last_success_at


def subjects(office: PostOffice) -> list[str]:
    return [str(mail["Subject"]) for mail in office.mailbox("drift")]


def test_an_empty_list_is_told_at_once_once_and_so_is_its_recovery(staffed: PostOffice) -> None:
    visit(staffed, "Vejle", CrawlOutcome.EMPTY, hours=1, error="Listen over møder er tom.")
    for hours in (2, 3, 30):
        staffed.run(now=NOW + hours * HOURS)
    assert subjects(staffed) == ["Vejle: listen over møder er tom"]
    mail = staffed.only_mail("drift")
    assert mail["List-Unsubscribe"] is None
    for said in (text_of(mail), html_of(mail)):
        assert "Siden svarer, men listen over møder er tom." in said
        assert "sources check Vejle" in said
        assert "https://vagt.example.dk/kilder/630" in said
        assert "2 friske, 1 tom" in said
        assert "DAGSORDENVAGT_OPERATOR_EMAIL" in said

    for name in ("Vejle", "Fanø", "Aarhus"):
        visit(staffed, name, CrawlOutcome.OK, hours=31)
    for hours in (32, 33):
        staffed.run(now=NOW + hours * HOURS)
    assert subjects(staffed)[1:] == ["Vejle læses igen"]
    assert "Den var tom siden" in text_of(staffed.mailbox("drift")[1])


def test_a_site_that_can_only_be_read_in_part_is_told_after_a_day_once_and_when_it_is_whole(
    staffed: PostOffice,
) -> None:
    def partly(hours: float, since: float | None) -> None:
        visit(staffed, "Vejle", CrawlOutcome.PARTIAL, hours=hours, error="Siden for Børneudvalget svarer med HTTP 404.")
        with staffed.rows() as session:
            source = session.scalars(select(Source).where(Source.municipality_code == NAMES["Vejle"])).one()
            source.flawed_since = None if since is None else NOW + since * HOURS
            source.failure_streak, source.last_success_at = 0, NOW + hours * HOURS
        for name in ("Fanø", "Aarhus"):
            visit(staffed, name, CrawlOutcome.OK, hours=hours)
        staffed.run(now=NOW + (hours + 0.5) * HOURS)

    for hours in (1, 10, 24, 30, 50):
        partly(hours, 1)
    assert subjects(staffed) == ["Vejle: en del af listen over møder kan ikke læses"]
    said = text_of(staffed.only_mail("drift"))
    assert "Børneudvalget svarer med HTTP 404" in said
    assert "læses kun delvis" in said
    assert "Resten af kommunens møder bliver læst" in said
    partly(60, None)
    assert subjects(staffed)[1:] == ["Vejle læses igen"]
    assert "Den kunne kun læses delvis siden" in text_of(staffed.mailbox("drift")[1])


def test_all_that_turned_stand_in_one_mail(staffed: PostOffice) -> None:
    visit(staffed, "Vejle", CrawlOutcome.EMPTY, hours=1)
    visit(staffed, "Fanø", CrawlOutcome.BLOCKED, hours=1, error="Siden viser en robotkontrol (HTTP 403)")
    staffed.run(now=NOW + 2 * HOURS)
    assert subjects(staffed) == ["2 kommuner bliver ikke læst: Vejle og Fanø"]
    assert "Siden afviser os, og det omgår vi ikke." in text_of(staffed.only_mail("drift"))


def test_a_site_that_fails_once_is_no_news_but_twice_is_and_so_is_a_day(staffed: PostOffice) -> None:
    visit(staffed, "Vejle", CrawlOutcome.FAILED, hours=1)
    staffed.run(now=NOW + 2 * HOURS)
    assert subjects(staffed) == []
    visit(staffed, "Vejle", CrawlOutcome.FAILED, hours=3)
    staffed.run(now=NOW + 4 * HOURS)
    assert subjects(staffed) == ["Vejle kan ikke læses"]
    visit(staffed, "Fanø", CrawlOutcome.FAILED, hours=5)
    staffed.run(now=NOW + 20 * HOURS)
    assert len(subjects(staffed)) == 1
    visit(staffed, "Aarhus", CrawlOutcome.OK, hours=20)
    staffed.run(now=NOW + 25 * HOURS)
    assert subjects(staffed)[1:] == ["Fanø kan ikke læses"]


def test_a_site_that_comes_and_goes_is_not_told_each_time(staffed: PostOffice) -> None:
    for hours in range(1, 20, 2):
        visit(staffed, "Vejle", CrawlOutcome.EMPTY, hours=hours)
        staffed.run(now=NOW + hours * HOURS)
        visit(staffed, "Vejle", CrawlOutcome.OK, hours=hours + 1)
        staffed.run(now=NOW + (hours + 1) * HOURS)
    assert subjects(staffed) == ["Vejle: listen over møder er tom", "Vejle læses igen"]
    visit(staffed, "Vejle", CrawlOutcome.EMPTY, hours=21)
    staffed.run(now=NOW + 22 * HOURS)
    assert len(subjects(staffed)) == 2
    staffed.run(now=NOW + 26 * HOURS)
    assert subjects(staffed)[2:] == ["Vejle: listen over møder er tom"]


def test_a_machine_without_a_connection_is_one_sentence(staffed: PostOffice) -> None:
    for hours in (1, 2):
        for name in ("Vejle", "Fanø", "Aarhus"):
            visit(staffed, name, CrawlOutcome.FAILED, hours=hours, error="Værtsnavnet findes ikke i DNS")
    staffed.run(now=NOW + 3 * HOURS)
    assert subjects(staffed) == ["Ingen kommuner kan læses lige nu"]
    said = text_of(staffed.only_mail("drift"))
    assert "Ingen af de 3 kommuners sider kunne læses" in said
    assert "Vejle" not in said
    for name in ("Vejle", "Fanø", "Aarhus"):
        visit(staffed, name, CrawlOutcome.OK, hours=4)
    staffed.run(now=NOW + 5 * HOURS)
    assert subjects(staffed)[1:] == ["Aarhus, Fanø og Vejle læses igen"]


def test_without_an_address_nothing_is_mailed_and_what_is_still_wrong_later_is(
    office: PostOffice, office_with: Offices
) -> None:
    for name in ("Vejle", "Fanø", "Aarhus"):
        visit(office, name, CrawlOutcome.OK)
    visit(office, "Vejle", CrawlOutcome.EMPTY, hours=1)
    office.run(now=NOW + 2 * HOURS)
    assert office.server.raw == []
    both = office_with(operator_email="drift@example.org, vagt2@example.org, drift@example.org")
    both.run(now=NOW + 3 * HOURS)
    assert [len(both.mailbox(one)) for one in ("drift", "vagt2")] == [1, 1]


def test_a_crash_before_the_mail_is_queued_loses_and_doubles_nothing(
    staffed: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(staffed, "Vejle", CrawlOutcome.EMPTY, hours=1)

    def broken(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(operator_mail, "alarm_letter", broken)
        staffed.run(now=NOW + 2 * HOURS)
    assert subjects(staffed) == []
    staffed.run(now=NOW + 3 * HOURS)
    staffed.run(now=NOW + 4 * HOURS)
    assert len(subjects(staffed)) == 1


def test_on_mondays_the_operator_hears_of_all_sources_also_when_all_is_well(staffed: PostOffice) -> None:
    staffed.run(now=NOW)
    assert subjects(staffed) == [], "no mail for the Monday before the address was known"
    for name in ("Vejle", "Fanø", "Aarhus"):
        visit(staffed, name, CrawlOutcome.OK, hours=90)
    for minutes in (0, 10, 600):
        staffed.run(now=MONDAY + timedelta(minutes=minutes))
    assert subjects(staffed) == ["Kilderne i uge 41: 3 friske, ingen fejl"]
    assert "De seneste syv dage: 6 besøg" in text_of(staffed.only_mail("drift"))

    visit(staffed, "Vejle", CrawlOutcome.BLOCKED, hours=100)
    for days in range(1, 8):
        for name in ("Fanø", "Aarhus"):
            visit(staffed, name, CrawlOutcome.OK, hours=24 * (days + 4) - 1)
        staffed.run(now=MONDAY + timedelta(days=days))
    assert subjects(staffed)[1:] == [
        "Vejle: siden afviser os",
        "Kilderne i uge 42: 1 kommune bliver ikke læst",
    ], "one alarm, and one reminder a week"


def test_the_mondays_mail_tells_what_became_of_mails_and_what_readers_say_was_missed(staffed: PostOffice) -> None:
    everybody_watches(staffed, ("Alice", "Bob"))
    staffed.faults.refuse["bob@example.org"] = "550 5.1.1 no such user"
    staffed.run(now=NOW)
    with staffed.rows() as session:
        alice = session.scalars(select(Recipient).where(Recipient.name == "Alice")).one()
        for what, handled_at in (("Varmestuen lukker", None), ("Set på", NOW)):
            session.add(
                MissedReport(
                    recipient_id=alice.id,
                    what=what,
                    outcome=MissedOutcome.ABSENT,
                    said=[],
                    created_at=NOW,
                    handled_at=handled_at,
                )
            )
    staffed.run(now=MONDAY)

    (mail,) = [one for one in staffed.mailbox("drift") if "Kilderne i uge" in str(one["Subject"])]
    text = " ".join(text_of(mail).split())
    assert "1 mail sendt, 1 kunne ikke leveres (se `dagsordenvagt mails list`). 1 adresse tager ikke imod mail" in text
    assert "Læsere har meldt 1 sag, som de mener, vi overså. Se dem med `dagsordenvagt missed list`." in text
    assert "<code>dagsordenvagt missed list</code>" in re.sub(r" style=\"[^\"]*\"", "", html_of(mail))
