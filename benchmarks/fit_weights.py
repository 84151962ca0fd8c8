"""Fits the matcher's weights and thresholds on a development set and writes ``matcher/weights.toml``.

    python -m benchmarks.fit_weights ITEMS.jsonl PROFILES.yaml GOLD.csv [--write]

A logistic regression with a quadratic penalty over the features of ``matcher.features``; evidence may only speak
for a match and the doubt about long texts only against. Grade 2 counts as wanted, grade 1 as wanted with a
small weight. Folds are made over items, so that no text is in both parts; the figures printed are those of the held-out
folds, with the threshold chosen on the other folds (averaged over several divisions). The shipped threshold is the
one that is best over all held-out scores.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from matcher.commonness import COMMONNESS_FILE, shipped_commonness
from matcher.compiled import compile_profiles
from matcher.evaluate import Scored, load_gold, load_items, load_profiles, report
from matcher.evidence import PLACE, gather
from matcher.features import FEATURES, features
from matcher.find import is_silent
from matcher.profile import Profile
from matcher.reading import read_item
from matcher.topics import load_thesaurus
from matcher.weights import WEIGHTS_FILE, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matcher.evaluate import GoldItem, Pair

    Matrix = NDArray[np.float64]

AGAINST = frozenset({"long"})
# No item of the development set has a KLE number in its case number, so its weight cannot be fitted: a number that
# the municipality itself gave says about as much as the topic in the summary.
GIVEN = {"kle": 1.5}
PENALTY = 2.0
BORDERLINE = 0.3
FOLDS = 5
REPEATS = 5
STEPS = 1500
# Held-out precision is flat (0.86) from 0.32 to 0.50, so no score divides strong from weak by itself: what lies
# just above the alert threshold is called weak.
WEAK_BAND = 0.1


@dataclass(frozen=True)
class Data:
    """Every pair with any evidence: its features and its gold grade."""

    items: list[GoldItem]
    profiles: list[str]
    grades: dict[Pair, int]
    pairs: list[Pair]
    rows: Matrix

    def targets(self) -> tuple[Matrix, Matrix]:
        """(1 for wanted pairs, weight of each pair)."""
        grades = np.array([self.grades.get(pair, 0) for pair in self.pairs])
        return (grades >= 1).astype(float), np.where(grades == 1, BORDERLINE, 1.0)


def count_concepts(items: list[GoldItem]) -> dict[str, float]:
    """Share of items that each concept of the thesaurus is found in; reads no grades."""
    thesaurus = load_thesaurus()
    every = [Profile(concept.id, topics=(concept.label,)) for concept in thesaurus.concepts.values()]
    compiled = compile_profiles(every, thesaurus, {})
    counts: Counter[str] = Counter()
    for item in items:
        evidence = gather(item.text, read_item(item.text), compiled)
        named = [n for n, vector in evidence.sure.items() if vector[: PLACE["committee"]].any()]
        counts.update({compiled.nodes[node].concept for node in named} - {""})
    return {concept: round(count / len(items), 4) for concept, count in sorted(counts.items())}


def collect(items: Path, profiles: Path, gold: Path, *, recount: bool = False) -> Data:
    """Read the files and turn every pair into features; ``recount``: with fresh counts of the concepts."""
    read_items, read_profiles = load_items(items), load_profiles(profiles)
    commonness = count_concepts(read_items) if recount else shipped_commonness()
    compiled = compile_profiles(read_profiles, load_thesaurus(), commonness)
    pairs, rows = [], []
    for item in read_items:
        evidence = gather(item.text, read_item(item.text), compiled)
        if is_silent(evidence):
            continue
        audiences, matrix = features(evidence, compiled)
        pairs += [(item.id, compiled.audiences[number].profiles[0].id) for number in audiences.tolist()]
        rows.append(matrix)
    names = [profile.id for profile in read_profiles]
    return Data(read_items, names, load_gold(gold), pairs, np.vstack(rows))


def fit(rows: Matrix, wanted: Matrix, weight: Matrix) -> tuple[float, Matrix]:
    """(bias, weights): accelerated projected gradient descent, deterministic."""
    signs = np.array([-1.0 if name in AGAINST else 1.0 for name in FEATURES])
    design = np.column_stack([np.ones(len(rows)), rows * signs])
    penalty = np.r_[0.0, np.full(len(FEATURES), PENALTY)]
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
        weights[FEATURES.index(name)] = given
    return float(current[0]), weights


def best_threshold(data: Data, chosen: NDArray[np.bool_], scores: Matrix) -> float:
    """The threshold with the best F1 over the chosen pairs; of equals the middle one."""
    grades = np.array([data.grades.get(pair, 0) for pair in data.pairs])[chosen]
    items = {pair[0] for pair, one in zip(data.pairs, chosen, strict=True) if one}
    clear = sum(1 for pair, grade in data.grades.items() if grade == 2 and pair[0] in items)
    candidates = np.arange(0.1, 0.9, 0.01)
    values = np.array([_f1(scores[chosen] >= threshold, grades, clear) for threshold in candidates])
    smooth = np.convolve(values, np.ones(5) / 5, mode="same")
    return float(candidates[int(smooth.argmax())])


def _f1(alert: NDArray[np.bool_], grades: NDArray[np.int_], clear: int) -> float:
    right, found = int((alert & (grades >= 1)).sum()), int((alert & (grades == 2)).sum())
    precision, recall = right / max(int(alert.sum()), 1), found / max(clear, 1)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def cross_validate(data: Data, seed: int) -> tuple[Matrix, NDArray[np.bool_]]:
    """(held-out score, held-out alert) of every pair; each fold's threshold comes from the other folds."""
    order = np.random.default_rng(seed).permutation(len(data.items))
    fold_of = {data.items[number].id: position % FOLDS for position, number in enumerate(order)}
    folds = np.array([fold_of[item] for item, _ in data.pairs])
    wanted, weight = data.targets()
    scores, alerts = np.zeros(len(data.pairs)), np.zeros(len(data.pairs), dtype=bool)
    for fold in range(FOLDS):
        inside = folds != fold
        bias, weights = fit(data.rows[inside], wanted[inside], weight[inside])
        all_scores = 1 / (1 + np.exp(-(data.rows @ weights + bias)))
        scores[~inside] = all_scores[~inside]
        alerts[~inside] = all_scores[~inside] >= best_threshold(data, inside, all_scores)
    return scores, alerts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("items", "profiles", "gold"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--write", action="store_true", help="write matcher/weights.toml")
    arguments = parser.parse_args()
    data = collect(arguments.items, arguments.profiles, arguments.gold, recount=arguments.write)
    runs = [cross_validate(data, seed) for seed in range(REPEATS)]
    _print(data, runs)
    held_out = np.mean([scores for scores, _ in runs], axis=0)
    everyone = np.ones(len(data.pairs), dtype=bool)
    alert = best_threshold(data, everyone, held_out)
    bias, weights = fit(data.rows, *data.targets())
    shipped = Weights(bias, tuple(weights.tolist()), alert, round(alert + WEAK_BAND, 2))
    Console().print(shipped)
    if arguments.write:
        _write(shipped)
        _write_counts(count_concepts(data.items))


def _print(data: Data, runs: list[tuple[Matrix, NDArray[np.bool_]]]) -> None:
    reports = [
        report(
            data.items,
            data.profiles,
            data.grades,
            {pair: Scored(float(s), bool(a)) for pair, s, a in zip(data.pairs, scores, alerts, strict=True)},
        )
        for scores, alerts in runs
    ]
    table = Table("held out", "precision", "recall", "F1", "sd", "nDCG@10")
    groups = {"all": [r.overall for r in reports]}
    groups |= {kind: [r.by_text_kind[kind] for r in reports] for kind in reports[0].by_text_kind}
    groups |= {name: [r.by_profile[name] for r in reports] for name in data.profiles}
    for name, figures in groups.items():
        values = [[f.precision, f.recall, f.f1, f.ndcg] for f in figures]
        precision, recall, f1, ndcg = np.mean(values, axis=0)
        spread = np.std([f.f1 for f in figures])
        table.add_row(name, *(f"{value:.3f}" for value in (precision, recall, f1, spread, ndcg)))
    Console().print(table)


def _write(weights: Weights) -> None:
    lines = [
        "# Written by benchmarks/fit_weights.py; what the features mean is said in matcher/features.py.",
        f"bias = {weights.bias:.3f}",
        f"alert = {weights.alert:.2f}  # an item is an alert from this score on",
        f"strong = {weights.strong:.2f}  # may mail at once from here on; below it goes into digests only",
        "",
        "[weights]",
        *(f"{name} = {value:.3f}" for name, value in zip(FEATURES, weights.weights, strict=True)),
    ]
    WEIGHTS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_counts(shares: dict[str, float]) -> None:
    lines = ["# Written by benchmarks/fit_weights.py: share of agenda items in which a concept is found.", "[share]"]
    lines += [f"{concept} = {share}" for concept, share in shares.items()]
    COMMONNESS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
