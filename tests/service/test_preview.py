"""What an operator is told of profiles: what they would have brought, what is wrong with them, what could be added."""

from datetime import timedelta

from config.clock import now
from matcher.run import run_matching
from service.preview import preview_association, profile_warnings
from storage.engine import reading, transaction
from tests.factories import a_meeting, an_association, an_item


def test_profiles_are_previewed_and_warned_of(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        meeting = a_meeting(session, starts_at=now() - timedelta(days=3))
        for number in range(60):
            if number < 8:
                text = "Frivillige besøgsvenner skal mindske ensomhed."
                an_item(session, f"Ensomme ældre, sag {number}", meeting=meeting, text=text)
            else:
                an_item(session, f"Kloakering af vej {number}", meeting=meeting, text="Kloakken separeres.")
        for name, topic in (("Nær", "ensomhed"), ("Kloak", "kloak"), ("Skak", "skakturnering"), ("Tom", "og")):
            an_association(session, name, topics=[topic], content_hash=name)
    run_matching(sqlite_url)
    with reading(sqlite_url) as session:
        said = profile_warnings(session, ["naer", "nær", "kloak", "skak", "tom", "ukendt"])
        shown = preview_association(session, "kloak", 90)
        assert preview_association(session, "ukendt", 90) is None
    assert {slug: sentence.split(":")[0][:45] for slug, sentence in said.items()} == {
        "kloak": "Profilen ville have givet cirka 7 sager om da",
        "skak": "Profilen ville ikke have givet en eneste sag",
        "tom": "Profilen har ingen ord, som vi kan finde i en",
    }
    assert shown is not None
    assert [count for _, count in shown.weeks] == [len(shown.hits)] == [52]
    plain = shown.as_json()
    assert plain["warning"].startswith("Profilen ville have givet cirka 7 sager om dagen")
    assert "De fleste kom på grund af »" in plain["warning"]
    assert {"word", "kind", "why"} == set(plain["suggested"][0])
