"""How a source is, and what to do about it: the one place that says so, for the command line, the pages and the mails.

``judge`` is pure. It compares what came with what normally comes: a site that answers 200 with an empty list is as ill
as one that does not answer, and a list to which nothing is added for too long may be that of a system left behind.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.clock import COPENHAGEN, local
from storage.models import CrawlOutcome, SourceState
from storage.quiet_time import after_busy_days, busy_days, is_quiet

# Three sweeps a day: a day and a half without a successful visit is no rhythm of ours.
LATE_AFTER = timedelta(hours=36)
# News may keep away this many times the usual gap, in busy days, before its absence is a fault.
GAPS_ALLOWED = 3
FEWEST_DAYS, MOST_DAYS, DAYS_WHEN_UNKNOWN = 14, 60, 45
# A list that in nearly all visits showed a meeting ahead, and then shows none for this many busy days.
DAYS_WITHOUT_AHEAD = 4
VISITS_TO_TELL, NEARLY_ALWAYS = 20, 0.95
# From this many papers, and this share of them, on a source whose papers cannot be read is failing.
FAILED_PAPERS, FAILED_SHARE = 3, 0.5
# What is wrong with a part of the list at each visit for so long does not pass by itself.
FLAWED_FOR = timedelta(hours=24)
# So many minutes without a single agenda: the municipality publishes no agendas.
MINUTES_TO_TELL = 10
ONLY_MINUTES = (
    "Læst, men kommunen lægger kun referater ud. En sag derfra kan først findes, når den er behandlet, "
    "og så skriver vi ikke om den."
)
# A window of time that shows nothing during the summer is believed for so long.
QUIET_WINDOW = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one source. ``name`` is its municipality's.

    ``stored`` and ``failed`` count the papers of meetings of the last 30 days and ahead that could, and could not, be
    read. ``listed`` and ``ahead`` are of the last visit that asked for what lies ahead: publications inside its window,
    and those of meetings ahead; None when there was none. ``always_ahead``: nearly every visit up to ``ahead_until``
    saw a meeting ahead. ``agendas`` and ``minutes`` count all that was ever listed. The others are columns of
    ``Source``.
    """

    name: str
    active: bool = True
    config_problem: str | None = None
    outcome: CrawlOutcome | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    failure_streak: int = 0
    failing_since: datetime | None = None
    flawed_since: datetime | None = None
    meetings_listed: int | None = None
    list_is_whole: bool | None = None
    newest_at: datetime | None = None
    usual_gap_days: int | None = None
    listed: int | None = None
    ahead: int | None = None
    always_ahead: bool = False
    ahead_until: datetime | None = None
    stored: int = 0
    failed: int = 0
    agendas: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class Judgement:
    """A state with one Danish sentence why, and one what to do (empty when nothing is to be done).

    Both may be read by everybody; ``detail`` is the technical reason, for the operator. ``since`` is when the state
    began, as far as that is known. ``remark``: healthy, but something is missing; ``lasting``: for so
    long that the operator is to be told. ``gap``: readers are to know, since their silence proves little.
    """

    state: SourceState
    why: str
    advice: str = ""
    detail: str = ""
    since: datetime | None = None
    remark: bool = False
    lasting: bool = False
    gap: bool = False


def judge(facts: Facts, now: datetime) -> Judgement:
    """The state of a source at ``now``. Faults of reading come before faults of what was read."""
    return (
        _set_up(facts)
        or _unreadable(facts, now)
        or _not_lately(facts, now)
        or _mostly_failing(facts)
        or _silent(facts, now)
        or _partly(facts, now)
        or _only_minutes(facts, now)
        or _healthy(facts)
    )


def _set_up(facts: Facts) -> Judgement | None:
    if facts.config_problem:
        advice = "Ret kommunens linje i kataloget."
        why = "Opsætningen af kommunens side er forkert."
        return Judgement(SourceState.FAILING, why, advice, facts.config_problem, facts.last_success_at)
    if not facts.active:
        return Judgement(SourceState.INACTIVE, "Kommunen står ikke længere i kataloget.")
    if facts.outcome is CrawlOutcome.UNSUPPORTED:
        why = "Vi kan ikke læse det system, som kommunen bruger."
        advice = f"Undersøg, om kommunen har skiftet system: `dagsordenvagt sources check {facts.name}`."
        return Judgement(SourceState.UNSUPPORTED, why, advice, facts.last_error or "")
    if facts.outcome is None and facts.last_success_at is None and not facts.failure_streak:
        why = "Siden er ikke læst endnu."
        return Judgement(SourceState.NEVER, why, f"Læs den nu: `dagsordenvagt crawl -m {facts.name}`.")
    return None


def _unreadable(facts: Facts, now: datetime) -> Judgement | None:
    since = facts.failing_since or facts.last_success_at
    if facts.outcome is CrawlOutcome.EMPTY and not _resting(facts, now):
        had = facts.meetings_listed
        before = f" Sidst var der {_counted(had, 'møde', 'møder')} på den." if had else ""
        why = f"Siden svarer, men listen over møder er tom.{before}"
        return Judgement(SourceState.EMPTY, why, _look(facts), since=since)
    if facts.outcome is CrawlOutcome.BLOCKED:
        why = "Siden afviser os, og det omgår vi ikke."
        advice = "Skriv til kommunen, og bed om lov til at læse siden."
        return Judgement(SourceState.BLOCKED, why, advice, facts.last_error or "", since)
    if facts.outcome is CrawlOutcome.FAILED or (facts.failure_streak and facts.outcome is not CrawlOutcome.EMPTY):
        streak = facts.failure_streak
        visits = "ved det seneste besøg" if streak <= 1 else f"ved de seneste {streak} besøg"
        advice = f"Den prøves igen af sig selv. Bliver den ved: `dagsordenvagt sources check {facts.name}`."
        why = f"Siden kunne ikke læses {visits}."
        return Judgement(SourceState.FAILING, why, advice, facts.last_error or "", since)
    return None


