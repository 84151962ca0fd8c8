"""How far aside a typed topic lies from what an association is for.

Somebody who works with families in trouble and types "dagtilbud" among other topics does want to hear of day care, but
not before all else: councils talk of it all the time, and most of that is about other families. So a common topic that
has little to do with the others of a profile speaks in full for an alert, and less for a place high up in the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from matcher.commonness import RARE, specificity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matcher.profile import Profile, Resolver

STEEPNESS: Final = 2.0
TAKEN_IN: Final = 0.4  # wanted at least this much a concept is the typed word's own


@dataclass
class Aside:
    """Tells for each profile which of its concepts lie aside."""

    resolver: Resolver
    commonness: Mapping[str, float]
    # Many profiles type the same words.
    _links: dict[tuple[str, str], float] = field(default_factory=dict)

    def of(self, profile: Profile) -> dict[str, float]:
        """Concept id → how much of its weight does not count for the order, 0..1; the others count in full."""
        if not any(self._is_common(word) for word in profile.topics):
            return {}
        central: dict[str, float] = {}
        for word, value in self._centrality(profile).items():
            for id_, weight in self.resolver.concepts_of(word).items():
                if weight >= TAKEN_IN:
                    central[id_] = max(central.get(id_, 0.0), value)
        aside = {id_: 1 - specificity(self.commonness.get(id_, 0.0), STEEPNESS * (1 - c)) for id_, c in central.items()}
        return {id_: share for id_, share in aside.items() if share > 0}

    def of_word(self, word: str, concepts: Mapping[str, float]) -> float:
        """The same for a typed word, from what ``of`` tells about its concepts."""
        own = [id_ for id_, weight in self.resolver.concepts_of(word).items() if weight == 1.0]
        return max((concepts.get(id_, 0.0) for id_ in own), default=0.0)

    def _is_common(self, word: str) -> bool:
        """Whether anything that a word takes in is talked of so often that it matters how central it is."""
        taken_in = (id_ for id_, weight in self.resolver.concepts_of(word).items() if weight >= TAKEN_IN)
        return any(self.commonness.get(id_, 0.0) > RARE for id_ in taken_in)

    def _centrality(self, profile: Profile) -> dict[str, float]:
        """Typed topic → how many of the others it has to do with, against the one that has most, 0..1.

        What the description names again is central.
        """
        words = tuple(dict.fromkeys(profile.topics))
        linked = {word: sum(self._link(word, other) for other in words if other != word) for word in words}
        most = max(linked.values(), default=0.0)
        named = self.resolver.described(profile.description)
        return {
            word: 1.0 if not most or not named.isdisjoint(self._own(word)) else links / most
            for word, links in linked.items()
        }

    def _link(self, word: str, other: str) -> float:
        key = (word, other) if word < other else (other, word)
        if key not in self._links:
            near = self.resolver.nearness
            self._links[key] = max((near(a, b) for a in self._own(word) for b in self._own(other)), default=0.0)
        return self._links[key]

    def _own(self, word: str) -> set[str]:
        return {id_ for id_, weight in self.resolver.concepts_of(word).items() if weight == 1.0}
