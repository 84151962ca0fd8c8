"""The sums of money that the matcher found in an item's text, for mails."""

from collections.abc import Mapping
from typing import Any

from notifier.words import one_line


def read_amounts(signals: Mapping[str, Any]) -> tuple[str, ...]:
    """From ``Analysis.signals``, as the text says them ("300.000 kr."). An entry that cannot be read is passed over."""
    found = signals.get("amounts", ())
    return tuple(
        one_line(row["text"], 40) for row in found if isinstance(row, dict) and isinstance(row.get("text"), str)
    )
