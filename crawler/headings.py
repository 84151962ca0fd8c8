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
# What goes on longer is a text in the wrong tag; the patterns below are slow on endless ones.
LONGEST_HEADING = 400
# "Administrationen indstiller", "Forvaltningen foreslår", "Borgmesteren anbefaler": the heading itself proposes.
_PROPOSES = re.compile(r"^[\w ,-]{3,60}\b(?:indstiller|foreslår|anbefaler)\b")
# "Økonomiske konsekvenser og finansiering", "Økonomi og afledt drift"
_ECONOMY = re.compile(r"^økonomi(?:\b|ske\b)")
# "Høring", "Inddragelse og høring", "Borgerinddragelse"
_HEARING = re.compile(r"\b(?:høring\w*|(?:borger)?inddragelse)\b")
# "Beslutning", "Åben beslutning", "Offentlig beslutning der skal udfyldes, hvis punktet er lukket"
_DECISION = re.compile(r"^(?:åben |offentlig |byrådets |udvalgets |rådets )?beslutning(?:er)?\b(?! om\b)")
_DATE = re.compile(
    r"(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4})|(?P<day>\d{1,2})\. ?(?P<month>[a-z]+) (?P<year>\d{4})"
)
# "Beslutning i X den D", "Beslutning X den D", "X, D, pkt. 4" and "X den D" alone
_WHOSE = re.compile(
    r"^(?:(?P<word>(?:åben |offentlig )?beslutning(?:er)?)\s+(?:i |fra |på )?)?"
    r"(?P<committee>[^\d]{3,}?),?(?:\s+(?:den|d\.))?\s*$"
)
_PERIOD = re.compile(r"[\s,(]*(?:19|20)\d\d\s*[-–/]\s*(?:19|20)\d\d\s*\)?\s*$")
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
    if found and (whose := _WHOSE.match(folded[: found.start()])):
        own = _day(found) == day and _same_committee(whose["committee"], committee)
        if whose["word"] or own or _names_committee(whose["committee"]):
            return Heading("decision", own)
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
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        return date(int(found["year"]), MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError:
        return None


def _same_committee(one: str, other: str) -> bool:
    """ "Byrådet" and "Byråd 2026-2029" are one body, "Børneudvalget" and "Børne- og Ungeudvalget" two."""
    shorter, longer = sorted((_fold(_PERIOD.sub("", one)), _fold(_PERIOD.sub("", other))), key=len)
    return bool(shorter) and longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS


def _names_committee(words: str) -> bool:
    return bool(re.search(r"udvalg|råd|magistrat|bestyrelse|kommission", words))
