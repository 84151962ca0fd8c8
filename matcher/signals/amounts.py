"""Signal: what an item is about in money: "300.000 kr.", "kr. 50.000", "10,9 mio. kr.".

Taken from where an item says what is to be decided. A presentation may name dozens of figures; it is read only where
nothing else names one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.item import ItemText, SectionKind

# No more than billions: a table may be thousands of figures, and none is read on to its end.
_FIGURE: Final = r"\d{1,3}(?:[. ]\d{3}){1,3}(?:,\d{1,2})?|\d{1,9}(?:,\d{1,3})?"
_SCALE: Final = r"mio\.?|millioner|million|mia\.?|milliarder|milliard|tusinde|t\."
_CROWNS: Final = r"kr\b\.?|kroner\b|DKK\b"
_RANGE: Final = rf"(?:(?:{_FIGURE})\s?(?:-|–|til)\s?)?"
_AMOUNT: Final = re.compile(
    rf"(?<![\w.,/§-])(?:{_RANGE}(?P<figure>{_FIGURE})\s?(?:(?P<scale>{_SCALE})\s?)?(?P<crowns>{_CROWNS})"
    rf"|(?P<before>kr\.?|DKK)\s?{_RANGE}(?P<after>{_FIGURE})(?:\s?(?P<after_scale>mio\.?|mia\.?)(?!\w))?(?![\d%])"
    rf"|(?P<dashed>{_FIGURE}),-(?!\d))",
    re.IGNORECASE,
)
# "beløb i 1.000 kr.", "(1.000 kr.)", "hele 1.000 kr.", "mio. kr. 2026": the unit of a table, no amount.
_UNIT: Final = re.compile(r"(?:\bi(?:\s+hele)?|\bhele|\()\s*$", re.IGNORECASE)
_UNIT_BEFORE_YEARS: Final = re.compile(r"(?:\bi|\bhele|\bmi[oa]\.?|\bt\.)\s*$", re.IGNORECASE)
_LOOKS_BACK: Final = 12
_THOUSAND: Final = 1000
_TIMES: Final = {"mio": 10**6, "mil": 10**6, "mia": 10**9, "tus": _THOUSAND, "t.": _THOUSAND}
_BILLION: Final = re.compile(r"milliard", re.IGNORECASE)
_SAYS_WHAT: Final[tuple[SectionKind, ...]] = ("recommendation", "decision", "summary", "question", "economy")


@dataclass(frozen=True)
class Amount:
    """A sum of money. ``kroner``: whole Danish kroner, the upper end of a range; ``text`` stands at ``start``:``end``.

    ``place``: title or section, as people know it.
    """

    kroner: int
    text: str
    start: int
    end: int
    place: str = ""

    def to_json(self) -> dict[str, Any]:
        """For ``Analysis.signals["amounts"]``."""
        return {"kroner": self.kroner, "text": self.text, "place": self.place}


def amounts_of(item: ItemText) -> list[Amount]:
    """The sums that the item is about, each once: title and recommendation first."""
    found: dict[int, Amount] = {}
    for place, text in _texts(item):
        for one in amounts_in(text):
            found.setdefault(one.kroner, Amount(one.kroner, one.text, one.start, one.end, place))
    return list(found.values())


def _texts(item: ItemText) -> Iterator[tuple[str, str]]:
    said = [("Titel", item.title)]
    said += [(one.name, one.text) for kind in _SAYS_WHAT for one in item.sections if one.kind == kind]
    if not any(True for _, text in said for _ in amounts_in(text)):
        said += [(one.name, one.text) for one in item.sections if one.kind not in _SAYS_WHAT]
    yield from said


def amounts_in(text: str) -> Iterator[Amount]:
    """Every sum in a text, in order. Positions are those of the text."""
    for match in _AMOUNT.finditer(text):
        figure = match["figure"] or match["after"] or match["dashed"]
        kroner = _kroner(figure, match["scale"] or match["after_scale"] or "")
        if kroner and not _is_unit(match, kroner):
            yield Amount(kroner, " ".join(match[0].split()), match.start(), match.end())


def _is_unit(match: re.Match[str], kroner: int) -> bool:
    if match["before"]:
        unit = _UNIT_BEFORE_YEARS
    elif kroner in {_THOUSAND, 10**6}:
        unit = _UNIT
    else:
        return False
    return unit.search(match.string, max(0, match.start() - _LOOKS_BACK), match.start()) is not None


def _kroner(figure: str, scale: str) -> int:
    whole, _, decimals = figure.replace(".", "").replace(" ", "").partition(",")
    times = 10**9 if _BILLION.match(scale) else _TIMES.get(scale[:3].casefold(), _TIMES.get(scale[:2].casefold(), 1))
    return round(float(f"{whole}.{decimals or 0}") * times)
