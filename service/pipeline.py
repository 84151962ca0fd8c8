"""The stages in order: crawl → documents → analyse and match → notify. Each is recorded, shown, and safe to run again.

Each stage is loaded when it runs: Scrapy and spaCy take a second each, which nobody wants to wait for before `--help`.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from config.clock import now
from config.settings import Settings
from notifier.report import Note
from service.archive_progress import show_archive_progress
from service.console import Steps, steps
from service.crawl_progress import show_progress
from service.document_progress import show_paper_progress
from service.exit_codes import FAILED, OK, PARTIAL, worst
from service.jobs import recorded
from service.prepare import prepare
from service.stop import Stop
from service.words import counted
from storage.archive import next_wishes
from storage.engine import reading
from storage.lock import only_one
from storage.models import Source

if TYPE_CHECKING:
    from matcher.run import MatchRun

log = structlog.get_logger()

# A mail server that is away leaves thousands waiting, all for the same reason.
FAILURES_SHOWN = 20


def cycle(settings: Settings, stop: Stop, *, municipalities: Sequence[int] = (), patient: bool = False) -> int:
    """One round of all stages. A failing stage never keeps the later ones from the rows that are there.

    ``patient``: the service comes back, so that immediate mails may wait for the morning (``notifier.pace``).

    Raises ``storage.lock.Busy`` when another round is under way.
    """
    url = settings.effective_database_url
    stages: Sequence[Callable[[], int]] = (
        lambda: crawl(settings, stop, municipalities=municipalities, only_due=True),
        lambda: documents(settings, stop, municipalities=municipalities),
        lambda: match(settings, stop),
        lambda: notify(settings, stop, patient=patient),
    )
    with only_one(url, "cycle"), recorded(url, "cycle") as job:
        codes: list[int] = []
        for stage in stages:
            if stop.asked:
                log.info("stopped between stages", done=len(codes))
                break
            codes.append(_carried_on(stage))
        job.exit_code = worst(*codes) if codes else OK
    return job.exit_code


def _carried_on(stage: Callable[[], int]) -> int:
    try:
        return stage()
    except Exception:
        # Recorded by the stage's own job row; what earlier runs left waiting is still worth matching and mailing.
        log.exception("stage failed")
        return FAILED


def crawl(
    settings: Settings,
    stop: Stop,
    *,
    municipalities: Sequence[int] = (),
    since: date | None = None,
    until: date | None = None,
    only_due: bool = False,
) -> int:
    """Reads the sites in a child process, so that a crash in there leaves this one standing.

    ``only_due`` leaves out those that failed and are to be left alone for a while.
    """
    from crawler.run import crawl_command, crawl_environment

    url = settings.effective_database_url
    command = crawl_command(codes=municipalities, since=since, until=until, only_due=only_due, with_parent=True)
    with only_one(url, "crawl"), recorded(url, "crawl") as job, steps("Læser kommunernes sider") as shown:
        with _child(command, crawl_environment(url), stop) as child:
            crawled = show_progress(child.stdout or (), shown)
        job.exit_code = _code_of(child, shown)
        job.summary = crawled.as_json()
        shown.say(crawled.in_words())
    return job.exit_code


def archive(settings: Settings, stop: Stop, *, municipalities: Sequence[int] = (), at_night: bool = False) -> int:
    """Reads the old meetings that were wished for; ``at_night`` within the settings' budget, and then matches them.

    What is left of a wish waits for the next night. At night that is as it should be; otherwise it is part of the job
    that was not done.
    """
    from crawler.run import crawl_command, crawl_environment

    url = settings.effective_database_url
    with reading(url) as session:
        wishes = next_wishes(session, municipalities)
        delays = {row.municipality_code: row.crawl_delay for row in session.scalars(select(Source))}
    if not wishes:
        return OK
    command = crawl_command(
        codes=municipalities,
        archive=True,
        requests=settings.archive_requests if at_night else None,
        hours=settings.archive_hours if at_night else None,
        with_parent=True,
    )
    with only_one(url, "crawl"), recorded(url, "archive") as job, steps("Læser gamle møder") as shown:
        with _child(command, crawl_environment(url), stop) as child:
            read = show_archive_progress(child.stdout or (), shown, delays)
        job.exit_code = _code_of(child, shown)
        job.summary = read.as_json()
        shown.say(read.in_words())
        if job.exit_code == OK and read.waiting and not at_night:
            job.exit_code = PARTIAL
    return worst(job.exit_code, match(settings, stop)) if at_night and not stop.asked else job.exit_code


def documents(
    settings: Settings,
    stop: Stop,
    *,
    municipalities: Sequence[int] = (),
    files: int | None = None,
    retry: bool = False,
) -> int:
    """Fetches and reads the papers that wait, in a child process, within the settings' budget (or ``files``)."""
    from crawler.documents import documents_command
    from crawler.run import crawl_environment

    url = settings.effective_database_url
    command = documents_command(codes=municipalities, files=files, retry=retry, with_parent=True)
    with only_one(url, "documents"), recorded(url, "documents") as job, steps("Læser bilag") as shown:
        with _child(command, crawl_environment(url), stop) as child:
            read = show_paper_progress(child.stdout or (), shown)
        job.exit_code = _code_of(child, shown)
        job.summary = read.as_json()
        shown.say(read.in_words())
    return job.exit_code


