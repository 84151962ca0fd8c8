"""What a reader can still do about an item, by where it stands."""

from dataclasses import dataclass
from datetime import datetime

from config.clock import local
from notifier.words import day, distance, one_line
from storage.models import CommitteeKind, Meeting


@dataclass(frozen=True)
class Wording:
    """The same advice to an association, or to a consultant who passes it on."""

    influence: str
    when_decided: str
    if_gone: str


TO_ASSOCIATION = Wording(
    influence="Vil I have indflydelse, så skriv eller ring inden da til",
    when_decided="I får besked her, når beslutningen er offentliggjort.",
    if_gone="Spørg kommunen, hvis I vil vide, om det kommer på igen.",
)
TO_CONSULTANT = Wording(
    influence="Vil foreningerne have indflydelse, skal de skrive eller ringe inden da til",
    when_decided="Du får besked her, når beslutningen er offentliggjort.",
    if_gone="Spørg kommunen, hvis du vil vide, om det kommer på igen.",
)


def to_do(meeting: Meeting, now: datetime, *, gone: bool, decided: bool, words: Wording) -> tuple[str, ...]:
    """Sentences of advice: for an item off the agenda, a decided one, one ahead, one held and not decided yet."""
    committee, at = one_line(meeting.committee.name), distance(meeting.starts_at, now)
    if gone and meeting.withdrawn_at is not None:
        by = day(meeting.starts_at, local(now).date())
        return (
            f"Kommunen viser ikke længere mødet i {committee} {by}. Det kan være aflyst eller flyttet.",
            words.if_gone,
        )
    if gone:
        return (f"Punktet bliver ikke behandlet på mødet. {words.if_gone}",)
    if decided:
        return (_after_decision(meeting), f"Spørg {committee} eller forvaltningen, hvad der nu skal ske.")
    if meeting.starts_at > now or (not meeting.time_known and at == "i dag"):
        by = day(meeting.starts_at, local(now).date())
        whom = f"et medlem af {committee} eller den forvaltning, der har skrevet sagen"
        return (f"Mødet holdes {at}, {by}. {words.influence} {whom}.",)
    return (f"Mødet var {at}. {words.when_decided}",)


def _after_decision(meeting: Meeting) -> str:
    if meeting.committee.kind is CommitteeKind.COUNCIL:
        return (
            "Det er kommunens øverste politiske organ, der har behandlet sagen, så beslutningen er som regel endelig."
        )
    return "Skal sagen videre til et andet udvalg eller byrådet, er der stadig tid til at blive hørt."
