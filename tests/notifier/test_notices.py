"""Coming cases and reports in digests: once each, never at once, never what is over."""

from datetime import date, datetime, timedelta

import pytest

from config.clock import COPENHAGEN
from matcher.run import run_matching
from storage.models import Frequency
from tests.factories import NOW, a_meeting, a_municipality, a_subscription, an_association, an_item
from tests.matcher.test_coming_cases import LONELY, ROADS, a_list
from tests.notifier.conftest import PostOffice, html_of, text_of

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=COPENHAGEN)


def filled(office: PostOffice, frequency: Frequency = Frequency.WEEKLY) -> None:
    with office.rows() as session:
        a_list(
            session,
            date(2026, 9, 1),
            [LONELY, "Social", "November"],
            [ROADS, "Teknik", "Maj 2027"],
            ["Ensomhed: status", "Social", "September"],
            ["Besøgsvenner", "Social", "Vedtaget. Byrådet 1. august"],
        )
        friends = an_association(session, "Besøgsvennerne", topics=["ensomhed"], target_groups=["ældre"])
        a_subscription(session, "Alice", friends, frequency=frequency, confirmed_at=NOW)
        a_subscription(session, "Bo", a_municipality(session), confirmed_at=NOW)
        an_item(session, "Økonomi", meeting=a_meeting(session), attachments=["Ledelsesrapport pr. 31. august 2026"])
    run_matching(office.url)


@pytest.mark.parametrize("frequency", list(Frequency))
def test_an_association_reads_once_of_a_case_on_its_way_in_its_week(office: PostOffice, frequency: Frequency) -> None:
    filled(office, frequency)
    office.run(now=NOW)
    assert office.mailbox("Alice") == [], "never at once"
    office.run(now=MONDAY)

    mail = text_of(office.only_mail("Alice")).replace("\r\n", "\n")
    assert "SAGER PÅ VEJ" in mail
    assert f"- {LONELY}\n  Aarhus, Social. Forventet: November." in mail
    assert ROADS not in mail
    assert "Ensomhed: status" not in mail, "its time is over"
    assert LONELY in html_of(office.only_mail("Alice"))

    office.run(now=MONDAY + timedelta(days=7))
    assert not any(LONELY in text_of(mail) for mail in office.mailbox("Alice")[1:])


def test_a_consultant_reads_of_all_cases_and_reports_once(office: PostOffice) -> None:
    filled(office)
    office.run(now=MONDAY)
    mail = text_of(office.only_mail("Bo"))
    assert "Angår måske Besøgsvennerne." in mail
    assert mail.index(LONELY) < mail.index(ROADS), "what concerns somebody comes first"
    assert "LEDELSESRAPPORTER I DENNE UGE" in mail
    assert "Ledelsesrapport (31. august 2026). Social- og Beskæftigelsesudvalget, torsdag den 8. oktober." in mail
    assert "https://vagt.example.dk/sager-paa-vej?kommune=751" in mail

    office.run(now=MONDAY + timedelta(days=7))
    again = text_of(office.mailbox("Bo")[1])
    assert "SAGER PÅ VEJ" not in again
    assert "LEDELSESRAPPORTER" not in again
