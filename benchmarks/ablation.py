"""What is each part of the matcher worth? The held-out figures with one part switched off at a time.

    python -m benchmarks.ablation ITEMS.jsonl PROFILES.yaml GOLD.csv [--markdown]

Each row fits the weights anew without the part, with the item and the profile of every judged pair left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.fitting import reports
from benchmarks.gold_sets import Data, Graded, collect, load_graded
from matcher.item import Section
from matcher.reading import Reading
from matcher.topics import Thesaurus, load_thesaurus

if TYPE_CHECKING:
    from matcher.evaluate import Report
    from matcher.item import ItemText
    from matcher.reading import Source, Term

REPEATS = 2
Made = Callable[[Graded, Thesaurus], Data]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("items", "profiles", "gold"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--markdown", action="store_true", help="print the table for docs/relevance.md")
    arguments = parser.parse_args()
    graded, thesaurus = load_graded(arguments.items, arguments.profiles, arguments.gold), load_thesaurus()
    rows = [(name, figures(made(graded, thesaurus))) for name, made in SWITCHES.items()]
    _print(rows, markdown=arguments.markdown)


def figures(data: Data) -> list[float]:
    """F1 of both sets, of the development set, of official text and of own words, and nDCG@10 of both sets."""
    held_out = reports(data, "items and profiles", REPEATS)
    both, development = held_out["both"], held_out["development"]
    return [
        _mean(both, lambda one: one.overall.f1),
        _mean(development, lambda one: one.overall.f1),
        _mean(both, lambda one: one.by_text_kind["official"].f1),
        _mean(both, lambda one: one.by_text_kind["own_words"].f1),
        _mean(both, lambda one: one.overall.ndcg),
    ]


def _mean(runs: list[Report], value: Callable[[Report], float]) -> float:
    return float(np.mean([value(run) for run in runs]))


def _print(rows: list[tuple[str, list[float]]], *, markdown: bool) -> None:
    heads = ("without", "F1", "F1 development", "F1 official", "F1 own words", "nDCG@10")
    if markdown:
        print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
        for name, values in rows:
            print(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |")
        return
    table = Table(*heads)
    for name, values in rows:
        table.add_row(name, *(f"{value:.3f}" for value in values))
    Console().print(table)


def _terms(change: Callable[[Term], Term | None]) -> Made:
    def source(one: Source) -> Source:
        return replace(one, terms=tuple(new for term in one.terms if (new := change(term)) is not None))

    def made(graded: Graded, thesaurus: Thesaurus) -> Data:
        return collect(graded.changed(reading=lambda one: Reading(tuple(map(source, one.sources)))), thesaurus)

    return made


def _sources(*kinds: str) -> Made:
    def reading(one: Reading) -> Reading:
        return Reading(tuple(source for source in one.sources if source.kind.split()[0] not in kinds))

    return lambda graded, thesaurus: collect(graded.changed(reading=reading), thesaurus)


def _concepts(**empty: tuple[str, ...]) -> Made:
    def made(graded: Graded, thesaurus: Thesaurus) -> Data:
        kept = {id_: concept.model_copy(update=empty) for id_, concept in thesaurus.concepts.items()}
        return collect(graded, Thesaurus(kept))

    return made


def _profiles(**empty: object) -> Made:
    def made(graded: Graded, thesaurus: Thesaurus) -> Data:
        return collect(graded.changed(profile=lambda one: replace(one, **empty)), thesaurus)  # type: ignore[arg-type]

    return made


def _features(*names: str) -> Made:
    return lambda graded, thesaurus: collect(graded, thesaurus).without(frozenset(names))


def _one_section(item: ItemText) -> ItemText:
    return replace(item, sections=tuple(Section("presentation", "Tekst", one.text) for one in item.sections))


def _half_word(term: Term) -> Term:
    half = term.keys[0].startswith("-") or term.keys[0].endswith("-")
    return term._replace(parts=()) if half else term


def _nothing_aside(graded: Graded, thesaurus: Thesaurus) -> Data:
    data = collect(graded, thesaurus)
    return replace(data, central=data.rows)


SWITCHES: dict[str, Made] = {
    "nothing": collect,
    "thesaurus": lambda graded, _: collect(graded, Thesaurus({})),
    "links between concepts": _concepts(narrower=(), related=()),
    "hints of concepts": _concepts(weak=(), whole_only=()),
    "false friends": _concepts(false_friends=()),
    "laws": _concepts(law=()),
    "commonness of concepts": lambda graded, thesaurus: collect(graded, thesaurus, {}),
    "lemmas": _terms(lambda term: term._replace(keys=term.keys[:1])),
    "compound parts": _terms(lambda term: term._replace(parts=())),
    "coordination": _terms(_half_word),
    "law references": _terms(lambda term: None if term.number < 0 else term),
    "masks for names": _terms(lambda term: term._replace(mask=0)),
    "target groups": _profiles(target_groups=()),
    "description": _profiles(description=""),
    "sections": lambda graded, thesaurus: collect(graded.changed(item=_one_section), thesaurus),
    "attachments": _sources("attachment", "page"),
    "committee": _sources("committee"),
    "silence of routine items": lambda graded, thesaurus: collect(graded, thesaurus, silent=lambda _: False),
    "topics that lie aside": _nothing_aside,
    **{
        f"feature {name}": _features(name)
        for name in (
            "title", "lead", "body", "decision", "density", "share", "own_body", "committee",
            "group_title", "group_text", "long", "others", "kle",
        )
    },
}  # fmt: skip


if __name__ == "__main__":
    main()
