"""What the check of a site found, in Danish."""

from config.clock import local
from storage.models import SourceProbe

# Names under which the operator knows the publishing systems (docs/glossary.md); others go by their adapter's name.
SYSTEMS = {
    "firstagenda": "FirstAgenda",
    "aabendagsorden": "Åben Dagsorden",
    "meetingsplus": "Meetings+",
    "kk_jsonapi": "Københavns eget system",
    "aalborg": "Aalborgs eget system",
    "frederikssund": "Frederikssunds eget system",
    "hedensted": "Hedensteds eget system",
    "rksk": "Ringkøbing-Skjerns eget system",
    "ishoj": "Ishøjs eget system",
}


def system_name(platform: str) -> str:
    """A publishing system as people call it."""
    return SYSTEMS.get(platform, platform)


def probe_said(probe: SourceProbe) -> str:
    """One or two sentences: what the site seems to be, and what to do about it.

    When there is a proposal, the lines for the catalogue are to follow.
    """
    when = f"Undersøgt {local(probe.checked_at):%d-%m-%Y}: "
    if probe.proposal:
        system = f"{system_name(probe.platform)} ({probe.url})"
        return f"{when}siden ser nu ud til at bruge {system}. Ret linjen i kataloget til:"
    if probe.platform:
        return f"{when}siden bruger stadig {system_name(probe.platform)} på samme adresse, så den er ikke flyttet."
    return f"{when}vi kunne ikke se, hvilket system siden bruger. {probe.reason}".rstrip()
