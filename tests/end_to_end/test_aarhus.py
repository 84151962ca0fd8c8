"""The main job on real input: the recorded agenda of Aarhus' council, its dates moved ahead, to the right mailboxes."""

from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml

from service.demo.firstagenda import FirstAgendaServer
from service.demo.serving import serve
from tests.end_to_end.conftest import Installation, on_sqlite
from tests.servers.recordings import aarhus

COUNCIL = "a70723d3-8732-4382-b761-7622cc64fe62"
CONSULTANT = "karen@example.org"


def import_people(installation: Installation, shared: Path) -> None:
    """The twelve profiles of the gold set, each with an address, and a consultant for Aarhus."""
    profiles = yaml.safe_load((shared / "gold" / "profiles.yaml").read_text(encoding="utf-8"))["profiles"]
    for profile in profiles:
        profile["contacts"] = [{"name": profile["name"], "email": f"{profile['id']}@example.org"}]
    consultants = [{"name": "Karen Konsulent", "email": CONSULTANT, "municipalities": ["Aarhus"]}]
    path = installation.folder / "foreninger.yaml"
    path.write_text(yaml.safe_dump({"profiles": profiles, "consultants": consultants}), encoding="utf-8")
    done = installation.run("associations", "import", str(path), "--confirmed")
    assert done.returncode == 0, done.stderr
    assert "12 foreninger og 1 konsulent er indlæst" in done.stdout


def mails_to(installation: Installation, address: str) -> list[EmailMessage]:
    return [mail for mail in installation.mailbox.mails if address in str(mail["To"])]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.slow
@on_sqlite
def test_the_right_item_reaches_the_right_mailbox_once_and_what_failed_is_shown(
    installation: Installation, shared: Path
) -> None:
    portal = FirstAgendaServer(*aarhus(shared))
    with serve(portal.app) as base_url:
        installation.watch(base_url, code=751, name="Aarhus")
        import_people(installation, shared)

        first = installation.run("run", "--once")
        assert first.returncode == 3, first.stderr
        assert "19 møder kunne ikke læses" in first.stdout
        shown = installation.run("sources", "status", "-m", "Aarhus")
        assert shown.stdout.count("HTTP 500") >= 19
        assert "19 af 20 dagsordener og referater kunne ikke læses" in shown.stdout

        (mail,) = mails_to(installation, "psykisk_saarbarhed@example.org")
        text = text_of(mail)
        assert str(mail["Subject"]).startswith("Aarhus: ")
        assert "Budgetforslag Social- og beskæftigelsesområdet" in text
        assert "Gallo Kriserådgivning & Værested" in text
        assert "»Værested« i" in text
        assert f"{base_url}/vis?id={COUNCIL}&punktid=" in text
        for one in installation.mailbox.mails:
            assert "»" in text_of(one), "each mail says which words"
        sent = len(installation.mailbox.mails)

        assert installation.run("notify", "--digest").returncode == 0
        (digest,) = mails_to(installation, CONSULTANT)
        assert "Budgetforslag Social- og beskæftigelsesområdet" in text_of(digest)
        assert "Fælles Fodslag: fik besked" in text_of(digest)
        digests = len(installation.mailbox.mails)
        assert digests > sent

        asked = len(portal.requests)
        second = installation.run("run", "--once")
        assert second.returncode == 3
        assert not [path for path in list(portal.requests)[asked:] if COUNCIL in path]
        assert installation.run("notify", "--digest").returncode == 0
        assert len(installation.mailbox.mails) == digests, "a second run makes no new mails"
