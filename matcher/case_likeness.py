"""Whether an agenda item is the case that a list announced: by the words of the two titles. Pure."""

from __future__ import annotations

import re
from typing import Final

from config.plain_text import plain

# "Svar på forslag fra SF og V om …", "(med MSB)": who asked and who helps says nothing of the matter.
_FRAME: Final = re.compile(
    r"^(?:svar pa|(?:indstilling|orientering) om|(?:godkendelse|droeftelse|behandling) af|forslag til)?\s*"
    r"(?:forslag fra .{1,80}? om )?|\([^)]*\)|\b(?:1|2|foerste|anden)\.? behandling\b"
)
_WORD: Final = re.compile(r"\w+")
_SMALL_WORDS: Final = (
    "af ad at de den der det du en er et for fra i med mv og om pa pr samt som til ved vedr vedroerende sag sagen sager"
    " orientering godkendelse droeftelse forslag status indstilling endelig vedtagelse"
)
_NOTHING: Final = frozenset(_SMALL_WORDS.split())
_YEAR: Final = re.compile(r"^20\d\d$")
ENOUGH: Final = 0.8
FEWEST_SHARED: Final = 2
# A title of one telling word ("Frivilligpolitik") ties only to one that holds little else.
LONG_WORD: Final = 12


def words_of(title: str) -> frozenset[str]:
    """The words that say what a title is about."""
    return frozenset(_WORD.findall(_FRAME.sub(" ", plain(title)[0]))) - _NOTHING


def same_case(announced: frozenset[str], item: frozenset[str]) -> bool:
    """Whether two titles, given as ``words_of``, are of one matter. Years that differ tell two cases apart."""
    if not announced or not item:
        return False
    years = [{word for word in words if _YEAR.match(word)} for words in (announced, item)]
    if years[0] and years[1] and years[0].isdisjoint(years[1]):
        return False
    shared = announced & item
    fewer, more = sorted((len(announced), len(item)))
    if len(shared) < FEWEST_SHARED:
        return shared == announced and more - fewer <= 1 and max(map(len, shared), default=0) >= LONG_WORD
    # A short title inside a long one may be a part of another matter: both sides have to agree.
    return len(shared) / fewer >= ENOUGH and len(shared) / more >= ENOUGH / 2
