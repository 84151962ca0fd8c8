"""What a reader's own page can do, for one form each."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from config.clock import local
from config.profile_file import Contact
from storage import subscription_life as life
from storage.bounces import trust_again
from storage.models import Frequency, Recipient, Role, Subscription
from storage.sign_up import invite
from web import subscriptions
from web.params import LARGEST_ID, clean, holds_link, read_day
from web.profile_form import is_address

# Digests may come while the notifier is awake (config/schedule.toml).
HOURS = range(7, 21)
ANSWERS = frozenset({"svar-fra", "svar-til", "svar-alle-fra"})
INVITING = {"stedfortraeder": Role.DEPUTY, "overdrag": Role.WATCHER}
FINE = ""


class Choice(BaseModel):
    """A posted form. ``tilmelding`` is the id of one of the reader's own subscriptions.

    For ``fjern`` it is that of another person of an association in which the reader is a watcher. ``sag``: the id of an
    item that the association has answered about.
    """

    handling: str
    tilmelding: int = Field(default=0, ge=0, le=LARGEST_ID)
    hyppighed: str = ""
    ugedag: int = Field(default=-1, ge=-1, le=6)
    time: int = Field(default=-1, ge=-1, le=HOURS.stop - 1)
    laengde: str = ""
    navn: str = ""
    email: str = ""
    dag: str = ""
    sag: int = Field(default=0, ge=0, le=LARGEST_ID)


def act(session: Session, recipient: Recipient, choice: Choice, now: datetime) -> str | None:
    """Does it: ``FINE``, the name of a problem, or None when the subscription is not the reader's to change."""
    match choice.handling:
        case "navn" if holds_link(choice.navn):
            return "navnefejl"
        case "navn":
            subscriptions.rename(recipient, choice.navn)
            return FINE
        case "adresse":
            trust_again(recipient, now)
            return FINE
        case "afmeld-alt":
            for each in recipient.subscriptions:
                life.unsubscribe(each, now)
            return FINE
    one = session.get(Subscription, choice.tilmelding)
    if one is None or not _may_change(recipient, one, choice.handling):
        return None
    return _act_on(session, one, choice, now)


def watches(recipient: Recipient, association_id: int | None) -> bool:
    """True for a watcher of the association, who may say what it wants to hear of and who else listens."""
    return association_id is not None and any(
        one.association_id == association_id and one.role is Role.WATCHER and one.status in life.LIVING
        for one in recipient.subscriptions
    )


def _may_change(recipient: Recipient, one: Subscription, handling: str) -> bool:
    if handling == "fjern":
        return one.recipient_id != recipient.id and watches(recipient, one.association_id)
    if handling in INVITING or handling in ANSWERS:
        return one.recipient_id == recipient.id and watches(recipient, one.association_id)
    return one.recipient_id == recipient.id


def _act_on(session: Session, one: Subscription, choice: Choice, now: datetime) -> str:
    closed = one.association is not None and one.association.closed_at is not None
    match choice.handling:
        case "gem":
            subscriptions.set_frequency(one, Frequency(choice.hyppighed))
            subscriptions.set_digest(one, choice.ugedag, choice.time, choice.laengde)
        case "pause":
            return _pause(session, one, choice.dag, now)
        case "genoptag":
            life.resume(one, now)
        case "tilmeld" if closed:
            return "lukket"
        case "tilmeld":
            life.confirm(one, now)
        case "svar-fra" | "svar-til" | "svar-alle-fra" as answers if one.association_id is not None:
            item = None if answers == "svar-alle-fra" else choice.sag
            subscriptions.set_aside(session, one.association_id, item, None if answers == "svar-til" else now)
        case "stedfortraeder" | "overdrag":
            return _invite(session, one, choice, now)
        case "fjern" if one.confirmed_at is None:
            # Who has not answered yet has not said no: nothing may keep a later invitation from reaching them.
            session.delete(one)
        case _:
            life.unsubscribe(one, now)
    return FINE


def _pause(session: Session, one: Subscription, text: str, now: datetime) -> str:
    day = read_day(text)
    today = local(now).date()
    if text.strip() and (day is None or not today < day <= today + life.LONGEST_PAUSE):
        return "dag"
    life.pause(session, one, day)
    return FINE


def _invite(session: Session, one: Subscription, choice: Choice, now: datetime) -> str:
    email = choice.email.strip()
    if not is_address(email):
        return "adressefejl"
    if holds_link(choice.navn):
        return "navnefejl"
    contact = Contact(name=clean(choice.navn), email=email)
    return FINE if invite(session, one, contact, INVITING[choice.handling], now) else "egen"
