"""Judging many profiles together finds exactly what judging each alone finds."""

import random

import pytest

from matcher.compiled import CompiledProfiles, compile_profiles
from matcher.evidence import gather
from matcher.features import features
from matcher.find import find, find_parties, is_silent
from matcher.item import Attachment, ItemText, Section
from matcher.profile import Profile
from matcher.reading import Reading, read_item
from matcher.topics import load_thesaurus
from matcher.weights import shipped_weights

MUNICIPALITIES = (("Aarhus", 751), ("Assens", 420))


def _item(number: int, draw: random.Random) -> ItemText:
    """An item put together from words of the thesaurus, in every place where words count."""
    concepts = draw.sample(list(load_thesaurus().concepts.values()), 6)
    words = [draw.choice(concept.words or (concept.label,)) for concept in concepts]
    hints = [word for concept in concepts for word in concept.weak[:1]]
    name, code = draw.choice(MUNICIPALITIES)
    return ItemText(
        title=f"Indsats om {words[0]} i {name}" if number % 5 else "Orientering",
        committee=draw.choice(["Byrådet", "Socialudvalget", "Handicaprådet", "Kulturudvalget"]),
        municipality=name,
        municipality_code=code,
        sections=(
            Section("recommendation", "Indstilling", f"At udvalget godkender {words[1]} og {words[2]}."),
            Section("presentation", "Sagsfremstilling", f"Der er {words[3]} efter servicelovens § 18.\n" * 3),
            Section("other", "", f"{' '.join(hints)} {words[4]} hos Foreningen Lyspunktet og Banko."),
        ),
        attachments=(Attachment(f"Notat om {words[5]}", ()),),
        case_number="27.15.12-P20-3-26" if number % 3 == 0 else "",
    )


def _profiles(count: int, draw: random.Random) -> list[Profile]:
    concepts = list(load_thesaurus().concepts.values())
    topics = [one.label for one in concepts if one.kind == "topic"]
    groups = [one.label for one in concepts if one.kind == "target_group"]
    typed = ["ensomme", "skakklub", "seniordans", "§ 18", "rådgivning til unge"]

    def sometimes(*values: str) -> tuple[str, ...]:
        return (draw.choice(values),) if draw.random() < 0.15 else ()

    return [
        Profile(
            id=str(number),
            description=f"Vi arbejder med {draw.choice(topics)}." if number % 4 == 0 else "",
            topics=tuple(draw.sample(topics, draw.randint(0, 6)) + draw.sample(typed, 1)),
            target_groups=tuple(draw.sample(groups, draw.randint(0, 2))),
            municipalities=sometimes("Aarhus", "420"),
            exclude=sometimes("banko", draw.choice(topics)),
            committees=sometimes("socialudvalg", "byråd"),
            own_names=sometimes("Foreningen Lyspunktet"),
            leanings=tuple((one, draw.choice([0.55, 0.9, 1.45])) for one in draw.sample(topics, number % 3 * 60)),
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def crowd() -> tuple[list[Profile], CompiledProfiles, list[tuple[ItemText, Reading]]]:
    draw = random.Random(20261122)
    profiles = _profiles(400, draw)
    profiles += [Profile(f"again {one.id}", **_wishes(one)) for one in profiles[:40]]
    items = [_item(number, draw) for number in range(25)]
    return profiles, compile_profiles(profiles, load_thesaurus()), [(item, read_item(item)) for item in items]


def _wishes(profile: Profile) -> dict[str, object]:
    return {name: value for name, value in vars(profile).items() if name not in {"id", "name"}}


def test_profiles_that_mean_the_same_are_kept_once(crowd):
    _, compiled, _ = crowd
    place = {id_: number for number, audience in enumerate(compiled.audiences) for id_ in audience.ids}
    assert len(place) == 440
    assert all(place[str(number)] == place[f"again {number}"] for number in range(40))
    assert compiled.size > 350


def test_groups_score_what_each_of_their_members_scores_alone(crowd):
    _, compiled, items = crowd
    weights, compared = shipped_weights(), 0
    for item, reading in items:
        evidence = gather(item, reading, compiled)
        audiences, rows = features(evidence, compiled)  # one row an audience, nothing taken together
        _, central = features(evidence, compiled, central=True)
        ordered = weights.ordered(weights.scores(rows), weights.scores(central))
        alone = dict(zip(audiences.tolist(), ordered.tolist(), strict=True))
        for everything in (False, True):
            parties = find_parties(item, compiled, reading=reading, everything=everything)
            told = [audience for party in parties for audience in party.members.tolist()]
            assert len(told) == len(set(told))
            for party in parties:
                for audience in party.members.tolist():
                    if not {"exclude", "own_name"} & set(compiled.weights[audience]):
                        assert party.score == pytest.approx(alone[audience], abs=1e-12)
                        compared += 1
            least = 0.0 if everything else weights.alert
            welcome = compiled.reaches(item.municipality, item.municipality_code) & compiled.hears(item.committee)
            plain = {
                audience
                for audience, score in alone.items()
                if score >= least
                and welcome[audience]
                and not {"exclude", "own_name"} & set(compiled.weights[audience])
            }
            assert is_silent(evidence) or plain <= set(told)
            assert {one for one in told if not {"exclude", "own_name"} & set(compiled.weights[one])} <= plain
    assert compared > 1000


def test_a_profile_finds_the_same_in_company_and_alone(crowd):
    profiles, compiled, items = crowd
    draw = random.Random(7)
    together = [{one.profile_id: one for one in find(item, compiled, reading=reading)} for item, reading in items]
    some = [one for one in profiles if one.exclude or one.own_names or one.committees]
    matched = 0
    for profile in draw.sample(some, 8) + draw.sample(profiles, 8):
        alone = compile_profiles([profile], load_thesaurus())
        for (item, reading), found in zip(items, together, strict=True):
            expected = find(item, alone, reading=reading)
            assert [one.profile_id for one in expected] == [profile.id] * (profile.id in found)
            for one in expected:
                matched += 1
                other = found[profile.id]
                assert other.score == pytest.approx(one.score, abs=1e-12)
                assert (other.grade, other.reasons, other.passage) == (one.grade, one.reasons, one.passage)
    assert matched > 50
