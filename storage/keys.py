"""Folded forms by which records are recognised again, whatever publication they came in."""

import hashlib
import re
import unicodedata
from difflib import SequenceMatcher

from storage.models.committee import CommitteeKind

LONGEST_KEY = 400

# "Byråd 2026-2029": some municipalities write the election period into the committee's name (platforms.md 0).
_PERIOD = re.compile(r"(?:19|20)\d\d\s*(?:[-–/]\s*(?:19|20)\d\d|og frem)\s*\)?\s*$")
# "15. Igangsættelse af …", "(B)" at the end: the title's own number and type letter (platforms.md 0).
_OWN_NUMBER = re.compile(r"^\s*(?:pkt\.?|punkt)?\s*\d{1,3}\s*[.:)]\s+", re.IGNORECASE)
_TYPE_TAIL = re.compile(r"\s*\(\s*(?:[A-Z]|beslutning|orientering|drøftelse|åben|åbent)\s*\)\s*$", re.IGNORECASE)

_ADVISORY = re.compile(
    r"(?:ældre|handicap|senior|udsatte|frivillig|ungdoms?|unge|integrations|grønt|bruger|bycykel|dialog|lands?by)\w*råd"
    r"|råd(?:et)?\s+for|^(?!.*byråd).*\brådet?$",
    re.IGNORECASE,
)


# The id of one item in all the world; "punkt-3" is another item in the next publication.
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def is_guid(platform_id: str) -> bool:
    """True for an id that no other item can have."""
    return bool(_GUID.fullmatch(platform_id))


def fold(text: str) -> str:
    """Case, accents written two ways, and white space made one."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def committee_key(name: str) -> str:
    """A committee's name without its election period: "Byråd 2026-2029" and "Byråd" are one.

    Shortened like ``title_key``.
    """
    return bounded(fold(_PERIOD.sub("", name).rstrip(" ,(")) or fold(name))


def title_key(title: str) -> str:
    """A title without its own number and type letter, for tying an item across publications.

    Longer than ``LONGEST_KEY`` it ends in a digest: PostgreSQL's indexes refuse entries above 2,704 bytes.
    """
    return bounded(fold(_TYPE_TAIL.sub("", _OWN_NUMBER.sub("", title))) or fold(title))


def bounded(key: str, longest: int = LONGEST_KEY) -> str:
    """``key``, ending in a digest when it is longer than ``longest`` characters."""
    if len(key) <= longest:
        return key
    return f"{key[:longest]}…{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def alike(one: str, other: str) -> float:
    """Likeness of two folded titles, 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def committee_kind(name: str) -> CommitteeKind:
    """What sort of body a name speaks of (terms as seen on about 40 municipal sites)."""
    folded = committee_key(name)
    if re.search(r"§\s*17,?\s*stk\.?\s*4|opgaveudvalg|17\.4|17,\s*stk", folded):
        return CommitteeKind.SPECIAL_17_4
    if re.search(r"byråd|kommunalbestyrelse|borgerrepræsentation", folded):
        return CommitteeKind.COUNCIL
    if "magistrat" in folded:
        return CommitteeKind.MAGISTRATE
    if _ADVISORY.search(folded):
        return CommitteeKind.ADVISORY
    if re.search(r"udvalg|plan og teknik|økonomi", folded):
        return CommitteeKind.STANDING
    return CommitteeKind.OTHER
