"""Reasons in plain Danish, and why an item did not match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.find import find
from matcher.item import SECTION_NAMES
from matcher.weights import shipped_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.compiled import CompiledProfiles
    from matcher.find import Found
    from matcher.item import ItemText
    from matcher.reasons import Reason

WHERE = {"title": "overskriften", "committee": "udvalgets navn", "case_number": "sagsnummeret"}
VIA = {
    "topic": "Emnet {label}",
    "target_group": "Målgruppen {label}",
    "own_name": "Et navn, foreningen følger",
    "committee": "Udvalgets navn passer til {label}",
    "kle": "Kommunens sagsnummer hører til emnet {label}",
    "law": "Lovhenvisning til {label}",
    "hint": "Ord, der kan handle om {label}",
}
# Sections as a sentence names them, when their heading is the usual one.
DEFINITE = {
    "Resume": "resumeet",
    "Resumé": "resumeet",
    "Beslutningstema": "beslutningstemaet",
    "Indstilling": "indstillingen",
    "Sagsfremstilling": "sagsfremstillingen",
    "Beslutning": "beslutningen",
}


def say_together(reasons: Sequence[Reason]) -> str:
    """One sentence for one concept's words: "Emnet ensomhed: »ensomme« i overskriften, »besøgsven« i resumeet"."""
    opening = VIA[reasons[0].via].format(label=reasons[0].label)
    if reasons[0].via == "kle":
        return f"{opening}: {_one_line(reasons[0].text)}"
    if reasons[0].via == "committee":
        return f"{opening}: {_quoted([_one_line(reason.text) for reason in reasons])}"
    places: dict[str, list[str]] = {}
    for reason in reasons:
        places.setdefault(_where(reason), []).append(_one_line(reason.text).rstrip("-"))
    return f"{opening}: {', '.join(f'{_quoted(words)} i {where}' for where, words in places.items())}"


def _quoted(words: Sequence[str]) -> str:
    """»a«, »b« og »c«, without a word that only repeats part of another."""
    whole = [word for word in words if not any(word != other and word.lower() in other.lower() for other in words)]
    *first, last = [f"»{word}«" for word in whole]
    return f"{', '.join(first)} og {last}" if first else last


def explain(item: ItemText, profiles: CompiledProfiles, profile_id: str) -> list[str]:
    """Why the item matched the profile, or why it did not and what came nearest; one sentence a line."""
    found = next((one for one in find(item, profiles, everything=True) if one.profile_id == profile_id), None)
    if found is None:
        return _nothing(item, profiles, profile_id)
    threshold = shipped_weights().alert
    if found.grade != "below":
        strength = "stærkt" if found.grade == "strong" else "svagt"
        opening = f"Punktet passer {strength} til profilen ({found.score:.2f}; grænsen er {threshold:.2f})."
    else:
        opening = f"Punktet passer ikke: {found.score:.2f} er under grænsen {threshold:.2f}. Nærmest kom:"
    return [opening, *_said(found), *(_of_others(found, profiles) if found.grade == "below" else [])]


def by_concept(reasons: Sequence[Reason]) -> list[list[Reason]]:
    """The reasons grouped by what they speak for, best first; hints last, and only where nothing is sure."""
    groups: dict[tuple[str, str], list[Reason]] = {}
    for reason in reasons:
        groups.setdefault((reason.via, reason.label), []).append(reason)
    sure = {label for via, label in groups if via != "hint"}
    hints_last = sorted(groups.items(), key=lambda entry: entry[0][0] == "hint")
    return [group for (via, label), group in hints_last if via != "hint" or label not in sure]


def _said(found: Found) -> list[str]:
    return [f"{say_together(group)}." for group in by_concept(found.reasons)]


def _of_others(found: Found, profiles: CompiledProfiles) -> list[str]:
    """Whom the item names more plainly than the profile's own people."""
    audience, people = int(found.party.members[0]), found.party.said.evidence.people
    if not profiles.names_people[audience]:
        return []
    wants = profiles.weights[audience]
    mine = wants.get("topic", {}).keys() | wants.get("target_group", {}).keys()
    own = max((strength for node, strength in people.items() if node in mine), default=0.0)
    known = mine | wants.get("kin", {}).keys()
    others = [profiles.nodes[node].label for node, strength in people.items() if node not in known and strength > own]
    return [f"Punktet nævner andre end profilens målgruppe: {', '.join(sorted(others))}."] if others else []


def _nothing(item: ItemText, profiles: CompiledProfiles, profile_id: str) -> list[str]:
    audience = next((a for a in profiles.audiences if profile_id in a.ids), None)
    if audience is None:
        return [f"Der er ingen profil, som hedder {profile_id}."]
    if (
        audience.municipalities
        and not profiles.reaches(item.municipality, item.municipality_code)[profiles.audiences.index(audience)]
    ):
        return [f"Punktet passer ikke: profilen følger ikke {item.municipality or 'denne kommune'}."]
    if audience.committees and not any(c.casefold() in item.committee.casefold() for c in audience.committees):
        return [f"Punktet passer ikke: profilen følger ikke {item.committee or 'dette udvalg'}."]
    if audience.excludes:
        return ["Punktet passer ikke: ingen af profilens ord står i det, eller et fravalgt ord står i det."]
    return ["Punktet passer ikke: ingen af profilens ord, emner eller målgrupper står i det."]


def _where(reason: Reason) -> str:
    if reason.section_kind in WHERE:
        return WHERE[reason.section_kind]
    if reason.section_kind == "attachment":
        return "titlen på et bilag"
    if reason.section_kind.startswith("page"):
        return f"bilag {reason.section_name}"
    if reason.section_name == SECTION_NAMES["other"]:
        return "teksten"
    return DEFINITE.get(reason.section_name, f"afsnittet {reason.section_name}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
