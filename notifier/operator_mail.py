"""Queues the operator's mails: each alarm and its mark in one transaction, so that none is lost or doubled."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.profile_file import Contact
from notifier.alarms import take_turns
from notifier.desk import Desk
from notifier.message import Letter
from notifier.operator_letters import Week, alarm_letter, weekly_key, weekly_letter
from notifier.outbox import already_queued
from notifier.slots import this_week, weekly_slot
from storage.models import (
    CrawlOutcome,
    CrawlRun,
    Message,
    MessageKind,
    MessageStatus,
    MissedReport,
    Recipient,
    Subscription,
    UnmadeMail,
)
from storage.save_association import save_recipient
from storage.source_report import last_sweep, one_cause, source_reports
from storage.subscription_life import LIVING

WEEK = timedelta(days=7)


def alarms(desk: Desk, session: Session) -> Sequence[Letter]:
    """The mail about sources that turned ill or well since the last one, to each of the operator's addresses.

    Without an address the turns are noted all the same: what is still wrong when one is set is told then.
    """
    turns = take_turns(session, desk.now)
    people = _operators(desk, session)
    if not turns or not people:
        return ()
    letters = [alarm_letter(one, turns, desk.sender, desk.now) for one in people]
    turns.told(desk.now)
    return letters


def weekly(desk: Desk, session: Session, *, force: bool) -> Sequence[Letter]:
    """Monday's mail, once for each address; none for a Monday before the address was set."""
    slot = this_week(desk.now) if force else weekly_slot(desk.now)
    due = [
        one
        for one in _operators(desk, session)
        if (force or one.created_at < slot.due_at) and not already_queued(session, weekly_key(one, slot))
    ]
    if not due:
        return ()
    reports = source_reports(session, desk.now)
    cause = one_cause(reports, last_sweep(session), desk.now)
    week = _week(session, desk)
    return [weekly_letter(one, reports, cause, week, slot, desk.sender) for one in due]


def _operators(desk: Desk, session: Session) -> list[Recipient]:
    people = [save_recipient(session, Contact(name="", email=address), desk.now) for address in desk.operators]
    gone = sum(one.bounced for one in people)
    if gone:
        desk.report.problems.append(
            f"{gone} af adresserne i DAGSORDENVAGT_OPERATOR_EMAIL tager ikke imod mail: ret indstillingen."
        )
    return [one for one in people if not one.bounced]


def _week(session: Session, desk: Desk) -> Week:
    row = session.execute(
        select(func.count(), func.sum(CrawlRun.requests), func.sum(CrawlRun.fetched), func.sum(CrawlRun.failed)).where(
            CrawlRun.started_at >= desk.now - WEEK, CrawlRun.outcome != CrawlOutcome.RUNNING
        )
    ).one()
    return Week(*(int(one or 0) for one in row), **_mails(session, desk))


def _mails(session: Session, desk: Desk) -> dict[str, int]:
    made = dict(
        session.execute(
            select(Message.status, func.count())
            .where(Message.created_at >= desk.now - WEEK, Message.kind != MessageKind.OPERATOR)
            .group_by(Message.status)
        ).all()
    )
    in_use = select(Subscription.recipient_id).where(Subscription.status.in_(LIVING))
    counts = {
        "refusing": select(func.count(Recipient.id)).where(Recipient.bounced, Recipient.id.in_(in_use)),
        "unmade": select(func.count(UnmadeMail.id)),
        "missed": select(func.count(MissedReport.id)).where(MissedReport.handled_at.is_(None)),
    }
    return {name: session.scalar(query) or 0 for name, query in counts.items()} | {
        "sent": made.get(MessageStatus.SENT, 0),
        "lost": made.get(MessageStatus.DEAD, 0) + made.get(MessageStatus.BOUNCED, 0),
    }
