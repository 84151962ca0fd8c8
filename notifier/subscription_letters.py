"""Builds the letters about a subscription itself: please confirm, you are on already, the association has closed."""

from datetime import datetime
from typing import Any

from config.clock import local
from notifier.letters import frame
from notifier.links import confirm_until
from notifier.message import Letter, Sender
from notifier.render import render
from notifier.words import day, one_line
from storage.models import MessageKind, Role, Subscription, SubscriptionStatus


def confirm_letter(subscription: Subscription, sender: Sender, now: datetime) -> Letter:
    """The mail that asks: the only one that a pending subscription gets."""
    pending = subscription.status is SubscriptionStatus.PENDING
    return _letter(
        MessageKind.CONFIRM if pending else MessageKind.NOTICE,
        "confirm",
        subscription,
        sender,
        subscription.asked_at or subscription.created_at,
        preheader="Et klik, så er du med. Før det sender vi dig ikke andet." if pending else "Vil du tage over?",
        asked=_asked(subscription),
        gets=_gets(subscription),
        confirm_url=sender.links.confirm(subscription),
        until=day(confirm_until(now), local(now).date()),
        pending=pending,
        because=_written_up(subscription)
        if pending
        else f"Du får mailen, fordi du er stedfortræder for {_name(subscription)} hos Dagsordenvagt.",
    )


def known_letter(subscription: Subscription, sender: Sender, now: datetime) -> Letter:
    """For somebody who asked for mails that they get already, or that are paused."""
    return _letter(
        MessageKind.NOTICE,
        "known",
        subscription,
        sender,
        subscription.asked_at or now,
        preheader="Du skal ikke gøre noget.",
        what=_about(subscription),
        paused=subscription.status is SubscriptionStatus.PAUSED,
        because="Du får mailen, fordi nogen, forhåbentlig dig selv, har skrevet din adresse i vores formular.",
    )


def closed_letter(subscription: Subscription, closed_at: datetime, sender: Sender) -> Letter:
    """The last mail to the people of an association that has closed."""
    return _letter(
        MessageKind.NOTICE,
        "closed",
        subscription,
        sender,
        closed_at,
        preheader="Dagsordenvagt skriver ikke flere mails for foreningen.",
        association=_name(subscription),
        because=f"Du får mailen, fordi du har fået mails for {_name(subscription)} hos Dagsordenvagt.",
    )


def _letter(
    kind: MessageKind, folder: str, subscription: Subscription, sender: Sender, moment: datetime, **words: Any
) -> Letter:
    recipient = subscription.recipient
    rendered = render(folder, **frame(recipient, (subscription,), sender), **words)
    # An erased subscription's id may be handed out again: the moment that caused the mail makes the key its own.
    key = f"{folder}:{subscription.id}:{int(moment.timestamp() * 1000)}"
    return Letter(kind, key, recipient, (subscription,), rendered)


def _name(subscription: Subscription) -> str:
    return one_line(subscription.association.name) if subscription.association else ""


def _asked(subscription: Subscription) -> str:
    if subscription.takes_over and subscription.replaces is not None:
        who = one_line(subscription.replaces.recipient.name, 80) or "Den, der holder øje nu,"
        return f"{who} har bedt dig overtage vagten for {_name(subscription)} hos Dagsordenvagt."
    if subscription.role is Role.DEPUTY:
        return f"Du er foreslået som stedfortræder for {_name(subscription)} hos Dagsordenvagt."
    return f"Nogen, forhåbentlig dig selv, har bedt om, at du får mail fra Dagsordenvagt {_about(subscription)}."


def _written_up(subscription: Subscription) -> str:
    once = "kun denne ene mail, fordi" if subscription.invited_at is None else "mailen, fordi"
    return f"Du får {once} din adresse er skrevet op hos Dagsordenvagt."


def _about(subscription: Subscription) -> str:
    if subscription.role is Role.CONSULTANT and subscription.municipality is not None:
        return f"om civilsamfundet i {one_line(subscription.municipality.name)} Kommune"
    if subscription.association is None:
        return "om kommunens sager"
    return f"om sager, der kan betyde noget for {one_line(subscription.association.name)}"


def _gets(subscription: Subscription) -> str:
    if subscription.role is Role.CONSULTANT:
        return (
            "Dagsordenvagt læser kommunens dagsordener og referater. Har du bekræftet, får du hver uge et overblik over"
            " sagerne om civilsamfundet, og hvad foreningerne har fået at vide."
        )
    if subscription.role is Role.DEPUTY:
        return (
            "Dagsordenvagt læser kommunernes dagsordener og referater. Som stedfortræder får du foreningens mails, når"
            " de faste modtagere holder pause eller ikke kan få mail, og ellers ingenting."
        )
    return (
        "Dagsordenvagt læser kommunernes dagsordener og referater. Har du bekræftet, får du mail, når der kommer noget"
        " på, som betyder noget for jer: hvad det handler om, hvem der beslutter, hvornår, og hvad I kan gøre."
    )
