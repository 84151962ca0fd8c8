"""The signed links in mails: each opens one thing for one person, without a login.

A token names rows by id and carries a fingerprint of the address, so that a link never opens a stranger's
row, even if a database hands out an erased row's id again. Every purpose has its own salt: an unsubscribe
link cannot be turned into a preferences link. Pages open tokens with the ``open_…`` methods; a GET may
open one, but must change nothing (mail scanners follow links).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from storage.models import AgendaItem, Association, Recipient, Subscription
from storage.subscription_life import CONFIRM_FOR

Problem = Literal["invalid", "expired", "gone"]


class BadLink(Exception):
    """A link that opens nothing. ``problem``: ``invalid`` (not ours), ``expired``, or ``gone`` (its row was erased)."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


@dataclass(frozen=True)
class UnsubscribeLink:
    """Whom an unsubscribe link speaks for; ``subscriptions`` are those of the mail it stood in, never none."""

    recipient: Recipient
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True)
class FeedbackLink:
    """Who judges which item for which association."""

    recipient: Recipient
    association: Association
    item: AgendaItem


@dataclass(frozen=True)
class DeadlineLink:
    """Who is reminded of which deadline for which associations."""

    recipient: Recipient
    associations: tuple[Association, ...]
    item: AgendaItem
    due_on: date