def _resting(facts: Facts, now: datetime) -> bool:
    """A site that only lists a window of time may well show nothing while the council rests."""
    last = facts.last_success_at
    quiet = is_quiet(local(now).date()) and facts.list_is_whole is False
    return quiet and last is not None and now - last <= QUIET_WINDOW


def _not_lately(facts: Facts, now: datetime) -> Judgement | None:
    last = facts.last_success_at
    if last is None or now - last <= LATE_AFTER or facts.outcome is CrawlOutcome.EMPTY:
        return None
    why = f"Siden er ikke læst siden {_moment(last)}; den læses ellers hver dag."
    return Judgement(SourceState.LATE, why, "Se, om tjenesten kører: `dagsordenvagt doctor`.", since=last + LATE_AFTER)


def _mostly_failing(facts: Facts) -> Judgement | None:
    papers = facts.stored + facts.failed
    if facts.failed < FAILED_PAPERS or facts.failed < FAILED_SHARE * papers:
        return None
    why = f"Listen læses, men {facts.failed} af {papers} dagsordener og referater kunne ikke læses."
    advice = f"Se hvorfor: `dagsordenvagt sources status -m {facts.name}`."
    return Judgement(SourceState.FAILING, why, advice, facts.last_error or "", facts.failing_since)


def _silent(facts: Facts, now: datetime) -> Judgement | None:
    today = local(now).date()
    if is_quiet(today):
        return None
    if facts.listed == 0 and facts.list_is_whole is not False:
        why = "Siden svarer, men den viser ingen møder fra den seneste måned eller forude."
        return Judgement(SourceState.EMPTY, why, _look(facts), facts.last_error or "", facts.newest_at)
    if facts.newest_at is not None:
        last, allowed = local(facts.newest_at).date(), _allowed(facts.usual_gap_days)
        if busy_days(last, today) > allowed:
            why = f"Der er ikke kommet noget nyt fra kommunen siden {last:%d-%m-%Y}; normalt kommer det oftere."
            return Judgement(SourceState.LATE, why, _look(facts), since=_start_of(after_busy_days(last, allowed)))
    if facts.ahead == 0 and facts.always_ahead and facts.ahead_until is not None:
        last = local(facts.ahead_until).date()
        if busy_days(last, today) > DAYS_WITHOUT_AHEAD:
            why = f"Siden har ikke vist møder forude siden {last:%d-%m-%Y}, og det gør den ellers altid."
            return Judgement(SourceState.LATE, why, _look(facts), since=facts.ahead_until)
    return None


def _allowed(usual: int | None) -> int:
    """Busy days without news that are still believed."""
    return DAYS_WHEN_UNKNOWN if usual is None else min(max(GAPS_ALLOWED * usual, FEWEST_DAYS), MOST_DAYS)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(0), COPENHAGEN)


def _partly(facts: Facts, now: datetime) -> Judgement | None:
    """A committee whose page is gone, on a site that is read otherwise, would be missed for ever."""
    since = facts.flawed_since
    if since is None or now - since < FLAWED_FOR or is_quiet(local(now).date()):
        return None
    why = "Læst, men en del af kommunens liste over møder kan ikke læses."
    advice = f"Se, hvad der mangler: `dagsordenvagt sources status -m {facts.name}`."
    return Judgement(
        SourceState.HEALTHY, why, advice, facts.last_error or "", since, remark=True, lasting=True, gap=True
    )


def _only_minutes(facts: Facts, now: datetime) -> Judgement | None:
    """What is said of items then comes after the meeting; a source first read while councils rest shows no more."""
    if facts.minutes < MINUTES_TO_TELL or facts.agendas or is_quiet(local(now).date()):
        return None
    return Judgement(SourceState.HEALTHY, ONLY_MINUTES, detail=facts.last_error or "", remark=True, gap=True)


def _healthy(facts: Facts) -> Judgement:
    if facts.failed:
        papers = _counted(facts.failed, "dagsorden eller referat", "dagsordener og referater")
        why = f"Læst, men {papers} kunne ikke læses."
        advice = f"Se hvorfor: `dagsordenvagt sources status -m {facts.name}`."
        return Judgement(SourceState.HEALTHY, why, advice, facts.last_error or "", remark=True)
    if facts.outcome is CrawlOutcome.EMPTY:
        return Judgement(SourceState.HEALTHY, "Læst; ingen møder er på listen, mens rådet holder ferie.", remark=True)
    if facts.outcome is CrawlOutcome.PARTIAL:
        return Judgement(
            SourceState.HEALTHY, "Læst, men ikke det hele; resten prøves igen.", "", facts.last_error or "", remark=True
        )
    return Judgement(SourceState.HEALTHY, "Læst uden fejl.")


def _look(facts: Facts) -> str:
    return (
        "Se på kommunens egen side. Er der møder på den, har den nok skiftet system: "
        f"`dagsordenvagt sources check {facts.name}`."
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _moment(moment: datetime) -> str:
    return f"{local(moment):%d-%m-%Y kl. %H.%M}"
