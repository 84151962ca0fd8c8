"""Runs the schedule: APScheduler says when, one thread does the work, so no two jobs ever overlap."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from config.clock import now
from config.errors import ConfigError
from config.schedule import ScheduledJob
from config.settings import Settings
from service.jobs import last_start
from service.stop import Stop

log = structlog.get_logger()

# Crontab counts Sunday as 0, APScheduler Monday: names mean the same to both.
_WEEKDAYS = {"0": "sun", "1": "mon", "2": "tue", "3": "wed", "4": "thu", "5": "fri", "6": "sat", "7": "sun"}

JobFunction = Callable[[], object]


def trigger_of(job: ScheduledJob, zone: str) -> CronTrigger:
    """The job's trigger. Raises ``ConfigError`` for a cron line that means nothing."""
    minute, hour, day, month, weekday = job.cron.split()
    named = ",".join("-".join(_WEEKDAYS.get(one, one) for one in part.split("-")) for part in weekday.split(","))
    try:
        return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=named, timezone=ZoneInfo(zone))
    except ValueError as error:
        raise ConfigError(f"schedule.toml ({job.name}): '{job.cron}' is no cron line: {error}.") from error


def missed(trigger: CronTrigger, last: datetime | None, at: datetime) -> bool:
    """Whether a run was due between the last start and ``at``: the machine was off, or nothing ran yet."""
    if last is None:
        return True
    due = trigger.get_next_fire_time(None, last)
    return due is not None and due <= at


def serve(settings: Settings, jobs: Sequence[ScheduledJob], work: Mapping[str, JobFunction], stop: Stop) -> None:
    """Keeps the schedule until an end is asked for; then lets the job at work come to its end.

    ``work`` gives the function of each job name. A run that was missed while the service was down is made up for
    once, at the start. Raises ``ConfigError`` for a schedule that cannot be kept.
    """
    url = settings.effective_database_url
    scheduler = BackgroundScheduler(
        timezone=ZoneInfo(settings.timezone),
        executors={"default": ThreadPoolExecutor(1)},
        # Late is better than never, and once is enough for any number of missed times.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        trigger = trigger_of(job, settings.timezone)
        scheduler.add_job(_guarded(job, work[job.job], stop), trigger, id=job.name, name=job.name)
    cycles = [job for job in jobs if job.job == "cycle"]
    if any(missed(trigger_of(job, settings.timezone), last_start(url, "cycle"), now()) for job in cycles):
        scheduler.add_job(_guarded(cycles[0], work["cycle"], stop), id="first sweep", name="first sweep")
    scheduler.start()
    try:
        stop.wait()
    finally:
        log.info("stopping", waiting_for="the job at work, if any")
        scheduler.shutdown(wait=True)


def _guarded(job: ScheduledJob, function: JobFunction, stop: Stop) -> Callable[[], None]:
    """One job's failure is logged (and recorded by the job itself); the schedule goes on."""

    def run() -> None:
        if stop.asked:
            return
        log.info("job starts", job=job.name, why=job.why)
        try:
            result = function()
        except Exception:
            log.exception("job failed", job=job.name)
        else:
            log.info("job ended", job=job.name, result=result)

    return run
