"""What does understanding Danish cost? Words per second of our pipeline against spaCy's bare tokenizer.

Both read the same texts. Cold is the first reading in a process, warm the second, when the caches of lemmas and
compounds are filled: a service that runs for hours is warm.
"""

import time
from collections.abc import Callable

import spacy

from benchmarks.demo_items import demo_items
from matcher.language import analyse
from matcher.reading import texts_of

ROUNDS = 3


def main() -> None:
    """Prints words per second, and the share of the bare tokenizer's speed."""
    texts = [text for item in demo_items() for _, _, text in texts_of(item)]
    words = sum(len(text.split()) for text in texts)
    bare = spacy.blank("da")
    analyse("Ordlisterne læses ved den første tekst.")
    cold = _seconds(texts, analyse)
    warm = min(_seconds(texts, analyse) for _ in range(ROUNDS))
    tokenizer = min(_seconds(texts, bare) for _ in range(ROUNDS))
    print(f"{words} words in {len(texts)} texts")
    for name, seconds in (("tokenizer alone", tokenizer), ("ours, cold", cold), ("ours, warm", warm)):
        print(f"{name:>16}: {words / seconds:10.0f} words a second, {tokenizer / seconds:5.2f} of the tokenizer")


def _seconds(texts: list[str], read: Callable[[str], object]) -> float:
    start = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - start


if __name__ == "__main__":
    main()
