"""The graded pairs that the matcher's weights are fitted and measured on, turned into rows of features.

Two sets of profiles are graded on the items of the development set: its own twelve, and those in
``benchmarks/second_gold`` (other fields, graded once by us before the matcher's answers were looked at).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matcher.commonness import shipped_commonness
from matcher.compiled import compile_profiles
from matcher.evaluate import load_gold, load_items, load_profiles
from matcher.evidence import PLACE, gather
from matcher.features import FEATURES, features
from matcher.find import is_silent
from matcher.profile import Profile
from matcher.reading import read_item
from matcher.topics import load_thesaurus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from matcher.evaluate import GoldItem, Pair
    from matcher.evidence import Evidence
    from matcher.item import ItemText
    from matcher.reading import Reading
    from matcher.topics import Thesaurus

    Matrix = NDArray[np.float64]

SECOND = Path(__file__).with_name("second_gold")
BORDERLINE = 0.3  # what a pair of grade 1 weighs in the fit
# What a pair of the second set weighs: its grades are one reading, more generous than the two of the development set.
OF_THE_SECOND = 0.3
DEVELOPMENT = "development"


@dataclass(frozen=True)
class Graded:
    """Items, the profiles of each set, and the grades of both sets together."""

    items: list[GoldItem]
    sets: dict[str, list[Profile]]
    grades: dict[Pair, int]
    readings: dict[str, Reading]

    @property
    def profiles(self) -> list[Profile]:
        """The profiles of all sets."""
        return [profile for profiles in self.sets.values() for profile in profiles]

    def changed(
        self,
        profile: Callable[[Profile], Profile] = lambda one: one,
        item: Callable[[ItemText], ItemText] = lambda one: one,
        reading: Callable[[Reading], Reading] = lambda one: one,
    ) -> Graded:
        """The same grades for altered profiles, items or readings."""
        return Graded(
            [replace(one, text=item(one.text)) for one in self.items],
            {name: [profile(one) for one in profiles] for name, profiles in self.sets.items()},
            self.grades,
            {id_: reading(one) for id_, one in self.readings.items()},
        )


@dataclass(frozen=True)
class Data:
    """Every pair with any evidence: a row of the named features, the row that places it in a list, and the grades."""

    graded: Graded
    pairs: list[Pair]
    rows: Matrix
    central: Matrix
    names: tuple[str, ...]

    def targets(self) -> tuple[Matrix, Matrix]:
        """(1 for wanted pairs, weight of each pair)."""
        grades = self.pair_grades()
        weight = np.where(grades == 1, BORDERLINE, 1.0) * np.where(self.of_development(), 1.0, OF_THE_SECOND)
        return (grades >= 1).astype(float), weight

    def of_development(self) -> NDArray[np.bool_]:
        """Which pairs belong to the development set's own profiles."""
        ids = {profile.id for profile in self.graded.sets[DEVELOPMENT]}
        return np.array([profile in ids for _, profile in self.pairs])

    def pair_grades(self) -> NDArray[np.int_]:
        """The grade of each pair, 0 where none was given."""
        return np.array([self.graded.grades.get(pair, 0) for pair in self.pairs])

    def without(self, names: frozenset[str]) -> Data:
        """The same rows without some features."""
        kept = [name not in names for name in self.names]
        rows, central = self.rows[:, kept], self.central[:, kept]
        return replace(self, rows=rows, central=central, names=tuple(n for n in self.names if n not in names))


def load_graded(items: Path, profiles: Path, gold: Path) -> Graded:
    """The development set and our second set of profiles on the same items."""
    read_items = load_items(items)
    sets = {DEVELOPMENT: load_profiles(profiles), "second": load_profiles(SECOND / "profiles.yaml")}
    grades = load_gold(gold) | load_gold(SECOND / "gold.csv")
    return Graded(read_items, sets, grades, {item.id: read_item(item.text) for item in read_items})


def count_concepts(graded: Graded) -> dict[str, float]:
    """Share of items that each concept of the thesaurus is found in; reads no grades."""
    thesaurus = load_thesaurus()
    every = [Profile(concept.id, topics=(concept.label,)) for concept in thesaurus.concepts.values()]
    compiled = compile_profiles(every, thesaurus, {})
    counts: Counter[str] = Counter()
    for item in graded.items:
        evidence = gather(item.text, graded.readings[item.id], compiled)
        named = [n for n, vector in evidence.sure.items() if vector[: PLACE["committee"]].any()]
        counts.update({compiled.nodes[node].concept for node in named} - {""})
    return {concept: round(count / len(graded.items), 4) for concept, count in sorted(counts.items())}


def collect(
    graded: Graded,
    thesaurus: Thesaurus | None = None,
    commonness: Mapping[str, float] | None = None,
    silent: Callable[[Evidence], bool] = is_silent,
) -> Data:
    """Turn every pair into features; what is left out is as shipped."""
    compiled = compile_profiles(
        graded.profiles, thesaurus or load_thesaurus(), shipped_commonness() if commonness is None else commonness
    )
    pairs, rows, ordered = [], [], []
    for item in graded.items:
        evidence = gather(item.text, graded.readings[item.id], compiled)
        if silent(evidence):
            continue
        audiences, matrix = features(evidence, compiled)
        _, central = features(evidence, compiled, central=True)
        for number, row, place in zip(audiences.tolist(), matrix, central, strict=True):
            for id_ in compiled.audiences[number].ids:
                pairs.append((item.id, id_))
                rows.append(row)
                ordered.append(place)
    return Data(graded, pairs, np.vstack(rows), np.vstack(ordered), FEATURES)
