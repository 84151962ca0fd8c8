"""Fits the matcher's weights and thresholds on the graded pairs and writes ``matcher/weights.toml``.

    python -m benchmarks.fit_weights ITEMS.jsonl PROFILES.yaml GOLD.csv [--write]

A logistic regression with a quadratic penalty over the features of ``matcher.features``. Grade 2 counts as wanted,
grade 1 as wanted with a small weight. The figures printed are held out, with the threshold chosen on what was not
left out, averaged over several divisions: once with the items of a pair left out of the fit, once with its profile,
once with both. The shipped threshold is the best one over scores with both left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.fitting import cross_validate, fit, reports, threshold
from benchmarks.gold_sets import collect, count_concepts, load_graded
from matcher.commonness import COMMONNESS_FILE
from matcher.features import FEATURES
from matcher.weights import WEIGHTS_FILE, Weights

if TYPE_CHECKING:
    from benchmarks.fitting import LeftOut
    from benchmarks.gold_sets import Data
    from matcher.evaluate import Figures, Report

REPEATS = 5
LEFT_OUT: tuple[LeftOut, ...] = ("items", "profiles", "items and profiles")
# Held-out precision does not change much above the alert threshold, so no score divides strong from weak by itself:
# what lies just above the threshold is called weak.
WEAK_BAND = 0.05


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("items", "profiles", "gold"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--write", action="store_true", help="write matcher/weights.toml and matcher/commonness.toml")
    arguments = parser.parse_args()
    graded = load_graded(arguments.items, arguments.profiles, arguments.gold)
    shares = count_concepts(graded)
    data = collect(graded, commonness=shares)
    console = Console()
    every = {left_out: reports(data, left_out, REPEATS) for left_out in LEFT_OUT}
    console.print(_summary(every))
    console.print(_by_profile(every["items"], every["items and profiles"]))
    weights = shipped(data)
    console.print(weights)
    if arguments.write:
        _write(weights)
        _write_counts(shares)


def shipped(data: Data) -> Weights:
    """The weights fitted on all pairs; the threshold chosen on held-out scores."""
    held_out = np.mean([cross_validate(data, seed, "items and profiles").scores for seed in range(REPEATS)], axis=0)
    every = np.ones(len(data.pairs), dtype=bool)
    alert = threshold(data, every, held_out, lambda _: True)
    bias, weights = fit(data, every)
    return Weights(bias, tuple(weights.tolist()), alert, round(alert + WEAK_BAND, 2))


def mean_row(figures: list[Figures]) -> list[str]:
    """Precision, recall, F1, its standard deviation over the divisions, and nDCG@10."""
    values = [[one.precision, one.recall, one.f1, one.ndcg] for one in figures]
    precision, recall, f1, ndcg = np.mean(values, axis=0)
    spread = np.std([one.f1 for one in figures])
    return [f"{value:.3f}" for value in (precision, recall, f1, spread, ndcg)]


def _summary(every: dict[LeftOut, dict[str, list[Report]]]) -> Table:
    table = Table("left out", "profiles", "text", "precision", "recall", "F1", "sd", "nDCG@10")
    for left_out, by_set in every.items():
        for name, runs in by_set.items():
            table.add_row(left_out, name, "all", *mean_row([run.overall for run in runs]))
            for kind in runs[0].by_text_kind:
                table.add_row("", "", kind, *mean_row([run.by_text_kind[kind] for run in runs]))
        table.add_section()
    return table


def _by_profile(items: dict[str, list[Report]], both: dict[str, list[Report]]) -> Table:
    table = Table("profile", "precision", "recall", "F1", "sd", "nDCG@10", "F1, profile unseen")
    for profile in items["both"][0].by_profile:
        unseen = mean_row([run.by_profile[profile] for run in both["both"]])
        table.add_row(profile, *mean_row([run.by_profile[profile] for run in items["both"]]), unseen[2])
    return table


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
