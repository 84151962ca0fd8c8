"""Where a sentence ends in Danish, so that a passage is never cut at "stk. 4" or "pr. 1. januar"."""

import re
from typing import Final

# Abbreviations that a capital letter or a number may follow. A look-behind needs a fixed width: one for each.
_ABBREVIATIONS: Final = {
    *("stk", "nr", "pr", "kl", "ca", "jf", "jfr", "hhv", "evt", "inkl", "ekskl", "max", "maks", "min", "tlf", "dr"),
    *("pkt", "kap", "afs", "art", "litra", "bl.a", "f.eks", "fx", "Jf", "Nr", "Kl", "Stk", "Pkt"),
}
_NOT_AFTER: Final = "".join(rf"(?<!\b{re.escape(word)})" for word in sorted(_ABBREVIATIONS))
SENTENCE_END: Final = re.compile(rf"{_NOT_AFTER}[.!?]\s+(?=[A-ZÆØÅ0-9»\"])")


def first_sentences(text: str, limit: int) -> str:
    """The sentences that a text begins with, as many as fit ``limit`` characters, but always one, whole."""
    flat = " ".join(text.split())
    end = 0
    for match in SENTENCE_END.finditer(flat):
        if end and match.start() + 1 > limit:
            break
        end = match.start() + 1
    if not end or len(flat) <= limit:
        return flat
    return flat[:end]


def sentences(text: str) -> list[str]:
    """The sentences of a text in their order; a line ends one too. White space is folded."""
    found = []
    for line in text.splitlines():
        flat, begin = " ".join(line.split()), 0
        for match in SENTENCE_END.finditer(flat):
            found.append(flat[begin : match.start() + 1])
            begin = match.end()
        found.append(flat[begin:])
    return [one for one in found if one]
