"""How each source is doing, as a program reads it, and the papers that could not be read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.words import counted
from storage.models import Municipality, Publication, PublicationStatus, Source
from storage.source_report import STATE_WORDS, SourceReport


def as_json(report: SourceReport, papers: tuple[int, int]) -> dict[str, Any]:
    """One source in plain JSON types. ``state`` is the Danish word, ``health`` the same for programs.

    ``meetings`` and ``failed`` count the papers that were read, and that could not be read; ``listed`` and ``ahead``
    are of the last visit that asked for what lies ahead. ``papers``: attachments that wait to be read, and given up.
    """
    facts, judged, probe = report.facts, report.judgement, report.probe
    return {
        "code": report.municipality.code,
        "name": report.municipality.name,
        "platform": report.source.platform,
        "url": report.source.base_url,
        "state": STATE_WORDS[report.state][0],
        "health": report.state.value,
        "in_trouble": report.in_trouble,
        "remark": judged.remark,
        "why": judged.why,
        "advice": judged.advice,
        "since": _text(judged.since),
        "last_success_at": _text(facts.last_success_at),
        "last_attempt_at": _text(report.source.last_attempt_at),
        "failure_streak": facts.failure_streak,
        "last_error": facts.last_error,
        "config_problem": facts.config_problem,
        "meetings": report.stored,
        "failed": report.failed,
        "attachments_waiting": papers[0],
        "attachments_given_up": papers[1],
        "listed": facts.listed,
        "ahead": facts.ahead,
        "newest_at": _text(facts.newest_at),
        "usual_gap_days": facts.usual_gap_days,
        "probe": probe
        and {
            "checked_at": _text(probe.checked_at),
            "platform": probe.platform or None,
            "url": probe.url,
            "evidence": probe.evidence,
            "reason": probe.reason,
            "proposal": probe.proposal,
        },
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def papers_in_words(waiting: int, given_up: int) -> str:
    """A line about the attachments; empty when all have been read."""
    said = [f"{counted(waiting, 'bilag venter', 'bilag venter')} på at blive læst"] if waiting else []
    if given_up:
        said.append(f"{counted(given_up, 'bilag', 'bilag')} er opgivet (prøv igen: `dagsordenvagt documents --retry`)")
    return f"{' · '.join(said)}." if said else ""


def failed_publications(session: Session, codes: Collection[int]) -> list[str]:
    """A sentence for each published paper of these municipalities that could not be read."""
    rows = session.execute(
        select(Publication, Municipality.name)
        .join(Source, Source.id == Publication.source_id)
        .join(Municipality, Municipality.code == Source.municipality_code)
        .where(Publication.status == PublicationStatus.FAILED, Source.municipality_code.in_(codes))
        .order_by(Municipality.name, Publication.starts_at)
    )
    return [
        f"{name}, {one.committee_name} {one.starts_at:%d-%m-%Y} ({one.name}): {one.error} Forsøg: {one.attempts}."
        if one.starts_at
        else f"{name}, {one.committee_name} ({one.name}): {one.error} Forsøg: {one.attempts}."
        for one, name in rows
    ]
