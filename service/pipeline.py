"""The stages in order: crawl → analyse and match → notify. Each is recorded, shown, and safe to run again.

Each stage is loaded when it runs: Scrapy and spaCy take a second each, which nobody wants to wait for before `--help`.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings
from notifier.report import Note
from service.console import steps
from service.crawl_progress import show_progress
from service.exit_codes import FAILED, OK, PARTIAL, worst
from service.jobs import recorded
from service.prepare import prepare
from service.stop import Stop
from service.words import counted
from storage.lock import only_one

if TYPE_CHECKING:
    from matcher.run import MatchRun

log = structlog.get_logger()


def cycle(settings: Settings, stop: Stop, *, municipalities: Sequence[int] = ()) -> int:
    """One round of all stages. A failing stage never keeps the later ones from the rows that are there.

    Raises ``storage.lock.Busy`` when another round is under way.
    """
    url = settings.effective_database_url
    stages: Sequence[Callable[[], int]] = (
        lambda: crawl(settings, stop, municipalities=municipalities),
        lambda: match(settings, stop),
        lambda: notify(settings, stop),
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
) -> int:
    """Reads the sites in a child process, so that a crash in there leaves this one standing."""
    from crawler.run import crawl_command, crawl_environment

    url = settings.effective_database_url
    command = crawl_command(codes=municipalities, since=since, until=until, with_parent=True)
    with only_one(url, "crawl"), recorded(url, "crawl") as job, steps("Læser kommunernes sider") as shown:
        child = subprocess.Popen(
            command,
            env=crawl_environment(url),
            # The child watches its standard input: when we die, however suddenly, it closes and the child ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        with stop.telling(child), child:
            crawled = show_progress(child.stdout or (), shown)
        job.exit_code = child.returncode if child.returncode in {OK, PARTIAL} else FAILED
        job.summary = crawled.as_json()
        if child.returncode < 0:
            shown.say(f"Crawleren blev stoppet af systemet (signal {-child.returncode}).")
        shown.say(crawled.in_words())
    return job.exit_code


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


def notify(settings: Settings, stop: Stop, *, digest: bool = False) -> int:
    """Queues what is due and sends what is queued."""
    from notifier.run import notify as run_notifier

    url = settings.effective_database_url
    with recorded(url, "notify") as job, steps("Sender mails") as shown:
        shown.start(None)
        report = run_notifier(
            settings,
            force_digests=digest,
            progress=lambda note: shown.advance(1, note=note.subject),
            stop=lambda: stop.asked,
        )
        job.summary = report.as_json()
        job.exit_code = _mail_code(all_fine=report.all_fine, some_went=report.some_went)
        shown.say(_mailed_in_words(report.counts(), settings))
        for note in (*report.later, *report.dead):
            shown.say(f"  {note.subject}: {note.why}")
        for problem in report.problems:
            shown.say(f"  {problem}")
    return job.exit_code


def would_send(settings: Settings, *, digest: bool = False) -> list[Note]:
    """The mails that ``notify`` would make now; nothing is kept or sent."""
    from notifier.run import notify as run_notifier

    return run_notifier(settings, force_digests=digest, dry_run=True).queued


def jobs(settings: Settings, stop: Stop, *, municipalities: Sequence[int] = ()) -> dict[str, Callable[[], int]]:
    """What each job name of the schedule does."""
    return {
        "cycle": lambda: _with_fresh_catalogue(settings, lambda: cycle(settings, stop, municipalities=municipalities)),
        "notify": lambda: notify(settings, stop),
        "digest": lambda: notify(settings, stop),
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
    words = {"sent": sent, "later": "prøves igen", "dead": "opgivet", "dropped": "bortfaldet"}
    said = [f"{counts[key]} {word}" for key, word in words.items() if counts.get(key) or key == "sent"]
    return "Mails: " + ", ".join(said) + "."
