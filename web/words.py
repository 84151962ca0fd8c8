"""What our words for states and kinds are called on the pages."""

from collections.abc import Sequence

from storage.models import (
    AttemptOutcome,
    CommitteeKind,
    CrawlOutcome,
    Frequency,
    Grade,
    MessageKind,
    MessageStatus,
    MissedOutcome,
    PublicationStatus,
    Role,
    SectionKind,
    SourceState,
    Stage,
    SubscriptionStatus,
    Verdict,
)
from storage.source_report import STATE_WORDS

STAGE = {Stage.AGENDA: "Dagsorden", Stage.SUPPLEMENTARY: "Tillægsdagsorden", Stage.MINUTES: "Referat"}
PUBLICATION = {
    PublicationStatus.LISTED: "Ikke læst endnu",
    PublicationStatus.STORED: "Læst",
    PublicationStatus.FAILED: "Kunne ikke læses",
    PublicationStatus.SUPERSEDED: "Afløst af en nyere",
    PublicationStatus.WITHDRAWN: "Trukket tilbage",
}
SECTION = {
    SectionKind.SUMMARY: "Resumé",
    SectionKind.QUESTION: "Beslutningstema",
    SectionKind.RECOMMENDATION: "Indstilling",
    SectionKind.PRESENTATION: "Sagsfremstilling",
    SectionKind.ECONOMY: "Økonomi",
    SectionKind.HEARING: "Høring",
    SectionKind.DECISION: "Beslutning",
    SectionKind.OTHER: "Øvrigt",
}
COMMITTEE = {
    CommitteeKind.COUNCIL: "Kommunalbestyrelse eller byråd",
    CommitteeKind.STANDING: "Stående udvalg",
    CommitteeKind.SPECIAL_17_4: "§ 17, stk. 4-udvalg",
    CommitteeKind.ADVISORY: "Rådgivende råd",
    CommitteeKind.MAGISTRATE: "Magistrat",
    CommitteeKind.OTHER: "Andet",
}
CHANGE = {
    "published": "Offentliggjort",
    "text": "Teksten er ændret",
    "title": "Overskriften er ændret",
    "attachment_added": "Nyt bilag",
    "attachment_changed": "Bilag udskiftet",
    "attachment_removed": "Bilag fjernet",
    "decision": "Beslutningen er kommet",
    "moved": "Flyttet til et andet møde",
    "withdrawn": "Taget af dagsordenen",
}
GRADE = {Grade.STRONG: "Sikkert fund", Grade.WEAK: "Muligt fund"}
FREQUENCY = {
    Frequency.IMMEDIATE: "Med det samme",
    Frequency.DAILY: "Samlet én gang om dagen",
    Frequency.WEEKLY: "Samlet én gang om ugen",
}
SUBSCRIPTION = {
    SubscriptionStatus.PENDING: "Venter på bekræftelse",
    SubscriptionStatus.EXPIRED: "Ikke bekræftet i tide",
    SubscriptionStatus.CONFIRMED: "Aktiv",
    SubscriptionStatus.PAUSED: "På pause",
    SubscriptionStatus.UNSUBSCRIBED: "Afmeldt",
}
ROLE = {Role.WATCHER: "Foreningens kontakt", Role.DEPUTY: "Stedfortræder", Role.CONSULTANT: "Frivilligkonsulent"}
MAIL_KIND = {
    MessageKind.CONFIRM: "Bekræftelse",
    MessageKind.IMMEDIATE: "Besked med det samme",
    MessageKind.DAILY: "Daglig oversigt",
    MessageKind.WEEKLY: "Ugens oversigt",
    MessageKind.REMINDER: "Påmindelse om frist",
    MessageKind.CATCH_UP: "Efter en pause",
    MessageKind.FORWARD: "Sendt videre",
    MessageKind.NOTICE: "Om tilmeldingen",
    MessageKind.CONSULTANT_WEEKLY: "Konsulentens uge",
    MessageKind.OPERATOR: "Til driften",
}
MAIL_STATUS = {
    MessageStatus.QUEUED: "Venter",
    MessageStatus.SENT: "Sendt",
    MessageStatus.BOUNCED: "Kom retur",
    MessageStatus.DEAD: "Opgivet",
    MessageStatus.HELD: "Holdt tilbage",
}
OWN_MAIL = {
    MessageStatus.QUEUED: "På vej",
    MessageStatus.SENT: "Sendt",
    MessageStatus.BOUNCED: "Kom retur til os",
    MessageStatus.DEAD: "Ikke leveret",
    MessageStatus.HELD: "Ikke sendt",
}
MAIL_BADGE = {
    MessageStatus.QUEUED: "warn",
    MessageStatus.SENT: "good",
    MessageStatus.BOUNCED: "bad",
    MessageStatus.DEAD: "bad",
    MessageStatus.HELD: "quiet",
}
MAIL_EVENT = {
    AttemptOutcome.SENT: "Sendt",
    AttemptOutcome.LATER: "Prøves igen",
    AttemptOutcome.DEAD: "Opgivet",
    AttemptOutcome.HELD: "Holdt tilbage",
    AttemptOutcome.BOUNCED: "Kom retur",
    AttemptOutcome.ASKED_AGAIN: "Sat i kø igen af driften",
    AttemptOutcome.TOLD_ANEW: "Fortælles igen",
}
OUTCOME = {
    CrawlOutcome.RUNNING: "I gang",
    CrawlOutcome.OK: "Læst",
    CrawlOutcome.PARTIAL: "Delvist læst",
    CrawlOutcome.EMPTY: "Tom liste",
    CrawlOutcome.FAILED: "Fejlede",
    CrawlOutcome.BLOCKED: "Afvist af siden",
    CrawlOutcome.UNSUPPORTED: "Kan ikke læses endnu",
}
# (what it is called, the badge's colour)
_STATE_COLOURS = {
    SourceState.FAILING: "bad",
    SourceState.EMPTY: "bad",
    SourceState.BLOCKED: "bad",
    SourceState.LATE: "warn",
    SourceState.HEALTHY: "good",
}
SOURCE_STATE = {state: (one.capitalize(), _STATE_COLOURS.get(state, "")) for state, (one, _) in STATE_WORDS.items()}
VERDICT = {Verdict.RELEVANT: "Relevant", Verdict.NOT_RELEVANT: "Ikke relevant"}


MISSED = {
    MissedOutcome.TOLD: "Var sendt",
    MissedOutcome.WAITING: "Er på vej",
    MissedOutcome.NOT_MAILED: "Fundet, men ikke sendt",
    MissedOutcome.NOT_MATCHED: "Passede ikke",
    MissedOutcome.WITHDRAWN: "Taget af dagsordenen",
    MissedOutcome.ABSENT: "Havde vi ikke",
    MissedOutcome.UNCLEAR: "Uklart hvilket punkt",
}


def changes_said(changes: Sequence[str], *, material: bool) -> str:
    """What a revision changed, as a phrase: ``Nyt bilag, teksten er ændret``."""
    words = [CHANGE.get(word, word) for word in changes]
    if not words:
        return "Rettelser i opsætningen" if not material else "Ændret"
    first, *rest = words
    return ", ".join([first, *(word[0].lower() + word[1:] for word in rest)])


def number_said(number: int) -> str:
    """``12.345``: thousands with a full stop."""
    return f"{number:,}".replace(",", ".")
