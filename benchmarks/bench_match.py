"""Does an item cost more when more associations listen? Time per item with 10 to 10,000 profiles, against 10.

The profiles are made from the thesaurus: eight topics and a target group each, drawn with a fixed seed.
"""

import random
import time

from benchmarks.demo_items import demo_items
from matcher.compiled import CompiledProfiles, compile_profiles
from matcher.find import find
from matcher.item import ItemText
from matcher.profile import Profile
from matcher.reading import Reading, read_item
from matcher.topics import Thesaurus, load_thesaurus

SIZES = (10, 100, 1_000, 10_000)
TERMS = 8
ROUNDS = 3


def made_up_profiles(count: int, thesaurus: Thesaurus) -> list[Profile]:
    """``count`` profiles, the same ones in every run."""
    draw = random.Random(2026)
    topics = [one.label for one in thesaurus.concepts.values() if one.kind == "topic"]
    groups = [one.label for one in thesaurus.concepts.values() if one.kind == "target_group"]
    return [
        Profile(
            id=str(number),
            name=f"Forening {number}",
            description="",
            topics=tuple(draw.sample(topics, TERMS)),
            target_groups=(draw.choice(groups),),
        )
        for number in range(count)
    ]


def main() -> None:
    """Prints a line for each size: milliseconds per item, and how many times that of ten profiles."""
    thesaurus = load_thesaurus()
    items = demo_items()
    readings = [read_item(item) for item in items]
    first = 0.0
    for size in SIZES:
        compiled = compile_profiles(made_up_profiles(size, thesaurus), thesaurus)
        best = min(_seconds(items, readings, compiled) for _ in range(ROUNDS))
        first = first or best
        print(f"{size:>6} profiles: {best / len(items) * 1000:8.2f} ms an item, {best / first:6.1f} times ten profiles")


def _seconds(items: list[ItemText], readings: list[Reading], compiled: CompiledProfiles) -> float:
    start = time.perf_counter()
    for item, reading in zip(items, readings, strict=True):
        find(item, compiled, reading=reading)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