class Links:
    """Makes and opens links under ``base_url``, signed with ``key``."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key

    def page(self, path: str, **query: str | int) -> str:
        """An address of a public page, such as ``page("/sager", kommune=751)``."""
        return f"{self.base_url}{path}" + (f"?{urlencode(query)}" if query else "")

    def confirm(self, subscription: Subscription) -> str:
        """Where a pending subscription is confirmed; valid for ``CONFIRM_FOR``."""
        token = self._timed("confirm").dumps([subscription.id, self._mark(subscription.recipient)])
        return self.page(f"/bekraeft/{_text(token)}")

    def unsubscribe(self, recipient: Recipient, subscriptions: Sequence[Subscription]) -> str:
        """The page that ends subscriptions. Never expires."""
        return self.page(f"/afmeld/{self._unsubscribe_token(recipient, subscriptions)}")

    def one_click(self, recipient: Recipient, subscriptions: Sequence[Subscription]) -> str:
        """The address that a mail program POSTs ``List-Unsubscribe=One-Click`` to (RFC 8058). Never expires."""
        return self.page(f"/afmeld-et-klik/{self._unsubscribe_token(recipient, subscriptions)}")

    def preferences(self, recipient: Recipient) -> str:
        """A recipient's own page. Never expires."""
        return self.page(f"/indstillinger/{_text(self._plain('preferences').dumps(self._who(recipient)))}")

    def feedback(self, recipient: Recipient, association_id: int, item_id: int, *, relevant: bool) -> str:
        """The page that asks whether an item was relevant, with one answer chosen beforehand."""
        token = self._plain("feedback").dumps([*self._who(recipient), association_id, item_id])
        return self.page(f"/svar/{_text(token)}", svar="relevant" if relevant else "ikke-relevant")

    def deadline(self, recipient: Recipient, association_ids: Sequence[int], item_id: int, due_on: date) -> str:
        """The page that asks whether reminders of a deadline shall end."""
        content = [*self._who(recipient), sorted(association_ids), item_id, due_on.isoformat()]
        return self.page(f"/frist/{_text(self._plain('deadline').dumps(content))}")

    def missed(self, subscription: Subscription) -> str:
        """Where a reader tells of an item that we missed. Never expires."""
        token = self._plain("missed").dumps([*self._who(subscription.recipient), subscription.id])
        return self.page(f"/overset/{_text(token)}")

    def open_confirm(self, session: Session, token: str) -> Subscription:
        """The subscription to confirm, whatever its status is by now. Raises ``BadLink``."""
        subscription_id, mark = self._read(self._timed("confirm"), token, int, str)
        subscription = session.get(Subscription, subscription_id)
        if subscription is None or self._mark(subscription.recipient) != mark:
            raise BadLink("gone")
        return subscription

    def open_unsubscribe(self, session: Session, token: str) -> UnsubscribeLink:
        """Opens the token of both unsubscribe addresses. Raises ``BadLink``."""
        recipient_id, mark, ids = self._read(self._plain("unsubscribe"), token, int, str, list)
        recipient = self._recipient(session, recipient_id, mark)
        found = session.scalars(
            select(Subscription).where(Subscription.recipient_id == recipient.id, Subscription.id.in_(ids))
        ).all()
        if not found:
            raise BadLink("gone")
        return UnsubscribeLink(recipient, tuple(found))

    def open_preferences(self, session: Session, token: str) -> Recipient:
        """Whose page it is. Raises ``BadLink``."""
        recipient_id, mark = self._read(self._plain("preferences"), token, int, str)
        return self._recipient(session, recipient_id, mark)

    def open_missed(self, session: Session, token: str) -> Subscription:
        """For which of a reader's subscriptions something was missed. Raises ``BadLink``."""
        recipient_id, mark, subscription_id = self._read(self._plain("missed"), token, int, str, int)
        recipient, subscription = (
            self._recipient(session, recipient_id, mark),
            session.get(Subscription, subscription_id),
        )
        if subscription is None or subscription.recipient_id != recipient.id:
            raise BadLink("gone")
        return subscription

    def open_feedback(self, session: Session, token: str) -> FeedbackLink:
        """What is judged. Raises ``BadLink``."""
        parts = self._read(self._plain("feedback"), token, int, str, int, int)
        recipient_id, mark, association_id, item_id = parts
        recipient = self._recipient(session, recipient_id, mark)
        association, item = session.get(Association, association_id), session.get(AgendaItem, item_id)
        if association is None or item is None:
            raise BadLink("gone")
        return FeedbackLink(recipient, association, item)

    def open_deadline(self, session: Session, token: str) -> DeadlineLink:
        """Which deadline it is about. Raises ``BadLink``."""
        parts = self._read(self._plain("deadline"), token, int, str, list, int, str)
        recipient_id, mark, association_ids, item_id, due_on = parts
        recipient, item = self._recipient(session, recipient_id, mark), session.get(AgendaItem, item_id)
        found = session.scalars(select(Association).where(Association.id.in_(association_ids)).order_by(Association.id))
        associations = tuple(found)
        if item is None or not associations:
            raise BadLink("gone")
        return DeadlineLink(recipient, associations, item, date.fromisoformat(due_on))

    def _unsubscribe_token(self, recipient: Recipient, subscriptions: Sequence[Subscription]) -> str:
        ids = sorted(subscription.id for subscription in subscriptions)
        return _text(self._plain("unsubscribe").dumps([*self._who(recipient), ids]))

    def _recipient(self, session: Session, recipient_id: int, mark: str) -> Recipient:
        recipient = session.get(Recipient, recipient_id)
        if recipient is None or self._mark(recipient) != mark:
            raise BadLink("gone")
        return recipient

    def _who(self, recipient: Recipient) -> list[Any]:
        return [recipient.id, self._mark(recipient)]

    def _mark(self, recipient: Recipient) -> str:
        # Keyed, so that a link found in a log does not let anybody test addresses against it.
        return hashlib.blake2s(recipient.email_key.encode(), key=_short(self._key), digest_size=6).hexdigest()

    def _plain(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=f"dagsordenvagt.{purpose}")

    def _timed(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt=f"dagsordenvagt.{purpose}")

    def _read(self, serializer: URLSafeSerializer | URLSafeTimedSerializer, token: str, *types: type) -> list[Any]:
        try:
            if isinstance(serializer, URLSafeTimedSerializer):
                content = serializer.loads(token, max_age=int(CONFIRM_FOR.total_seconds()))
            else:
                content = serializer.loads(token)
        except SignatureExpired as error:
            raise BadLink("expired") from error
        except BadData as error:
            raise BadLink("invalid") from error
        if not isinstance(content, list) or [type(part) for part in content] != list(types):
            raise BadLink("invalid")
        return content


def links_for(settings: Settings) -> Links:
    """The links of this installation. Raises ``OSError`` when no key is set and none can be kept in the data folder."""
    return Links(settings.base_url, settings.signing_key())


def confirm_until(sent: datetime) -> datetime:
    """When a confirmation link composed at ``sent`` stops working."""
    return sent + CONFIRM_FOR


def _short(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode()
