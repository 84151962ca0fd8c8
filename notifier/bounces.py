"""The bounce mailbox: what came back is told to the database, each report once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.dsn import BounceReport, read_report
from notifier.return_path import ReturnPath
from storage.bounces import record_bounce
from storage.engine import transaction
from storage.keys import fold
from storage.models import AttemptOutcome, Bounce, BounceKind, Message, MessageAttempt, MessageStatus, Recipient

# A report that proves nothing but an address is believed only about somebody we wrote to lately, and only half.
LATELY = timedelta(days=14)


@dataclass
class BounceCount:
    """What a reading found. ``marked``: addresses that get nothing more from now on. ``unknown``: about no mail of
    ours. ``other``: letters that a person should read."""

    hard: int = 0
    soft: int = 0
    delayed: int = 0
    auto_reply: int = 0
    other: int = 0
    unknown: int = 0
    again: int = 0
    marked: int = 0
    problems: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """A line for the operator."""
        said = f"Returmails: {self.hard} fra adresser, der ikke findes, {self.soft} andre afvisninger"
        rest = {
            "forsinket": self.delayed,
            "autosvar": self.auto_reply,
            "til et menneske": self.other,
            "ukendte": self.unknown,
            "læst før": self.again,
        }
        more = "".join(f", {number} {word}" for word, number in rest.items() if number)
        return f"{said}{more}. {self.marked} adresser får ikke flere mails."

    def as_json(self) -> dict[str, int]:
        """The counts."""
        return {name: value for name, value in self.__dict__.items() if isinstance(value, int)}


def take_in(url: str, raw: bytes, return_path: ReturnPath | None, now: datetime, count: BounceCount) -> BounceReport:
    """Reads one mail, records what it says in one transaction, and counts it."""
    report = read_report(raw)
    if report.verdict in {"delayed", "auto_reply", "other"}:
        setattr(count, report.verdict, getattr(count, report.verdict) + 1)
        return report
    with transaction(url) as session:
        about = _message_of(session, report, return_path)
        recipients = [about.recipient] if about else _written_to_lately(session, report.addresses, now)
        if not recipients:
            count.unknown += 1
            return report
        for recipient in recipients:
            _record(session, report, recipient, about, now, count)
    return report


def _record(
    session: Session,
    report: BounceReport,
    recipient: Recipient,
    about: Message | None,
    now: datetime,
    count: BounceCount,
) -> None:
    # Anybody can write a report and put an address into it. Only one that knows the mail can close an address at once.
    hard = report.verdict == "hard" and about is not None
    bounce = Bounce(
        key=f"{report.key}:{recipient.id}",
        recipient_id=recipient.id,
        message_id=about.id if about else None,
        kind=BounceKind.HARD if hard else BounceKind.SOFT,
        status=report.status,
        reason=report.reason,
        at=now,
    )
    before = recipient.bounced
    if not record_bounce(session, bounce, now):
        count.again += 1
        return
    count.hard, count.soft = count.hard + hard, count.soft + (not hard)
    count.marked += recipient.bounced and not before
    if about is not None and about.status is MessageStatus.SENT:
        about.status, about.last_error = MessageStatus.BOUNCED, report.reason
        session.add(
            MessageAttempt(
                message_id=about.id,
                at=now,
                outcome=AttemptOutcome.BOUNCED,
                code=None,
                status=report.status,
                reason=report.reason,
            )
        )


def _message_of(session: Session, report: BounceReport, return_path: ReturnPath | None) -> Message | None:
    """The mail that came back: by its marked return path, else by its Message-ID."""
    for address in report.sent_to if return_path else ():
        number = return_path.message_in(address) if return_path else None
        if number is not None:
            return session.get(Message, number)
    if not report.message_ids:
        return None
    return session.scalar(select(Message).where(Message.message_id.in_(report.message_ids)).limit(1))


def _written_to_lately(session: Session, addresses: Iterable[str], now: datetime) -> list[Recipient]:
    query = (
        select(Recipient)
        .join(Message, Message.recipient_id == Recipient.id)
        .where(Recipient.email_key.in_([fold(one) for one in addresses]), Message.sent_at >= now - LATELY)
        .distinct()
    )
    return list(session.scalars(query))
