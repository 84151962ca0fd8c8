"""How common a concept is in agenda items: a word that stands everywhere proves little.

``commonness.toml`` holds concept id → share of items, counted by ``benchmarks/fit_weights.py`` on the
texts of the development set (222 items of about 40 municipalities, 2008-2025).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

COMMONNESS_FILE: Final = Path(__file__).with_name("commonness.toml")
RARE: Final = 0.03  # concepts in fewer items than this count in full
STEEPNESS: Final = 0.75  # in running text; a title or a summary chooses its words, so commonness matters less there
IN_A_TITLE: Final = 0.2
IN_A_LEAD: Final = 0.5


@cache
def shipped_commonness() -> dict[str, float]:
    """Concept id → share of items; a concept that is missing is rare."""
    shares: dict[str, float] = tomllib.loads(COMMONNESS_FILE.read_text(encoding="utf-8"))["share"]
    return shares


def specificity(commonness: float, steepness: float = STEEPNESS) -> float:
    """What a hit of a concept counts, 0..1."""
    return float(min(1.0, (RARE / max(commonness, RARE)) ** steepness))