@contextmanager
def _child(command: Sequence[str], environment: Mapping[str, str], stop: Stop) -> Iterator["subprocess.Popen[str]"]:
    child = subprocess.Popen(
        command,
        env=environment,
        # The child watches its standard input: when we die, however suddenly, it closes and the child ends.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    with stop.telling(child), child:
        yield child


def _code_of(child: "subprocess.Popen[str]", shown: Steps) -> int:
    if child.returncode < 0:
        shown.say(f"Crawleren blev stoppet af systemet (signal {-child.returncode}).")
    return child.returncode if child.returncode in {OK, PARTIAL} else FAILED


def match(settings: Settings, stop: Stop, *, rematch: bool = False) -> int:
    """Reads what is new, and finds whom it concerns."""
    from matcher.run import run_matching

    url = settings.effective_database_url
    with only_one(url, "match"), recorded(url, "match") as job, steps("Finder ud af, hvem det angår") as shown:
        result = run_matching(
            url,
            rematch=rematch,
            progress=lambda what, done, total: shown.reach(done, total, note=_MATCHING[what]),
            stop=lambda: stop.asked,
        )
        job.summary = asdict(result)
        job.exit_code = PARTIAL if result.failed else OK
        shown.say(_matched_in_words(result))
    return job.exit_code


_MATCHING = {"analyse": "nye punkter", "profiles": "ændrede profiler"}


def _matched_in_words(result: "MatchRun") -> str:
    said = f"{counted(result.analysed, 'punkt', 'punkter')} læst, {counted(result.matches_new, 'nyt', 'nye')} fund."
    return said + (f" {counted(result.failed, 'punkt', 'punkter')} kunne ikke læses." if result.failed else "")


def confirm(settings: Settings, stop: Stop) -> int:
    """Sends the confirmations that people wait for at their screens; does nothing when nobody does."""
    from notifier.queueing import anybody_asked

    if not anybody_asked(settings.effective_database_url):
        return OK
    return notify(settings, stop, only_asked=True, patient=True)


def notify(
    settings: Settings, stop: Stop, *, digest: bool = False, patient: bool = False, only_asked: bool = False
) -> int:
    """Queues what is due (``only_asked``: confirmations only) and sends what is queued."""
    from notifier.run import notify as run_notifier

    url = settings.effective_database_url
    with recorded(url, "notify") as job, steps("Sender mails") as shown:
        shown.start(None)
        report = run_notifier(
            settings,
            force_digests=digest,
            patient=patient,
            only_asked=only_asked,
            progress=lambda note: shown.advance(1, note=note.subject),
            stop=lambda: stop.asked,
        )
        job.summary = report.as_json()
        job.exit_code = _mail_code(all_fine=report.all_fine, some_went=report.some_went)
        shown.say(_mailed_in_words(report.counts(), settings))
        failures = [*report.dead, *report.later]
        for note in failures[:FAILURES_SHOWN]:
            shown.say(f"  {note.subject}: {note.why}")
        if len(failures) > FAILURES_SHOWN:
            shown.say(f"  … og {len(failures) - FAILURES_SHOWN} mere: se `dagsordenvagt mails list`.")
        for problem in report.problems:
            shown.say(f"  {problem}")
    return job.exit_code


def check_sites(settings: Settings, stop: Stop) -> int:
    """Asks the sites that have been quiet for over a day which system they speak now."""
    from service.site_check import check_quiet

    catalogue = prepare(settings)
    url = settings.effective_database_url
    with only_one(url, "probe"), recorded(url, "probe") as job:
        found = check_quiet(url, catalogue, stop)
        job.summary = {"checked": len(found), "moved": sum(bool(one.proposal) for one in found)}
    return job.exit_code


def bounces(settings: Settings, stop: Stop) -> int:
    """Reads the mailbox of returned mails, when one is set."""
    from notifier.mailbox import MailboxUnusable, read_imap_url, read_mailbox
    from notifier.return_path import return_path_for

    if settings.imap_url is None:
        return OK
    url, server = settings.effective_database_url, read_imap_url(settings.imap_url.get_secret_value())
    with only_one(url, "bounces"), recorded(url, "bounces") as job, steps("Læser returmails") as shown:
        try:
            count = read_mailbox(url, server, return_path_for(settings), now(), lambda: stop.asked)
        except MailboxUnusable as error:
            job.exit_code, job.summary = FAILED, {"problem": str(error)}
            shown.say(str(error))
        else:
            job.summary = count.as_json()
            shown.say(count.in_words())
    return job.exit_code


def tidy(settings: Settings) -> int:
    """Empties mails that are older than they need be."""
    from notifier.outbox import empty_bodies, forget_files

    url = settings.effective_database_url
    with recorded(url, "tidy") as job:
        job.summary = {"emptied": empty_bodies(url, now()), "files": forget_files(url, settings.outbox_dir)}
    return OK


def would_send(settings: Settings, *, digest: bool = False) -> list[Note]:
    """The mails that ``notify`` would make now; nothing is kept or sent."""
    from notifier.run import notify as run_notifier

    return run_notifier(settings, force_digests=digest, dry_run=True).queued


def jobs(settings: Settings, stop: Stop, *, municipalities: Sequence[int] = ()) -> dict[str, Callable[[], int]]:
    """What each job name of the schedule does."""
    return {
        "cycle": lambda: _with_fresh_catalogue(
            settings, lambda: cycle(settings, stop, municipalities=municipalities, patient=True)
        ),
        "archive": lambda: archive(settings, stop, municipalities=municipalities, at_night=True),
        "confirm": lambda: confirm(settings, stop),
        "notify": lambda: notify(settings, stop, patient=True),
        "digest": lambda: notify(settings, stop, patient=True),
        "probe": lambda: check_sites(settings, stop),
        "bounces": lambda: bounces(settings, stop),
        "tidy": lambda: tidy(settings),
    }


def _with_fresh_catalogue(settings: Settings, work: Callable[[], int]) -> int:
    """A service runs for months: what the operator changed in the catalogue counts from the next round."""
    prepare(settings)
    return work()


def _mail_code(*, all_fine: bool, some_went: bool) -> int:
    if all_fine:
        return OK
    return PARTIAL if some_went else FAILED


def _mailed_in_words(counts: Mapping[str, int], settings: Settings) -> str:
    """The notifier's counts as a line."""
    sent = "sendt" if settings.smtp_url else f"skrevet som filer i {settings.data_dir / 'outbox'}"
    words = {"sent": sent, "later": "prøves igen", "dead": "opgivet", "dropped": "bortfaldet", "held": "holdt tilbage"}
    said = [f"{counts[key]} {word}" for key, word in words.items() if counts.get(key) or key == "sent"]
    return "Mails: " + ", ".join(said) + "."
