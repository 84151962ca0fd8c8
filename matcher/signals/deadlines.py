"""Deadlines for people outside the town hall: to answer a hearing, to apply for money, to send remarks.

Only a date that its own sentence ties to such a deadline counts. A date alone, a deadline of the municipality
towards a ministry, of a builder, of a complaint or of a politician is none (agenda-patterns 49 to 61).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final, Literal

from config.sentences import SENTENCE_END
from matcher.signals.dates import dates_in, next_year_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.item import ItemText
    from matcher.signals.dates import FoundDate

DeadlineKind = Literal["hearing", "application", "comments"]

SENTENCE_AT_MOST: Final = 300
# So many characters may stand between the word and its date.
REACH: Final = 120
PIECE: Final = 4000
# A label without a date of its own ("Høringsfrist") belongs to the line below it.
LABEL_AT_MOST: Final = 60

_HEARING: Final = r"høring\w*|h(?:ø|oe)ringssvar\w*"
_APPLICATION: Final = r"ansøg\w*|søge\s|søges\b|§\s?18\b|pulje\w*"
_COMMENTS: Final = (
    r"bemærkning\w*|indsigelse\w*|kommentar\w*|idé\w*|ideer\w*|idefase\w*|input|forslag til planlægningen|synspunkt\w*"
    r"|ændringsønske\w*"
)

# A word that is a deadline by itself, and what it is for.
_NAMED: Final[tuple[tuple[DeadlineKind, str], ...]] = (
    ("hearing", r"hørings?(?:svar)?s?frist\w*|hørings-\s?(?:og|samt)\s+\w+frist\w*"),
    ("application", r"ansøgnings(?:frist|runde|periode)\w*|ansøgningsskema\w*\s+\w+\s+senest"),
    ("comments", r"(?:indsigelses|kommentar|bemærknings|svar|idé|debat)(?:frist|fase|periode)\w*"),
    ("hearing", rf"(?:frist|deadline)\w*\s+(?:for|til)\s+(?:\w+\s+){{0,4}}?(?:{_HEARING})"),
    ("application", r"(?:frist|deadline)\w*\s+(?:for|til)\s+(?:\w+\s+){0,4}?(?:ansøg\w*|søge\b)"),
    ("comments", rf"(?:frist|deadline)\w*\s+(?:for|til)\s+(?:\w+\s+){{0,5}}?(?:{_COMMENTS}|svar\b)"),
    ("hearing", r"høringsperiode\w*|høringsfase\w*|høringen\s+(?:slutter|udløber|afsluttes|løber|varer)"),
    (
        "hearing",
        r"(?:i|til)\s+(?:offentlig\s+|ekstern\s+|fornyet\s+|forhøring|ny\s+)?(?:\w+\s+ugers\s+)?(?:offentlig\s+)?høring",
    ),
    ("comments", r"(?:offentlig\s+)?fremlægg(?:else|es)\w*\s+(?:i\s+)?(?:offentlig\w*)?"),
)
_CUES: Final = tuple((kind, re.compile(rf"(?<![\wæøå])(?:{words})", re.IGNORECASE)) for kind, words in _NAMED)
# These cues name a stretch of time or an act: the date must be where it ends.
_NEEDS_LIMIT: Final = re.compile(r"periode|fase\b|fasen|runde|løber|varer|(?:i|til)\s.*høring$|fremlægg", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"(?:senest|inden|frem\s?til|indtil|til\s+og\s+med|t\.?o\.?m\.?|til|med\s+(?:\w+)?frist\w*|slutter|udløber|afsluttes|"
    r"frist\w*|[-–])(?:\s+(?:er|på))?[\s:,]*(?:\w+dag(?:en)?\s*,?\s*)?(?:den|d\.?)?\s*$",
    re.IGNORECASE,
)
# What people are asked to hand in, for sentences that name no deadline: "Bemærkninger sendes senest den 1. december".
_HANDED_IN: Final[tuple[tuple[DeadlineKind, re.Pattern[str]], ...]] = (
    ("hearing", re.compile(r"høringssvar\w*|høring(?:en)?\b|i\s+høring|høringsberettigede", re.IGNORECASE)),
    ("application", re.compile(r"ansøgning\w*|\bansøg(?:es|er)\b|\b(?:kan|skal)\s+søges?\b|\bsøges\b", re.IGNORECASE)),
    ("comments", re.compile(rf"\b(?:{_COMMENTS})", re.IGNORECASE)),
)
# "Svar skal være kommunen i hænde senest …": the sentence before says to what.
_ANSWER: Final = re.compile(r"\b(?:svar(?:ene)?|disse|de|materialet|henvendelser?)\b", re.IGNORECASE)
_LATEST: Final = re.compile(
    r"(?:senest|inden|frem\s?til|indtil|til\s+og\s+med|før|åbent?\s.*\s(?:til|[-–]))(?:\s+med)?(?:\s+ved)?[\s:,]*"
    r"(?:\w+dag(?:en)?\s*,?\s*)?(?:den|d\.?)?\s*$",
    re.IGNORECASE,
)
_AN_ACT: Final = re.compile(
    r"send|modtag|i hænde|aflever|indgiv|komme|søge|åben|afgiv|give|bedes|mulighed|skriftlig|indlever|meddel|høring",
    re.IGNORECASE,
)
# Dates that begin something, or that belong to something else in the sentence.
_NOT_THIS: Final = re.compile(
    r"(?:\bfra(?:\s+og\s+med)?|\bsiden|\bpr\.?|\bdateret|\bafholdes?|\bbehandles?|\bvedtaget|\bmødet?|\bborgermøde|\bkraft|"
    r"\boffentliggjort|\bsendt|\bsendes|\bstarter|\bbegynder|\bgodkendt|\befter|\bpå\s+sit\s+møde|\bbrev\s+af|\bmail\s+af|"
    r"\butvalgets?|\budvalget|\bbyrådet|\bperioden|\båbner|\båben|\båbent)(?:\s+\w+dag)?\s*,?\s*(?:den|d\.?|af)?\s*$",
    re.IGNORECASE,
)
# "… hvorefter sagen behandles den 20. januar": what comes after the deadline's own clause.
_OTHER_CLAUSE: Final = re.compile(
    r"\b(?:hvorefter|herefter|derefter|hvorpå|behandles|forelægges|træder|møde[rt]?|borgermøde\w*|afholdes|genoptages|"
    r"offentliggøres|udbetales|forventes|ikrafttræd\w*)\b",
    re.IGNORECASE,
)
# Somebody else's deadline.
_NOT_OURS: Final = re.compile(
    r"ministeri\w*|styrelse[nrs]?\b|folketing\w*|regering\w*|(?-i:\bKL\b)|ombudsmand\w*|ankestyrelse\w*|\bklage\w*|klagefrist\w*|"
    r"bygge(?:frist|modning|ri|ansøgning|tilladelse)\w*|opfør(?:else|es)\b|ibrugtag\w*|færdig(?:gør|melding|gjort)\w*|tilbud(?:sfrist|s?givning)?\b|"
    r"udbud\w*|ændringsforslag\w*|underændringsforslag\w*|MED-\w+|MED\s?udvalg\w*|partshøring\w*|betalingsfrist\w*|"
    r"opsigelse\w*|stillingen|stillingsopslag|jobansøg\w*|kandidat\w*|lejekontrakt\w*|"
    r"kommunens\s+(?:hørings)?svar|kommunens\s+(?:bemærkninger|ansøgning)|byrådets\s+(?:hørings)?svar|kommunen\s+(?:kan|skal|har)\s+\w*\s*(?:ansøg|søg)\w*|"
    r"(?:forvaltningen|administrationen|kommunen|byrådet)\s+(?:skal|kan|har|vil)\b.{0,60}\b(?:ind)?send(?:e|er|t)\b|"
    r"EU-?\w*|fond(?:en|ens)\b|regionsråd\w*",
    re.IGNORECASE,
)
_OVER: Final = re.compile(
    r"\b(?:var|udløb|overskredet|har\s+været|sluttede|blev\s+afholdt|fik\s+frist)\b", re.IGNORECASE
)
_YEARLY: Final = re.compile(r"hvert\s+år|hvert\s+efterår|hvert\s+forår|årlig\w*|en\s+gang\s+om\s+året", re.IGNORECASE)
_LIST_MARK: Final = re.compile(r"^(?:[-•*–]|\d{1,2}[.)]|[a-z][.)])\s+(?=\D)")
_ADJACENT: Final = re.compile(r"\s*(?:,|og|samt|eller|hhv\.?|henholdsvis)*\s*(?:den|d\.?)?\s*", re.IGNORECASE)
_RANGE: Final = re.compile(
    r"\s*(?:[-–]|til(?:\s+og\s+med)?|frem\s?til|indtil)\s*(?:\w+dag\s*)?(?:den|d\.?)?\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Deadline:
    """A day by which people outside the town hall must have acted.

    ``clock``: the hour when one is given, Danish time. ``sentence``: where it stands, cut to ``SENTENCE_AT_MOST``.
    ``place``: title, section or page as in ``matcher.reading.texts_of``; ``year_given``: False when the year was
    worked out from when the text was read.
    """

    kind: DeadlineKind
    day: date
    clock: time | None
    sentence: str
    year_given: bool = True
    place: str = ""

    def to_json(self) -> dict[str, Any]:
        """For ``Analysis.signals["deadlines"]``."""
        return {
            "kind": self.kind,
            "day": self.day.isoformat(),
            "clock": self.clock.isoformat("minutes") if self.clock else None,
            "sentence": self.sentence,
            "year_given": self.year_given,
            "place": self.place,
        }


def deadlines_of(item: ItemText, seen: date) -> list[Deadline]:
    """The deadlines of an item that had not passed when its text was seen, soonest first, each once."""
    found: dict[tuple[str, date], Deadline] = {}
    for place, text in _texts(item):
        for one in deadlines_in(text, seen):
            found.setdefault((one.kind, one.day), Deadline(**{**one.__dict__, "place": place}))
    return sorted(found.values(), key=lambda one: (one.day, one.kind))


def _texts(item: ItemText) -> Iterator[tuple[str, str]]:
    yield "title", item.title
    for section in item.sections:
        yield section.name, section.text
    for attachment in item.attachments:
        for number, page in enumerate(attachment.pages, start=1):
            yield f"{attachment.title}, side {number}", page


def deadlines_in(text: str, seen: date) -> list[Deadline]:
    """The deadlines of a text on or after ``seen``, the day it was read, in the order of the text."""
    found: list[Deadline] = []
    before = ""
    for sentence in _sentences(text):
        dates = list(dates_in(sentence, seen))
        if dates and not _NOT_OURS.search(sentence):
            for kind, one in _deadlines(sentence, before, dates):
                day = next_year_of(one.day, seen) if not one.year_given and _YEARLY.search(sentence) else one.day
                if day >= seen:
                    found.append(Deadline(kind, day, one.clock, _cut(sentence), one.year_given))
        before = sentence
    return list({(one.kind, one.day): one for one in reversed(found)}.values())[::-1]


def _deadlines(sentence: str, before: str, dates: Sequence[FoundDate]) -> Iterator[tuple[DeadlineKind, FoundDate]]:
    """By a word that names a deadline; else by what is to be handed in and a word that limits the time."""
    named = list(_named(sentence, dates))
    if named:
        yield from named
        return
    for number, one in enumerate(dates):
        lead = sentence[max(0, one.start - REACH) : one.start]
        if _LATEST.search(lead) and _AN_ACT.search(sentence) and not _OTHER_CLAUSE.search(lead):
            kind = _handed_in(sentence) or (_handed_in(before) if _ANSWER.search(sentence) else None)
            if kind is not None:
                for other in _with_neighbours(sentence, dates, number):
                    yield kind, other
                return


def _handed_in(sentence: str) -> DeadlineKind | None:
    return next((kind for kind, words in _HANDED_IN if words.search(sentence)), None)


def _named(sentence: str, dates: Sequence[FoundDate]) -> Iterator[tuple[DeadlineKind, FoundDate]]:
    taken: set[int] = set()
    for kind, cue in _CUES:
        for match in cue.finditer(sentence):
            number = _date_of(sentence, match, dates)
            if number is None or number in taken:
                continue
            for one in _with_neighbours(sentence, dates, number):
                taken.add(dates.index(one))
                yield kind, one


def _date_of(sentence: str, cue: re.Match[str], dates: Sequence[FoundDate]) -> int | None:
    """The date that a cue speaks of: the first one after it, or one right before ("1. maj er der ansøgningsfrist")."""
    limited = bool(_NEEDS_LIMIT.search(cue[0]))
    for number, one in enumerate(dates):
        if one.start < cue.end():
            continue
        between = sentence[cue.end() : one.start]
        if len(between) > REACH or _OTHER_CLAUSE.search(between) or _over(sentence, one):
            break
        if _NOT_THIS.search(between) or (
            limited and not _LIMIT.search(between) and not _ends_range(sentence, dates, number)
        ):
            continue
        return number
    if limited:
        return None
    for number, one in enumerate(dates):
        if one.end <= cue.start() and re.fullmatch(
            r"\s*(?:er|som|,|(?:er\s+)?der|(?:er\s+)?sidste)?\s*(?:er\s+)?(?:den\s+)?", sentence[one.end : cue.start()]
        ):
            return number
    return None


def _over(sentence: str, one: FoundDate) -> bool:
    """True when the sentence tells of something that has been, and its date names no year that says otherwise."""
    return not one.year_given and bool(_OVER.search(sentence[: one.start]))


def _ends_range(sentence: str, dates: Sequence[FoundDate], number: int) -> bool:
    return number > 0 and bool(_RANGE.fullmatch(sentence[dates[number - 1].end : dates[number].start]))


def _with_neighbours(sentence: str, dates: Sequence[FoundDate], number: int) -> Iterator[FoundDate]:
    """The date, or the end of the range that it begins; and those joined to it by "og"."""
    if number + 1 < len(dates) and _RANGE.fullmatch(sentence[dates[number].end : dates[number + 1].start]):
        number += 1
    yield dates[number]
    while number + 1 < len(dates) and re.fullmatch(_ADJACENT, sentence[dates[number].end : dates[number + 1].start]):
        number += 1
        yield dates[number]


def _sentences(text: str) -> Iterator[str]:
    """Sentences and lines, a label joined to the line below it."""
    label = ""
    for line in text.splitlines():
        flat = " ".join(line.replace("|", " ").split())
        if not flat:
            continue
        whole = f"{label} {flat}".strip()
        label = ""
        if len(whole) <= LABEL_AT_MOST and re.search(r"frist\w*\s*:?$", whole, re.IGNORECASE):
            label = whole
            continue
        # "d. 1/12" is no end of a sentence.
        whole = re.sub(r"\b([Dd])\.\s*(?=\d)", r"\1 ", whole)
        # A text without a full stop is read in pieces: looking from every date to every word would take for ever.
        for piece in (whole[at : at + PIECE] for at in range(0, len(whole), PIECE)):
            yield from _in_sentences(piece)


def _in_sentences(whole: str) -> Iterator[str]:
    start = 0
    for end in SENTENCE_END.finditer(whole):
        if _unfinished(whole[start : end.end()]):
            continue
        yield whole[start : end.end()].strip()
        start = end.end()
    yield whole[start:].strip()


def _unfinished(piece: str) -> bool:
    """True for a piece that ends in an ordinal: "den 1. Juni", "i uge 41. 2026"."""
    return bool(re.search(r"(?:\b(?:den|d\.?|til|fra|og|-)\s*\d{1,2}|^\d{1,2})\.\s*$", piece))


def _cut(sentence: str) -> str:
    sentence = _LIST_MARK.sub("", sentence)
    return sentence if len(sentence) <= SENTENCE_AT_MOST else sentence[: SENTENCE_AT_MOST - 1].rsplit(" ", 1)[0] + "…"
