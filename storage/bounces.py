"""What a refused address means: when it is left alone, and when it is trusted again."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Bounce, BounceKind, Recipient, Role, SubscriptionStatus

SOFT_AT_MOST = 5
SOFT_WITHIN = timedelta(days=30)


def record_bounce(session: Session, bounce: Bounce, now: datetime) -> bool:
    """Keeps a bounce and draws the conclusion; False when this very report was counted before.

    A hard bounce, or the fifth soft one in 30 days, marks the address: it gets nothing more until ``trust_again``.
    """
    if session.scalar(select(Bounce.id).where(Bounce.key == bounce.key)) is not None:
        return False
    session.add(bounce)
    session.flush()
    recipient = session.get_one(Recipient, bounce.recipient_id)
    if recipient.bounced or (recipient.trusted_since is not None and bounce.at < recipient.trusted_since):
        return True
    if bounce.kind is BounceKind.HARD:
        _mark(recipient, bounce.reason, now)
    elif _soft_bounces(session, recipient, now) >= SOFT_AT_MOST:
        _mark(recipient, f"{SOFT_AT_MOST} mails på {SOFT_WITHIN.days} dage kom retur. Senest: {bounce.reason}", now)
    return True


def trust_again(recipient: Recipient, now: datetime) -> None:
    """Somebody says that the address works: mails are sent to it again, and what bounced before counts no more.

    It is as after a pause: what still lies ahead comes in one mail, what was held in the meantime does not.
    """
    if recipient.bounced:
        for one in recipient.subscriptions:
            if one.status is SubscriptionStatus.CONFIRMED:
                one.confirmed_at = now
                one.returned_at = now if one.role is Role.WATCHER else None
    recipient.bounced, recipient.bounced_at, recipient.bounce_reason = False, None, None
    recipient.trusted_since = now


def _mark(recipient: Recipient, reason: str, now: datetime) -> None:
    recipient.bounced, recipient.bounced_at, recipient.bounce_reason = True, now, reason


def _soft_bounces(session: Session, recipient: Recipient, now: datetime) -> int:
    since = max(now - SOFT_WITHIN, recipient.trusted_since or now - SOFT_WITHIN)
    query = select(func.count(Bounce.id)).where(
        Bounce.recipient_id == recipient.id, Bounce.kind == BounceKind.SOFT, Bounce.at >= since
    )
    return session.scalar(query) or 0
