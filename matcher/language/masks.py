"""Names that say nothing about the matter: committees, departments, directors, streets.

"Social- og Sundhedsudvalget" on every second line does not make an item one about health. Advisory councils
(Ældrerådet, Handicaprådet) are kept apart: they are named where they are heard, which is a hint and no more. So
are the house that a meeting is held in, and those who come or are heard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Doc

PASSING: Final = 1
NAME: Final = 2

_BODY: Final = re.compile(
    r"(?:udvalget?|udvalgene|udvalgsformand\w*|forvaltning(?:en|er|erne)?|magistratsafdeling(?:en|er|erne)?|direktør(?:en)?"
    r"|rådmand(?:en)?|chef(?:en)?|afdeling(?:en)?|sekretariat(?:et)?|byråd(?:et)?)s?$"
)
_HEAD_OF: Final = re.compile(
    r"^(?:udvalget?|udvalgene|magistratsafdeling(?:en)?|afdeling(?:en)?|forvaltning(?:en)?|rådmand(?:en)?"
    r"|direktør(?:en)?|\w*chef(?:en)?|fagudvalget?|direktørområdet?|fagcenter|sekretariat(?:et)?)s?$"
)
_COUNCIL: Final = re.compile(r"[a-zæøå]{3,}(?<!om)råd(?:et|ets|ene|enes|s)?$")
_STREET: Final = re.compile(
    r"(?:vej|vejen|gade|gaden|allé|alle|stræde|stien|boulevard|torv|plads|have|gård|gården|park|parken)s?$"
)
_JOINERS: Final = frozenset({"og", ",", "&", "-", "/", "samt"})
_SENTENCE_ENDS: Final = frozenset({".", "!", "?", ":", "–", "-", "•", "»", '"', "“", "”"})
_MEETS: Final = frozenset(
    {"mødes", "møder", "mødet", "møde", "møderne", "afholdes", "afholdt", "holdes", "holder", "begynder", "foregår"}
)
# Lists of those who come, speak or are heard; up to the end of the sentence.
_THOSE_WHO: Final = re.compile(
    r"(?:folk|repræsentant\w*|deltager\w*|gæster|medlemmer|oplæg|høring|høringssvar|bemærkninger)"
    r"\s+(?:fra|hos|blandt)\s(?=[^.\n]*(?:,| og ))[^.\n]*",
    re.IGNORECASE,
)
_MEETING_REACH: Final = 10  # tokens between "mødes" and "på biblioteket"


def masked_tokens(doc: Doc) -> dict[int, int]:
    """Token number → PASSING or NAME, for each token inside such a name or list."""
    masks: dict[int, int] = {}
    for token in doc:
        if token.text[:1].isupper():
            name, mask = _name_at(doc, token.i)
            masks.update(dict.fromkeys(name, mask))
        elif token.text.endswith(("udvalget", "forvaltningen")):
            masks[token.i] = NAME
        elif _is_venue(doc, token.i):
            masks[token.i] = PASSING
    for span in _THOSE_WHO.finditer(doc.text):
        inside = doc.char_span(span.start(), span.end(), alignment_mode="contract")
        for token in inside or ():
            masks.setdefault(token.i, PASSING)
    return masks


def _name_at(doc: Doc, position: int) -> tuple[range, int]:
    """(tokens of the name that a capitalised word belongs to, what kind of name); no tokens when it is none."""
    token, lower = doc[position], doc[position].lower_
    if _HEAD_OF.match(lower) and _next_is(doc, position, "for"):
        return _names_after(doc, position), NAME
    if _BODY.search(lower) and len(lower) > 6:  # noqa: PLR2004
        return _halves_before(doc, position), NAME
    if _COUNCIL.search(lower):
        return _halves_before(doc, position), PASSING
    if _is_department(doc, position):
        return range(position, position + 3), NAME
    if _STREET.search(lower) and token._.parts and position + 1 < len(doc) and doc[position + 1].is_digit:
        return range(position, position + 1), NAME
    return range(0), NAME


def _is_department(doc: Doc, position: int) -> bool:
    """Whether "Sundhed og Kultur" starts here in the middle of a sentence, where only names have capitals."""
    if position == 0 or position + 2 >= len(doc) or doc[position + 1].lower_ != "og":
        return False
    before, after = doc[position - 1].text, doc[position + 2]
    starts_sentence = before in _SENTENCE_ENDS or before.isspace() or not before[0].islower()
    return not starts_sentence and after.text[:1].isupper() and after.text[1:].islower()


def _is_venue(doc: Doc, position: int) -> bool:
    """Whether a word in the definite is only where people meet ("udvalget mødes på biblioteket")."""
    if not doc[position].text.endswith(("et", "en")) or doc[position - 1].lower_ not in {"på", "i"}:
        return False
    before = [token.lower_ for token in doc[max(0, position - _MEETING_REACH) : position]]
    return "." not in before and not _MEETS.isdisjoint(before)


def _next_is(doc: Doc, position: int, word: str) -> bool:
    return position + 1 < len(doc) and doc[position + 1].lower_ == word


def _names_after(doc: Doc, position: int) -> range:
    """The words of "Udvalget for Kultur, Fritid og Borgerservice"."""
    end = position + 2
    while end < len(doc) and (doc[end].text[:1].isupper() or doc[end].lower_ in _JOINERS):
        end += 1
    while doc[end - 1].lower_ in _JOINERS:
        end -= 1
    return range(position, end)


def _halves_before(doc: Doc, position: int) -> range:
    """The words of "Teknik-, Plan- og Miljøudvalget": half words and what joins them."""
    start = position
    while start > 0 and (doc[start - 1].text.endswith("-") or doc[start - 1].lower_ in _JOINERS):
        start -= 1
    while doc[start].lower_ in _JOINERS:
        start += 1
    return range(start, position + 1)
