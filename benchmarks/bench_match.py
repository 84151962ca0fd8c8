"""Does an item cost more when more associations listen? Time per item with 10 to 100,000 profiles, against 10.

The profiles are made from the thesaurus with a fixed seed: seven topics and a target group each, all of Denmark. That
is the hardest case: every item concerns thousands of them, and no municipality sorts anybody out.

Then the same question put to others, once for each profile as they are built for it: SQLite's FTS5, tantivy, and a
spaCy PhraseMatcher. They only look for the typed words; a sample of profiles is asked and the time scaled up. Their
reading of the text is not counted; ours is.
"""

import random
import resource
import sqlite3
import time
from collections.abc import Callable, Sequence

import spacy
import tantivy
from spacy.matcher import PhraseMatcher

from benchmarks.demo_items import demo_items
from matcher.compiled import CompiledProfiles, compile_profiles
from matcher.find import judge
from matcher.item import ItemText
from matcher.paper_reading import PaperReading, read_paper
from matcher.profile import Profile
from matcher.reading import Reading, read_item
from matcher.topics import Thesaurus, load_thesaurus

SIZES = (10, 1_000, 10_000, 100_000)
TOPICS = 7
ROUNDS = 5
ASKED = 300  # profiles in the sample that the others are asked for
OTHERS_ITEMS = 20
PAPER_PAGES = 30
WITH_PAPER = 20  # items that are judged with it
FLAT, FASTER, MEGABYTES = 3.0, 50.0, 1000.0


def made_up_profiles(count: int, thesaurus: Thesaurus) -> list[Profile]:
    """``count`` profiles, the same ones in every run."""
    draw = random.Random(2026)
    topics = [one.label for one in thesaurus.concepts.values() if one.kind == "topic"]
    groups = [one.label for one in thesaurus.concepts.values() if one.kind == "target_group"]
    return [
        Profile(
            id=str(number),
            topics=tuple(draw.sample(topics, TOPICS)),
            target_groups=(draw.choice(groups),),
        )
        for number in range(count)
    ]


def main() -> None:
    """Prints a line for each size and each other way, and whether the bars are met."""
    thesaurus = load_thesaurus()
    items = demo_items()
    readings = [read_item(item) for item in items]
    reading_ms = _best(lambda: [read_item(item) for item in items], rounds=2) / len(items) * 1000
    print(f"reading an item's text: {reading_ms:.2f} ms, once, however many listen")
    paper, paper_ms = _paper(items)
    print(f"reading a paper of {PAPER_PAGES} pages: {paper_ms:.0f} ms, once, however many items it hangs on")
    first = found = 0.0
    for size in SIZES:
        begun = time.process_time()
        compiled = compile_profiles(made_up_profiles(size, thesaurus), thesaurus)
        prepared = time.process_time() - begun
        found = _best(lambda: _hits(items, readings, compiled)) / len(items) * 1000  # noqa: B023 - called at once
        first = first or found
        told = _hits(items, readings, compiled) / len(items)
        whole = (reading_ms + found) / (reading_ms + first)
        print(
            f"{size:>7} profiles: {found:7.2f} ms an item, {found / first:5.1f} times ten profiles "
            f"({whole:.1f} with the reading); {told:.0f} of them found; prepared in {prepared:.1f} s"
        )
        some = slice(0, len(items), len(items) // WITH_PAPER)
        begun = time.process_time()
        told = _hits(items[some], readings[some], compiled, [paper]) / len(items[some])
        each = (time.process_time() - begun) / len(items[some]) * 1000
        print(f"{'':>17}: {each:7.2f} ms an item with that paper; {told:.0f} of them found")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _bar("an item with 100,000 profiles, read and found, against 10", whole, f"at most {FLAT:g} times", whole <= FLAT)
    _bar("memory with 100,000 profiles, MB", peak, f"under {MEGABYTES:g}", peak < MEGABYTES)
    sample = made_up_profiles(ASKED, thesaurus)
    for name, ask in (("SQLite FTS5", _fts5), ("tantivy", _tantivy), ("PhraseMatcher", _phrase_matchers)):
        theirs = ask(items[:OTHERS_ITEMS], sample) / ASKED * SIZES[-1] * 1000
        ratio = theirs / (reading_ms + found)
        _bar(f"{name}, once for each of 100,000 profiles: {theirs:.0f} ms an item, ratio", ratio,
             f"at least {FASTER:g} times", ratio >= FASTER)  # fmt: skip


def _bar(what: str, value: float, wanted: str, met: bool) -> None:
    print(f"{'PASS' if met else 'FAIL'}: {what}: {value:.1f} ({wanted})")


def _hits(
    items: Sequence[ItemText],
    readings: Sequence[Reading],
    compiled: CompiledProfiles,
    papers: Sequence[PaperReading] = (),
) -> int:
    return sum(
        len(judge(item, compiled, reading=reading, papers=papers).profile_ids)
        for item, reading in zip(items, readings, strict=True)
    )


def _paper(items: Sequence[ItemText]) -> tuple[PaperReading, float]:
    """A report of ordinary pages, and the milliseconds that reading it takes."""
    texts = [_text(item) for item in items]
    pages = ["\n".join(texts[number * 3 : number * 3 + 3]) for number in range(PAPER_PAGES)]
    begun = time.process_time()
    return read_paper(pages), (time.process_time() - begun) * 1000


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of the quickest round: what else the machine does counts as little as can be."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _text(item: ItemText) -> str:
    return "\n".join([item.title, *(section.text for section in item.sections)])


def _words(profile: Profile) -> list[str]:
    return [*profile.topics, *profile.target_groups]


def _fts5(items: Sequence[ItemText], profiles: Sequence[Profile]) -> float:
    """Seconds an item for all these profiles, one query each."""
    queries = [" OR ".join('"' + word.replace('"', "") + '"' for word in _words(one)) for one in profiles]
    seconds = 0.0
    for item in items:
        base = sqlite3.connect(":memory:")
        base.execute("CREATE VIRTUAL TABLE item USING fts5(text)")
        base.execute("INSERT INTO item VALUES (?)", (_text(item),))
        ask = base.execute
        seconds += _best(lambda: [ask("SELECT rowid FROM item WHERE item MATCH ?", (q,)).fetchall() for q in queries])  # noqa: B023
        base.close()
    return seconds / len(items)


def _tantivy(items: Sequence[ItemText], profiles: Sequence[Profile]) -> float:
    schema = tantivy.SchemaBuilder().add_text_field("text").build()
    seconds = 0.0
    for item in items:
        index = tantivy.Index(schema)
        writer = index.writer(heap_size=15_000_000, num_threads=1)
        writer.add_document(tantivy.Document(text=_text(item)))
        writer.commit()
        index.reload()
        searcher = index.searcher()
        terms = [[word.casefold() for words in _words(one) for word in words.split()] for one in profiles]
        queries = [
            tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", word)) for word in words]
            )
            for words in terms
        ]
        seconds += _best(lambda: [searcher.search(query, 1) for query in queries])  # noqa: B023
    return seconds / len(items)


def _phrase_matchers(items: Sequence[ItemText], profiles: Sequence[Profile]) -> float:
    danish = spacy.blank("da")
    matchers = []
    for profile in profiles:
        matcher = PhraseMatcher(danish.vocab, attr="LOWER")
        matcher.add("profile", [danish.make_doc(word) for word in _words(profile)])
        matchers.append(matcher)
    docs = [danish.make_doc(_text(item)) for item in items]
    return _best(lambda: [matcher(doc) for doc in docs for matcher in matchers], rounds=2) / len(docs)


if __name__ == "__main__":
    main()
