"""A site that answers 200 with an empty list: red in one visit, in the operator's mail, and in the associations'."""

import json

import pytest

from tests.crawler.firstagenda_answers import LIST, agenda, line, listing, point, portal
from tests.end_to_end.conftest import Installation, on_sqlite
from tests.servers.replay import replay, saved_json

PEOPLE = """
profiles:
- {id: naer, name: Nærvær, topics: [ensomhed], frequency: weekly, contacts: [{name: Alice, email: alice@example.org}]}
"""


def bodies(installation: Installation, to: str) -> list[tuple[str, str]]:
    found = []
    for mail in installation.mailbox.mails:
        part = mail.get_body(("plain",))
        assert part is not None
        if to in str(mail["To"]):
            found.append((str(mail["Subject"]), str(part.get_content())))
    return found


@pytest.mark.slow
@on_sqlite
def test_an_empty_list_turns_red_in_one_visit_and_everybody_concerned_is_told(installation: Installation) -> None:
    installation.environment["DAGSORDENVAGT_OPERATOR_EMAIL"] = "drift@example.org"
    (installation.folder / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    lines = [line("m1"), line("m2", days=-5), line("m3", days=-12)]
    meetings = {one["Id"]: agenda(point(1, "Natcafé"), days=10) for one in lines}
    with replay(portal(*lines, **meetings)) as server:
        installation.watch(server.base_url, code=751, name="Aarhus")
        assert installation.run("associations", "import", "people.yaml", "--confirmed").returncode == 0
        assert installation.run("run", "--once").returncode == 0
        assert installation.run("sources", "status", "--exit-code").returncode == 0
        assert bodies(installation, "drift") == []

        good, server.answers[LIST] = server.answers[LIST], [saved_json(listing())]
        installation.run("run", "--once")

        shown = installation.run("sources", "status", "--json", "--exit-code")
        (row,) = json.loads(shown.stdout)
        assert (shown.returncode, row["state"], row["failure_streak"]) == (3, "tom", 1)
        ((subject, said),) = bodies(installation, "drift")
        assert subject == "Aarhus: listen over møder er tom"
        assert "Sidst var der 3 møder på den." in said

        installation.run("notify", "--digest")
        ((_, digest),) = bodies(installation, "alice")
        assert "Aarhus: Siden svarer, men listen over møder er tom" in digest

        server.answers[LIST] = good
        assert installation.run("run", "--once").returncode == 0
        assert installation.run("sources", "status", "--exit-code").returncode == 0
    assert bodies(installation, "drift")[-1][0] == "Aarhus læses igen"
