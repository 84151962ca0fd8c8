"""Has a municipality that went quiet changed its supplier? The nightly check asks its site, and keeps what it found."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import Session

from config.catalogue import Catalogue, Municipality
from config.clock import now
from config.errors import ConfigError
from service.stop import Stop
from storage.engine import reading, transaction
from storage.models import SourceProbe, SourceState
from storage.source_report import SourceReport, last_sweep, one_cause, source_reports

if TYPE_CHECKING:
    from crawler.probe import ProbeResult

log = structlog.get_logger()

# A site that refuses us is not asked to explain itself; one that our own set-up gets wrong has nothing to tell.
QUIET = frozenset({SourceState.FAILING, SourceState.EMPTY, SourceState.LATE})
QUIET_FOR = timedelta(days=1)
AGAIN_AFTER = timedelta(days=7)
AT_MOST = 3
# Addresses that a front page points to, each asked about a dozen times.
LEADS_ASKED = 3


def check_quiet(url: str, catalogue: Catalogue, stop: Stop) -> list[SourceProbe]:
    """Checks the sources that have been quiet for over a day, a few at a time, the longest unchecked first.

    None when nothing at all can be read: then the fault is ours.
    """
    moment = now()
    with reading(url) as session:
        reports = source_reports(session, moment)
        ours = one_cause(reports, last_sweep(session), moment)
        due = [] if ours else _due(reports, moment)
    entries = {entry.code: entry for entry in catalogue}
    found = []
    for code in due[:AT_MOST]:
        if stop.asked:
            break
        if code in entries:
            found.append(check_site(url, entries[code]))
    return found


def _due(reports: Sequence[SourceReport], moment: datetime) -> list[int]:
    quiet = [
        one
        for one in reports
        if one.state in QUIET
        and not one.facts.config_problem
        and (since := one.judgement.since or one.facts.last_success_at) is not None
        and moment - since > QUIET_FOR
        and (one.probe is None or moment - one.probe.checked_at > AGAIN_AFTER)
    ]
    quiet.sort(key=lambda one: (one.probe is not None, one.probe.checked_at if one.probe else moment))
    return [one.municipality.code for one in quiet]


def check_site(url: str, entry: Municipality) -> SourceProbe:
    """Asks a municipality's site, and where its pages lead to, which system it speaks. Keeps what was found."""
    result = _look(entry)
    moved = result.platform is not None and (result.platform, result.url) != (entry.platform, _origin(entry.url))
    with transaction(url) as session:
        row = _row(session, entry.code)
        proposal = result.catalogue_entry(entry) if moved else ""
        if proposal != row.proposal:
            row.told_at = None
        row.checked_at, row.platform, row.url = now(), result.platform or "", result.url
        row.evidence, row.reason, row.proposal = result.evidence, result.reason, proposal
    log.info("site checked", municipality=entry.name, platform=result.platform, moved=moved)
    return row


def _row(session: Session, code: int) -> SourceProbe:
    (report,) = source_reports(session, now(), [code], inactive=True)
    if report.probe is not None:
        return report.probe
    row = SourceProbe(source_id=report.source.id, proposal="")
    session.add(row)
    return row


def _look(entry: Municipality) -> "ProbeResult":
    """What the site is, or the first place that it or the municipality's front page leads to and that we can read."""
    from crawler.probe import probe

    own = probe(entry.url)
    if own.platform is not None and own.platform != entry.platform:
        return own
    for lead in _leads(entry, own):
        there = probe(lead)
        if there.platform is not None:
            return there
    return own


def _leads(entry: Municipality, own: "ProbeResult") -> list[str]:
    from crawler.probe import probe

    def everywhere() -> Iterator[str]:
        yield from own.leads
        if entry.website and _origin(entry.website) != _origin(entry.url):
            try:
                yield from probe(entry.website).leads
            except ConfigError:
                return

    fresh = dict.fromkeys(lead for lead in everywhere() if _origin(lead) != _origin(entry.url))
    return list(fresh)[:LEADS_ASKED]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
