"""The weights and thresholds of the judgement, in one place: ``weights.toml``.

They were fitted by ``python -m benchmarks.fit_weights`` with cross-validation over items (see docs/decisions/).
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from matcher.features import FEATURES

WEIGHTS_FILE = Path(__file__).with_name("weights.toml")


@dataclass(frozen=True)
class Weights:
    """A logistic model over FEATURES; scores are probabilities. ``alert`` and ``strong`` are thresholds on them."""

    bias: float
    weights: tuple[float, ...]
    alert: float
    strong: float

    @property
    def version(self) -> str:
        """8 hex digits that change with any weight."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:8]

    def scores(
        self, features: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Scores 0..1 for rows of features."""
        scores: np.ndarray[tuple[int], np.dtype[np.float64]] = 1 / (
            1 + np.exp(-(features @ np.array(self.weights) + self.bias))
        )
        return scores

    def ordered(
        self,
        scores: np.ndarray[tuple[int], np.dtype[np.float64]],
        central: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Scores lowered to those of the ``central`` rows (``matcher.features``), but no alert to less than one."""
        return np.maximum(np.minimum(scores, central), np.minimum(scores, self.alert))


@cache
def shipped_weights() -> Weights:
    """The weights in ``weights.toml``; raises ValueError when they do not fit the features of this version."""
    data = tomllib.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    by_name = data["weights"]
    if set(by_name) != set(FEATURES):
        raise ValueError(f"{WEIGHTS_FILE.name}: weights and features differ: {sorted(set(by_name) ^ set(FEATURES))}")
    return Weights(data["bias"], tuple(by_name[name] for name in FEATURES), data["alert"], data["strong"])
