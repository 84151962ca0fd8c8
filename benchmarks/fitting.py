"""The logistic model of ``matcher.weights``: fitting it, choosing its threshold, and cross-validating both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from benchmarks.gold_sets import DEVELOPMENT
from matcher.evaluate import CLEAR, Scored, report
from matcher.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.gold_sets import Data, Matrix
    from matcher.evaluate import Pair, Report

    Mask = NDArray[np.bool_]

AGAINST = frozenset({"long", "others"})
# No item of the development set has a KLE number in its case number, so its weight cannot be fitted: a number that
# the municipality itself gave says about as much as the topic in the summary.
GIVEN = {"kle": 1.5}
PENALTY = 2.0
FOLDS = 5
STEPS = 800
THRESHOLDS = np.arange(0.1, 0.9, 0.01)
# What the second set's F1 counts where the threshold is chosen: F1 is flat there, and the few pairs of one set would
# push it about.
SECOND_IN_THRESHOLD = 0.5

LeftOut = Literal["items", "profiles", "items and profiles"]


def fit(data: Data, chosen: Mask) -> tuple[float, Matrix]:
    """(bias, weights) on the chosen pairs: accelerated projected gradient descent, deterministic.

    Evidence may only speak for a match, and the doubt about long texts only against.
    """
    wanted, weight = (values[chosen] for values in data.targets())
    signs = np.array([-1.0 if name in AGAINST else 1.0 for name in data.names])
    design = np.column_stack([np.ones(int(chosen.sum())), data.rows[chosen] * signs])
    penalty = np.r_[0.0, np.full(len(signs), PENALTY)]
    rate = 1 / (0.25 * np.linalg.norm(design * np.sqrt(weight)[:, None], 2) ** 2 + PENALTY)
    current = ahead = np.zeros(design.shape[1])
    for step in range(STEPS):
        probability = 1 / (1 + np.exp(-design @ ahead))
        gradient = design.T @ (weight * (probability - wanted)) + penalty * ahead
        new = ahead - rate * gradient
        new[1:] = np.maximum(new[1:], 0)
        ahead, current = new + step / (step + 3) * (new - current), new
    weights = current[1:] * signs
    for name, given in GIVEN.items():
        if name in data.names:
            weights[data.names.index(name)] = given
    return float(current[0]), weights


def scores(rows: Matrix, bias: float, weights: Matrix) -> Matrix:
    """The model's score of every row."""
    result: Matrix = 1 / (1 + np.exp(-(rows @ weights + bias)))
    return result


def threshold(data: Data, seen: Mask, values: Matrix, clear: Callable[[Pair], bool]) -> float:
    """The best threshold on the seen pairs; ``clear``: whether a pair of grade 2 was to be found among them."""
    own = {profile.id for profile in data.graded.sets[DEVELOPMENT]}
    development = data.of_development()
    wanted = [pair for pair, grade in data.graded.grades.items() if grade == CLEAR and clear(pair)]
    of_own = sum(profile in own for _, profile in wanted)
    curve = _curve(data, seen & development, values, of_own)
    curve += SECOND_IN_THRESHOLD * _curve(data, seen & ~development, values, len(wanted) - of_own)
    return float(THRESHOLDS[int(curve.argmax())])


def _curve(data: Data, chosen: Mask, values: Matrix, clear: int) -> Matrix:
    """F1 over the chosen pairs at each of THRESHOLDS, smoothed; ``clear``: number of pairs of grade 2 to be found."""
    grades = data.pair_grades()[chosen]
    f1 = np.array([_f1(values[chosen] >= least, grades, clear) for least in THRESHOLDS])
    return np.convolve(f1, np.ones(5) / 5, mode="same")


def _f1(alert: Mask, grades: NDArray[np.int_], clear: int) -> float:
    right, found = int((alert & (grades >= 1)).sum()), int((alert & (grades == 2)).sum())
    precision, recall = right / max(int(alert.sum()), 1), found / max(clear, 1)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


class HeldOut(NamedTuple):
    """For each pair: the score that makes it an alert or not, the score that places it in a list, and the alerts."""

    scores: Matrix
    places: Matrix
    alerts: Mask


def cross_validate(data: Data, seed: int, left_out: LeftOut) -> HeldOut:
    """What every pair gets from weights and a threshold that come from what was not left out.

    With ``items and profiles`` neither the item nor the profile of a judged pair was seen in the fit: that is
    what a new association meets with next week's agenda.
    """
    draw = np.random.default_rng(seed)
    item_folds = _folds(draw, [item.id for item in data.graded.items], use="items" in left_out)
    profile_folds = _folds(draw, [profile.id for profile in data.graded.profiles], use="profiles" in left_out)
    of_item = np.array([item_folds[item] for item, _ in data.pairs])
    of_profile = np.array([profile_folds[profile] for _, profile in data.pairs])
    count = len(data.pairs)
    held_out = HeldOut(np.zeros(count), np.zeros(count), np.zeros(count, dtype=bool))
    for one in sorted(set(item_folds.values())):
        for other in sorted(set(profile_folds.values())):
            judged = (of_item == one) & (of_profile == other)
            seen = ((of_item != one) | (one < 0)) & ((of_profile != other) | (other < 0))
            bias, weights = fit(data, seen)
            values = scores(data.rows, bias, weights)
            among_seen = partial(_is_seen, item_folds, profile_folds, one, other)
            alert = threshold(data, seen, values, among_seen)
            model = Weights(bias, tuple(weights.tolist()), alert, alert)
            held_out.scores[judged] = values[judged]
            held_out.places[judged] = model.ordered(values, scores(data.central, bias, weights))[judged]
            held_out.alerts[judged] = values[judged] >= alert
    return held_out


def _is_seen(items: dict[str, int], profiles: dict[str, int], item_fold: int, profile_fold: int, pair: Pair) -> bool:
    """Whether a pair is in neither of the folds that are left out; fold -1 never is."""
    item, profile = items[pair[0]], profiles[pair[1]]
    return (item != item_fold or item < 0) and (profile != profile_fold or profile < 0)


def _folds(draw: np.random.Generator, ids: list[str], *, use: bool) -> dict[str, int]:
    """Id → fold; all in fold -1, which is never left out, when this division is not wanted."""
    order = draw.permutation(len(ids))
    return {ids[number]: position % FOLDS if use else -1 for position, number in enumerate(order.tolist())}


def reports(data: Data, left_out: LeftOut, repeats: int) -> dict[str, list[Report]]:
    """Set of profiles → one report for each division into folds; "both" for the sets together."""
    runs = [cross_validate(data, seed, left_out) for seed in range(repeats)]
    sets = {name: [profile.id for profile in profiles] for name, profiles in data.graded.sets.items()}
    sets["both"] = [profile.id for profile in data.graded.profiles]
    return {
        name: [
            report(
                data.graded.items,
                profiles,
                data.graded.grades,
                {p: Scored(float(s), bool(a)) for p, s, a in zip(data.pairs, run.places, run.alerts, strict=True)},
            )
            for run in runs
        ]
        for name, profiles in sets.items()
    }
