"""Sources in a database, and runs of the real child process against real HTTP."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from crawler.progress import Event, from_line
from crawler.run import crawl_command, crawl_environment
from storage.base import Base
from storage.engine import reading, transaction
from storage.models import AgendaItem, Meeting, Municipality, Publication, Revision, Source
from tests.servers.forks import Fork


@dataclass(frozen=True)
class Run:
    """A finished run of the crawler's process."""

    exit_code: int
    events: list[Event]
    log: str


def add_source(url: str, code: int, base_url: str, platform: str = "firstagenda", crawl_delay: float = 0.0) -> None:
    with transaction(url) as session:
        session.add(Municipality(code=code, name=f"Kommune {code}"))
        session.flush()
        session.add(Source(municipality_code=code, platform=platform, base_url=base_url, crawl_delay=crawl_delay))


def crawl(url: str, codes: Sequence[int] = (), since: date | None = None, until: date | None = None) -> Run:
    return run_to_the_end(crawl_command(codes=codes, since=since, until=until), url)


def run_to_the_end(command: Sequence[str], url: str) -> Run:
    with start(command, url) as process:
        done = process.finish()
    events = [event for line in done.stdout.splitlines() if (event := from_line(line))]
    assert len(events) == len(done.stdout.splitlines()), done.stdout
    return Run(done.returncode, events, done.stderr)


def start(command: Sequence[str], url: str) -> Fork:
    """The crawler's process with this command line: "python -m module argument …"."""
    _python, _m, module, *arguments = command
    return Fork(f"{module}:main", arguments, crawl_environment(url))


def source_of(url: str, code: int) -> Source:
    with reading(url) as session:
        source = session.scalars(select(Source).where(Source.municipality_code == code)).one()
        session.expunge_all()
        return source


def publications_of(url: str, code: int) -> dict[str, Publication]:
    with reading(url) as session:
        rows = session.scalars(
            select(Publication).join(Source, Source.id == Publication.source_id).where(Source.municipality_code == code)
        ).all()
        session.expunge_all()
        return {row.platform_id: row for row in rows}


def everything(url: str) -> str:
    """All that was read, by natural keys and without the moments of reading: equal for equal databases."""
    with reading(url) as session:
        items = session.scalars(
            select(AgendaItem).options(
                selectinload(AgendaItem.revisions).selectinload(Revision.sections),
                selectinload(AgendaItem.revisions).selectinload(Revision.attachments),
                selectinload(AgendaItem.meeting).selectinload(Meeting.committee),
                selectinload(AgendaItem.case),
            )
        )
        told = [
            [
                item.meeting.committee.name_key,
                item.meeting.starts_at.isoformat(),
                item.meeting.stage,
                item.platform_id,
                item.title,
                item.case.key if item.case else None,
                [
                    [
                        revision.number,
                        revision.changes,
                        revision.content_hash,
                        [[one.kind, one.heading, one.text, one.html, one.own_decision] for one in revision.sections],
                        [[one.platform_id, one.title, one.url, one.has_pdf] for one in revision.attachments],
                    ]
                    for revision in item.revisions
                ],
            ]
            for item in items
        ]
        listed = session.scalars(select(Publication))
        papers = [[one.platform_id, one.status, one.fingerprint, one.error, one.stage] for one in listed]
        counts = {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
            if name not in {"crawl_run", "job_run"}
        }
    return json.dumps([sorted(told, key=str), sorted(papers, key=str), counts], indent=1, ensure_ascii=False)
