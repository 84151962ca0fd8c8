"""What the words of a profile weigh: what it says twice, and what it mentions among others."""

import pytest

from matcher.profile import Profile, Resolver
from matcher.topics import load_thesaurus


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(load_thesaurus())


def weight(resolver: Resolver, concept: str, description: str) -> float:
    profile = Profile("p", description=description, topics=("socialpsykiatri", "værested"))
    return resolver.meaning(profile).concepts["topic"].get(concept, 0.0)


@pytest.mark.parametrize(
    ("concept", "word", "without", "said"),
    [
        ("peer-support", "Peer-støtte", 0.65, 1.0),  # taken in by a typed word
        ("homelessness", "hjemløshed", 0.25, 0.5),  # near to one
        ("swimming", "svømning", 0.0, 0.25),  # far from all
        ("people-with-mental-illness", "sindslidende", 0.25, 0.25),  # people are no topic
    ],
)
def test_a_description_confirms_what_typed_words_lead_to(
    resolver: Resolver, concept: str, word: str, without: float, said: float
) -> None:
    assert weight(resolver, concept, "") == without
    assert weight(resolver, concept, f"Vi arbejder med {word}.") == said
