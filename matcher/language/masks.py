"""Names that say nothing about the matter: committees, departments, directors, streets.

"Social- og Sundhedsudvalget" on every second line does not make an item one about health. Advisory councils
(Ældrerådet, Handicaprådet) are kept apart: they are named where they are heard, which is a hint and no more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Doc

COUNCIL: Final = 1
NAME: Final = 2

_BODY: Final = re.compile(
    r"(?:udvalget?|udvalgene|udvalgsformand\w*|forvaltning(?:en|er|erne)?|magistratsafdeling(?:en|er|erne)?|direktør(?:en)?"
    r"|rådmand(?:en)?|chef(?:en)?|afdeling(?:en)?|sekretariat(?:et)?|byråd(?:et)?)s?$"
)
_HEAD_OF: Final = re.compile(
    r"^(?:udvalget?|udvalgene|magistratsafdeling(?:en)?|afdeling(?:en)?|forvaltning(?:en)?|rådmand(?:en)?"
    r"|direktør(?:en)?|\w*chef(?:en)?|fagudvalget?|direktørområdet?|fagcenter|sekretariat(?:et)?)s?$"
)
_COUNCIL: Final = re.compile(r"[a-zæøå]{3,}råd(?:et|ets|ene|enes|s)?$")
_STREET: Final = re.compile(
    r"(?:vej|vejen|gade|gaden|allé|alle|stræde|stien|boulevard|torv|plads|have|gård|gården|park|parken)s?$"
)
_JOINERS: Final = frozenset({"og", ",", "&", "-", "/", "samt"})


def masked_tokens(doc: Doc) -> dict[int, int]:
    """Token number → COUNCIL or NAME, for each token inside such a name."""
    masks: dict[int, int] = {}
    for token in doc:
        text = token.text
        if not text[:1].isupper():
            if text.endswith(("udvalget", "forvaltningen")):
                masks[token.i] = NAME
            continue
        lower = token.lower_
        if _HEAD_OF.match(lower) and _next_is(doc, token.i, "for"):
            masks.update(dict.fromkeys(_names_after(doc, token.i), NAME))
        elif _BODY.search(lower) and len(lower) > 6:  # noqa: PLR2004
            masks.update(dict.fromkeys(_halves_before(doc, token.i), NAME))
        elif _COUNCIL.search(lower):
            masks.update(dict.fromkeys(_halves_before(doc, token.i), COUNCIL))
        elif _STREET.search(lower) and token._.parts and token.i + 1 < len(doc) and doc[token.i + 1].is_digit:
            masks[token.i] = NAME
    return masks


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
