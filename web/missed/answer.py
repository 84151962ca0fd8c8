"""The honest answer: what we had of a missed item, what we did with it, and why."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.look_again import look_again
from storage.models import (
    AgendaItem,
    Association,
    Match,
    MatchOrigin,
    Message,
    MessageEntry,
    MessageStatus,
    MissedOutcome,
    PublicationStatus,
    Recipient,
    Source,
    Subscription,
)
from web import dates
from web.missed.look_up import Found

LATE = timedelta(days=2)


@dataclass(frozen=True)
class Answer:
    """What is shown and kept. ``score``: what the matcher gave the item for this association, 0..1."""

    outcome: MissedOutcome
    said: tuple[str, ...]
    score: float | None = None
    item: AgendaItem | None = None
    like: tuple[AgendaItem, ...] = field(default=())


def answer(session: Session, found: Found, subscription: Subscription, now: datetime) -> Answer:
    """Says what became of the item for the reader's association (or, for a consultant, municipality)."""
    if found.item is None:
        return _absent(found, now)
    return _had(session, found.item, subscription)


def _had(session: Session, item: AgendaItem, subscription: Subscription) -> Answer:
    told = _told(session, item, subscription)
    if told:
        return Answer(MissedOutcome.TOLD, told, _score(session, item, subscription), item)
    first = f"Vi havde punktet: vi læste det {dates.long_day(item.first_seen_at)}."
    if item.withdrawn_at is not None:
        gone = f"Men kommunen tog det af dagsordenen {dates.long_day(item.withdrawn_at)}, og så skriver vi ikke om det."
        return Answer(MissedOutcome.WITHDRAWN, (first, gone), None, item)
    if subscription.association is None or subscription.association.profile is None:
        consultant = "Men det kom ikke i ugens oversigt, fordi hverken foreningernes eller vores egne emner passede."
        return Answer(MissedOutcome.NOT_MATCHED, (first, consultant), None, item)
    match = _match(session, item, subscription.association)
    if match is not None:
        outcome, why = _not_mailed(item, match, subscription)
        return Answer(outcome, (first, why), match.score, item)
    verdict = look_again(session, item.newest, subscription.association.profile)
    if verdict.matches:
        fits = "Men da vi læste det, passede jeres emner ikke på det. Det gør de nu."
        return Answer(MissedOutcome.NOT_MATCHED, (first, fits, *verdict.said), verdict.score, item)
    but = "Men vi mente ikke, at det angik jer."
    return Answer(MissedOutcome.NOT_MATCHED, (first, but, *verdict.said), verdict.score, item)


def _told(session: Session, item: AgendaItem, subscription: Subscription) -> tuple[str, ...]:
    """What the association's people were sent of the item; nothing when nobody was."""
    rows = session.execute(
        select(MessageEntry.reasons, Message, Recipient.id)
        .join(Message, Message.id == MessageEntry.message_id)
        .join(Recipient, Recipient.id == Message.recipient_id)
        .where(MessageEntry.revision_id.in_([revision.id for revision in item.revisions]))
        .order_by(Message.id)
    )
    sentences = []
    for reasons, message, recipient_id in rows:
        mine = [kept for kept in reasons if _concerns(kept, subscription)]
        if mine:
            whom = "dig" if recipient_id == subscription.recipient_id else "en anden i foreningen"
            sentences.append(_sent(message, whom, shown=any(kept.get("shown", True) for kept in mine)))
    return tuple(dict.fromkeys(sentences))


def _concerns(kept: dict[str, object], subscription: Subscription) -> bool:
    if subscription.association_id is None:
        return kept.get("subscription_id") == subscription.id
    return kept.get("association_id") == subscription.association_id


