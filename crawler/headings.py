"""What a section is for, told by its heading: municipalities share the words, not the markup.

Headings and their variants as seen on about 40 municipal sites 2002-2025. A heading that is not known is kept,
as kind ``other``.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from crawler.danish_time import MONTHS
from crawler.items import Kind

_WORDS: dict[Kind, str] = {
    "summary": """
        resume | resumé | sagsresume | sagsresumé | sagens kerne | præsentation | anledning | tema | indledning
        | resume og sagens baggrund | resumé og sagens baggrund | sammenfatning | kort resume | kort resumé""",
    "question": "beslutningstema | emne | problemformulering",
    "recommendation": """
        indstilling | indstillinger | forslag | anbefaling | anbefalinger | administrativ indstilling
        | alternativ indstilling | beslutningspunkter | beslutningspunkt | forslag til beslutning | løsning
        | indstilling og beslutning""",
    "presentation": """
        sagsfremstilling | supplerende sagsfremstilling | beskrivelse af sagen | baggrund og vurdering | historik
        | sagsbeskrivelse | sagens indhold | baggrund | problemstilling | sagsfremstilling og økonomi | vurdering
        | sagens baggrund | redegørelse""",
}
_KINDS: dict[str, Kind] = {" ".join(word.split()): kind for kind, words in _WORDS.items() for word in words.split("|")}
# Headings of kind ``other`` that are known to head a section, for pages where nothing but the words tells a heading.
_OTHER_WORDS = """
    bilag | fraværende | afbud | ej til stede | lovgrundlag | retsgrundlag | kommunikation | sagsforløb | sagsgang
    | co2-konsekvensvurdering | personalemæssige konsekvenser | sagen afgøres i | sagen behandles i | videre proces
    | beslutningskompetence | kompetence | åben | åbent | åbent punkt | lukket | lukket punkt | tidligere behandling
    | miljømæssige konsekvenser | handicapaspekter"""
_OTHER = frozenset(" ".join(word.split()) for word in _OTHER_WORDS.split("|"))
LONGEST_LABEL = 90
LAST_SHORT_YEAR = 99
# What goes on longer is a text in the wrong tag; the patterns below are slow on endless ones.
LONGEST_HEADING = 400
# "Administrationen indstiller", "Forvaltningen foreslår", "Borgmesteren anbefaler": the heading itself proposes.
_PROPOSES = re.compile(r"^[\w ,-]{3,60}\b(?:indstiller|foreslår|anbefaler)\b")
# "Økonomiske konsekvenser og finansiering", "Økonomi og afledt drift"
_ECONOMY = re.compile(r"^økonomi(?:\b|ske\b)")
# "Høring", "Inddragelse og høring", "Borgerinddragelse"
_HEARING = re.compile(r"\b(?:høring\w*|(?:borger)?inddragelse)\b")
# "Beslutning", "Åben beslutning", "Offentlig beslutning der skal udfyldes, hvis punktet er lukket"
_DECISION = re.compile(r"^(?:åben |offentlig |endelig |byrådets |udvalgets |rådets )?beslutning(?:er)?\b(?! om\b)")
_DATE = re.compile(
    r"(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4}|\d\d(?!\d))"
    r"|(?P<day>\d{1,2})\. ?(?P<month>[a-z]+) (?P<year>\d{4})"
)
# "Beslutning i X" and "Beslutning X", "X's beslutning": before the date, or without one
_WHOSE = re.compile(
    r"^(?:åben |offentlig |endelig )?beslutning(?:er)?\b(?! om\b)\W*(?:(?:i|fra|på|af) )?(?P<committee>.*)$"
    r"|^(?P<owner>.+?)s beslutning(?:er)?$"
)
_BEFORE_DATE = re.compile(r"[\s,;:(–-]*(?:\b(?:den|d\.))?[\s(]*$")
# Whoever writes so means the committee whose minutes they are.
_ITSELF = frozenset(["", "udvalget", "rådet", "bestyrelsen"])
# Written into a committee's name, or behind it.
_PERIOD = re.compile(r"[\s,(]*(?:19|20)\d\d\s*[-–/]\s*(?:19|20)\d\d\s*\)?")
_ENDINGS = frozenset(["", "et", "en", "t", "n", "s", "ets", "ens", "ns"])


@dataclass(frozen=True)
class Heading:
    """``own_decision``: the decision of this very meeting, not of a committee that had the case before."""

    kind: Kind
    own_decision: bool = False


def read_heading(heading: str, *, committee: str, day: date, is_minutes: bool) -> Heading:
    """The kind of the section below ``heading`` in a publication of ``committee``'s meeting on ``day``.

    "Beslutning i X den D" stands on agendas too, for committees that treated the case earlier: only the one whose
    committee and date are the meeting's own is its decision. A bare "Beslutning" is the meeting's own on minutes.
    """
    folded, committee = _fold(heading[:LONGEST_HEADING]), committee[:LONGEST_HEADING]
    found = _DATE.search(folded)
    before = _BEFORE_DATE.sub("", _PERIOD.sub(" ", folded[: found.start()] if found else folded))
    whose = _WHOSE.match(before)
    # "X, D, pkt. 4" and "X den D": the name alone.
    name = ((whose["committee"] or whose["owner"] or "") if whose else before).strip(" ,.:()–-")
    if found:
        own = _day(found) == day and (
            _same_committee(name, committee) or (whose is not None and is_minutes and name in _ITSELF)
        )
        if whose or own or (_names_committee(name) and not re.search(r"\d", name)):
            return Heading("decision", own)
    elif whose and _names_committee(name) and name not in _ITSELF and not _same_committee(name, committee):
        return Heading("decision")
    if folded == "indstilling og beslutning" and is_minutes:
        return Heading("decision", own_decision=True)
    undated = folded[: found.start()].strip(" ,") if found else folded
    if undated in _KINDS:
        return Heading(_KINDS[undated])
    if _DECISION.match(folded) or (folded == "referat" and is_minutes):
        return Heading("decision", is_minutes and found is None)
    return Heading(_by_shape(folded))


def is_label(text: str) -> bool:
    """True for the words of a known heading, short enough to be one: on some pages a heading is only bold, and bold
    words of other kinds are part of the text.
    """
    folded = _fold(text[:LONGEST_HEADING])
    if not folded or len(folded) > LONGEST_LABEL or text.strip().endswith((".", ",", ";")):
        return False
    if _DATE.search(folded) and not _DECISION.match(folded):
        return False
    return folded in _OTHER or read_heading(text, committee="", day=date.min, is_minutes=False).kind != "other"


def _by_shape(folded: str) -> Kind:
    if _PROPOSES.match(folded):
        return "recommendation"
    if _ECONOMY.match(folded):
        return "economy"
    return "hearing" if _HEARING.search(folded) else "other"


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" :.–-")


def _day(found: re.Match[str]) -> date | None:
    try:
        if found["d"]:
            year = int(found["y"])
            return date(year if year > LAST_SHORT_YEAR else 2000 + year, int(found["m"]), int(found["d"]))
        return date(int(found["year"]), MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError:
        return None


def _same_committee(one: str, other: str) -> bool:
    """ "Byrådet" and "Byråd 2026-2029" are one body, "Plan & Teknik" is "Plan og Teknik", and "Børneudvalget" and
    "Børne- og Ungeudvalget" are two.
    """
    shorter, longer = sorted((_letters(one), _letters(other)), key=len)
    return bool(shorter) and longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", _fold(_PERIOD.sub(" ", name)).replace("&", " og "))


def _names_committee(words: str) -> bool:
    return bool(re.search(r"udvalg|råd|magistrat|bestyrelse|kommission", words))
