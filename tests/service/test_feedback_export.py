"""What associations have answered becomes a set that the matcher is measured on, with nobody's name in it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError
from matcher.evaluate import load_gold, load_items, load_profiles, run_evaluation
from service.feedback_export import export_feedback
from storage.engine import reading, transaction
from storage.models import Feedback, Verdict
from tests.factories import NOW, a_meeting, a_municipality, a_revision, a_subscription, an_association, an_item


def test_answers_are_exported_and_evaluated(database_url: str, tmp_path: Path) -> None:
    text = "Frivillige besøgsvenner og fællesspisning skal mindske ensomhed blandt ældre."
    with transaction(database_url) as session:
        meeting = a_meeting(session)
        sad = an_item(session, "Handleplan for færre ensomme ældre", meeting=meeting, text=text, attachments=["Notat"])
        sewer = an_item(session, "Kloakering af Industrivej", meeting=meeting, text="Kloakken separeres.")
        gone = an_item(session, "Fællesspisning", meeting=meeting)
        taken = an_item(session, "Ensomhed i tal", meeting=meeting)
        taken.taken_down_at = NOW
        mine = an_association(
            session, "Grethes Venner", topics=["ensomhed"], target_groups=["ældre"], own_names=["Grethe Holm"],
            description="Ring til Grethe Holm", municipality_codes=[a_municipality(session).code],
        )  # fmt: skip
        weary = an_association(session, "Kloakvennerne", topics=["ensomhed"])
        a_subscription(session, "Grethe", mine)
        for whose, item, verdict in (
            (mine, sad, Verdict.RELEVANT),
            (mine, sewer, Verdict.NOT_RELEVANT),
            (mine, gone, Verdict.NOT_RELEVANT),
            (mine, taken, Verdict.RELEVANT),
            (weary, sad, Verdict.NOT_RELEVANT),
        ):
            row = Feedback(association_id=whose.id, item_id=item.id, verdict=verdict, about=[], given_at=NOW)
            row.set_aside_at = NOW if item is gone else None
            session.add(row)
        a_revision(session, sad, text="Senere er teksten en anden.", seen_at=NOW + timedelta(days=1))
    folder = tmp_path / "sæt" / "nyt"

    with reading(database_url) as session:
        done = export_feedback(session, folder)
        first = {path.name: path.read_bytes() for path in folder.iterdir()}
        export_feedback(session, folder)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert (done.items, done.profiles, done.answers) == (2, 2, 3)
    items, profiles, gold = folder / "items.jsonl", folder / "profiles.yaml", folder / "gold.csv"
    assert sorted(load_gold(gold).values()) == [0, 0, 2]
    assert [one.topics for one in load_profiles(profiles)] == [("ensomhed",), ("ensomhed",)]
    lonely = next(one.text for one in load_items(items) if "ensomme" in one.text.title)
    assert (lonely.sections[0].heading, lonely.sections[0].text) == ("Resume", text)
    assert lonely.attachments[0].title == "Notat"
    assert lonely.municipality == json.loads(items.read_text().splitlines()[0])["municipality"]
    everything = b"".join(first.values()).decode().casefold()
    assert not [word for word in ("grethe", "holm", "kloakvennerne", "@") if word in everything]

    report = run_evaluation(items, profiles, gold)
    assert (report.overall.pairs_wanted, report.overall.wanted_found) == (1, 1)
    assert report.by_profile["forening-2"].right == 0
    assert report.by_profile["forening-1"].ndcg == 1.0


def test_a_folder_that_cannot_be_written_is_named(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    with reading(database_url) as session, pytest.raises(ConfigError, match="fil"):
        export_feedback(session, tmp_path / "fil" / "mappe")