def _sent(message: Message, whom: str, *, shown: bool) -> str:
    mail = f"mailen »{message.subject}« til {whom}"
    if message.status is MessageStatus.QUEUED:
        return f"Vi har punktet, og det er med i {mail}, som ikke er sendt endnu."
    if message.status is not MessageStatus.SENT:
        return f"Vi havde punktet i {mail}, men den kunne ikke leveres, så ingen har set det."
    when = dates.long_day(message.sent_at or message.created_at)
    if not shown:
        return f"Vi havde punktet, men i {mail} {when} var det kun talt med, ikke vist."
    return f"Vi havde punktet, og det stod i {mail} {when}. Se efter i mappen med uønsket post."


def _match(session: Session, item: AgendaItem, association: Association) -> Match | None:
    assert association.profile is not None  # noqa: S101 - the caller has looked
    return session.scalar(
        select(Match)
        .where(
            Match.profile_id == association.profile.id,
            Match.current,
            Match.revision_id.in_([revision.id for revision in item.revisions]),
        )
        .order_by(Match.revision_id.desc())
        .limit(1)
    )


def _score(session: Session, item: AgendaItem, subscription: Subscription) -> float | None:
    association = subscription.association
    match = _match(session, item, association) if association and association.profile else None
    return match.score if match else None


def _not_mailed(item: AgendaItem, match: Match, subscription: Subscription) -> tuple[MissedOutcome, str]:
    held, since = item.meeting.starts_at, subscription.hears_from
    if match.revision.backfill or item.newest.backfill:
        return MissedOutcome.NOT_MAILED, "Men det kom fra kommunens arkiv, og gamle sager sender vi ikke ud."
    if match.revision.seen_at >= held:
        return MissedOutcome.NOT_MAILED, "Men vi så det først, da mødet var begyndt, og så er det for sent at skrive."
    if since is not None and held <= since:
        return MissedOutcome.NOT_MAILED, "Men mødet var holdt, før du begyndte at få mails fra os."
    if match.origin is MatchOrigin.VOCABULARY:
        return (
            MissedOutcome.NOT_MAILED,
            "Men vi fandt først ud af, at det angik jer, da vi lærte flere ord. Sådanne fund sender vi ikke bagud.",
        )
    return MissedOutcome.WAITING, "Det er fundet til jer og kommer med i en af de næste mails."


def _absent(found: Found, now: datetime) -> Answer:
    if found.like:
        said = "Vi kunne ikke se med sikkerhed, hvilket punkt du mener. Er det et af dem herunder?"
        return Answer(MissedOutcome.UNCLEAR, (said,), like=found.like)
    if not found.is_address:
        missing = "Vi fandt intet punkt med de ord i jeres kommuner."
        return Answer(MissedOutcome.ABSENT, (missing, "Har du punktets adresse, så send den, så vi kan se efter."))
    if found.source is None:
        return Answer(
            MissedOutcome.ABSENT,
            ("Vi havde det ikke.", "Adressen hører ikke til en af de sider, vi læser. Vi ser på, om den burde."),
        )
    return Answer(MissedOutcome.ABSENT, ("Vi havde det ikke.", *_state(found, found.source, now)))


def _state(found: Found, source: Source, now: datetime) -> tuple[str, ...]:
    """What is known of the source and the paper that it should have stood in."""
    name = source.municipality.name
    paper = found.publication
    if paper is not None and paper.status is PublicationStatus.FAILED:
        return (f"Dagsordenen stod på listen hos {name}, men kunne ikke læses. {paper.error or ''}".strip(),)
    if paper is not None and paper.status is PublicationStatus.LISTED:
        return (f"Dagsordenen står på listen hos {name}, men er ikke læst endnu. Det sker ved næste runde.",)
    if source.last_success_at is None:
        return (f"Vi har endnu ikke kunnet læse {name}. {source.last_error or ''}".strip(),)
    read = f"Vi læste sidst {name} {dates.ago(source.last_success_at)}."
    if now - source.last_success_at > LATE or source.failure_streak:
        return (read, f"Siden giver problemer: {source.last_error or 'vi ved ikke hvorfor'}")
    if paper is not None:
        return (read, "Dagsordenen har vi, men punktet står ikke i den, som vi læste den. Vi ser på hvorfor.")
    return (read, "Punktet var ikke med i det, vi fik. Vi ser på hvorfor.")
