"""Items that are about the meeting itself, and items that hold many matters at once.

Routine items say nothing to an association unless real news hides in them: an agenda's approval may postpone an
item, and "Gensidig orientering" holds many matters in one text (seen on most municipal sites).
"""

from __future__ import annotations

import re
from typing import Final, Literal

ItemKind = Literal["matter", "mixed", "routine"]

_ROUTINE: Final = re.compile(
    r"^(?:godkendelse|godkendt|tilføjelser?|ændringer?|bemærkninger?) (?:af|til)"
    r" .{0,30}(?:dagsorden|referat|mødeplan|protokol)"
    r"|^(?:godkendelse|underskrift\w*|underskrivelse|dagsorden|eventuelt|evt\.?|spørgetid\w*|spørgsmål fra borgerne"
    r"|mødeplan\w*|næste møde\w*|kommende møde\w*|velkomst\w*|velkommen\w*|fravær\w*|afbud\w*"
    r"|lukkede? (?:punkt\w*|sag\w*)|referat|protokol\w*|mødeevaluering|evaluering af mødet"
    r"|(?:punkter|emner|idéer|ideer) til (?:næste|kommende|fremtidige|nye) \w+|træffetid|pause|konstituering\w*"
    r"|(?:meddelelse om|indkaldelse af) (?:stedfortræd\w+|suppleant\w*))(?:$|[ .:,(–-])",
    re.IGNORECASE,
)
_MIXED: Final = re.compile(
    r"^(?:[^a-zæøå]*)(?:\w+ ){0,2}?(?:meddelelser?|orientering(?:er|spunkter)?|siden sidst|gensidig\w*|runden"
    r"|bordet rundt|sager på vej|kort nyt|status|opfølgning|aktuelt|drøftelsespunkter|informationer|udveksling)\b"
    r"(?! (?:om|af|på|vedr\w*|vedrørende|for)\b)",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"^(?:\d+[.:)]?\s*)?(?:(?:åben|åbent|lukket|punkt|sag)\s*[:–-]\s*)?", re.IGNORECASE)


def item_kind(title: str) -> ItemKind:
    """What the title alone tells about an item."""
    bare = _PREFIX.sub("", title.strip())
    if _ROUTINE.search(bare):
        return "routine"
    names_one_matter = ":" in bare and len(bare.partition(":")[2].split()) > 1
    return "mixed" if _MIXED.search(bare) and not names_one_matter else "matter"
