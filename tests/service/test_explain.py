"""`match explain` as an operator types it: why an item was sent to an association, and why not."""

import json
from pathlib import Path

from storage.engine import transaction
from tests.factories import a_meeting, an_association, an_item
from tests.service.command import command


def test_an_operator_is_told_why_and_why_not(tmp_path: Path) -> None:
    assert command(tmp_path, "db", "upgrade").returncode == 0
    with transaction(f"sqlite:///{tmp_path / 'data' / 'dagsordenvagt.sqlite3'}") as session:
        profile = an_association(session).profile
        assert profile
        profile.topics, profile.target_groups = ["ensomhed"], ["ældre"]
        meeting = a_meeting(session)
        found = an_item(session, "Handleplan for færre ensomme ældre", meeting=meeting).id
        missed = an_item(session, "Slidlag på Havnevej", meeting=meeting).id

    why = command(tmp_path, "match", "explain", str(found), "sind-aarhus")
    assert why.returncode == 0, why.stderr
    assert "Punktet passer stærkt til profilen" in why.stdout
    assert "Emnet ensomhed: »ensomme« i overskriften." in why.stdout

    why_not = command(tmp_path, "match", "explain", f"https://vores.dk/sager/{missed}", "sind-aarhus", "--json")
    said = json.loads(why_not.stdout)
    assert (said["item"], said["matches"]) == (missed, False)
    assert said["score"] < 0.3
    assert said["said"][0].startswith("Punktet passer ikke: 0.0")
    assert "i resumeet" in said["said"][1]

    unknown = command(tmp_path, "match", "explain", "999", "sind-aarhus")
    assert (unknown.returncode, "Der er intet punkt" in unknown.stderr) == (2, True)
    nobody = command(tmp_path, "match", "explain", str(found), "ukendt")
    assert (nobody.returncode, "ingen forening »ukendt«" in nobody.stderr) == (2, True)
