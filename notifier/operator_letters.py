"""What the operator is written: at once when sources turn ill or well, and each Monday how they all are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.clock import local
from notifier.alarms import Turns, Well
from notifier.message import Letter, Sender
from notifier.render import render
from notifier.slots import Slot, week_number
from notifier.words import counted, day, day_and_time, listed, one_line
from storage.models import MessageKind, Recipient, SourceState
from storage.source_report import STATE_WORDS, SourceReport, summary
from storage.source_words import probe_said

SHOWN_IN_FULL = 20
NAMED = 5
PARTLY = "læses kun delvis"
BECAUSE = "Du får mailen, fordi adressen står i DAGSORDENVAGT_OPERATOR_EMAIL. Tag den ud for ikke at få flere."
AT_ONCE = "Du hører igen om en kommune, når den kan læses igen. Indtil da står den i overblikket hver mandag."

# How a subject says it of one source, and of several.
_SAYS = {
    SourceState.FAILING: ("kan ikke læses", "kan ikke læses"),
    SourceState.EMPTY: ("listen over møder er tom", "har tomme lister over møder"),
    SourceState.BLOCKED: ("siden afviser os", "afviser os"),
    SourceState.LATE: ("der kommer ikke noget nyt", "viser ikke noget nyt"),
    SourceState.HEALTHY: ("en del af listen over møder kan ikke læses", "kan kun læses delvis"),
}


@dataclass(frozen=True)
class SourceView:
    """A source as the operator's mails show it."""

    name: str
    state: str
    why: str
    detail: str
    advice: str
    when: str
    found: str
    proposal: str
    link: str


@dataclass(frozen=True)
class Week:
    """What the crawler did in a week, over all sources, and what became of the mails.

    ``lost``: mails of the week that were given up or came back. ``refusing``: addresses in use that take no mail.
    ``unmade``: mails that cannot be composed. ``missed``: what readers say we missed, and nobody has looked at.
    """

    visits: int
    requests: int
    fetched: int
    failed: int
    sent: int = 0
    lost: int = 0
    refusing: int = 0
    unmade: int = 0
    missed: int = 0


def alarm_letter(recipient: Recipient, turns: Turns, sender: Sender, now: datetime) -> Letter:
    """One mail for everything that turned; ``turns`` is not empty."""
    today = local(now).date()
    ill = [one.report for one in turns.ill]
    cause = turns.cause if len(ill) > 1 else ""
    told = [*([] if cause else ill), *turns.moved]
    shown = [_view(one, sender, today) for one in told[:SHOWN_IN_FULL]]
    words = render(
        "operator",
        subject_line=_subject(turns, cause),
        heading=_heading(turns, cause),
        preheader=cause or (told[0].judgement.why if told else "Det, som du fik besked om, bliver læst igen."),
        intro=_intro(ill, cause),
        sources=shown,
        rest=len(told) - len(shown),
        well=_well(turns.well, today),
        facts=[f"Alle kilder: {summary(turns.reports)}."],
        sources_url=sender.links.page("/kilder"),
        then=AT_ONCE if ill else "",
        because=BECAUSE,
    )
    ids = ",".join([*(f"{one.alarm.id}" for one in turns.ill), *(f"{one.alarm.id}+" for one in turns.well)])
    ids += "".join(f",{one.source.id}@{one.probe.checked_at.timestamp():.0f}" for one in turns.moved if one.probe)
    key = f"operator-alarm:{recipient.id}:{hashlib.sha256(ids.encode()).hexdigest()[:24]}"
    return Letter(MessageKind.OPERATOR, key, recipient, (), words)


def weekly_letter(
    recipient: Recipient, reports: Sequence[SourceReport], cause: str, week: Week, slot: Slot, sender: Sender
) -> Letter:
    """How all sources are, also when all is well: a mail that stays away tells that the service stands still."""
    today = local(slot.due_at).date()
    ill = [one for one in reports if one.in_trouble]
    number = week_number(slot)
    healthy = sum(one.state is SourceState.HEALTHY for one in reports)
    said = f"{counted(len(ill), 'kommune', 'kommuner')} bliver ikke læst" if ill else f"{healthy} friske, ingen fejl"
    shown = [] if cause else [_view(one, sender, today) for one in ill[:SHOWN_IN_FULL]]
    words = render(
        "operator",
        subject_line=f"Kilderne i uge {number}: {said}",
        heading=f"Kilderne i uge {number}",
        preheader=f"Alle kilder: {summary(reports)}.",
        intro=cause or f"Alle kilder: {summary(reports)}.",
        sources=shown,
        rest=0 if cause else len(ill) - len(shown),
        well=[],
        facts=_week_facts(reports, week),
        sources_url=sender.links.page("/kilder"),
        then="",
        because=BECAUSE,
    )
    return Letter(MessageKind.OPERATOR, weekly_key(recipient, slot), recipient, (), words)


def weekly_key(recipient: Recipient, slot: Slot) -> str:
    """The key of a week's mail: the same however often it is asked for."""
    return f"operator-weekly:{recipient.id}:{slot.name}"


def _view(report: SourceReport, sender: Sender, today: date) -> SourceView:
    judged, last, probe = report.judgement, report.facts.last_success_at, report.probe
    when = f"Sidst læst {day_and_time(last, today)}." if last else "Den har aldrig kunnet læses."
    return SourceView(
        name=one_line(report.municipality.name),
        state=PARTLY if judged.lasting else STATE_WORDS[report.state][0],
        why=judged.why,
        detail=one_line(judged.detail, 300),
        advice=judged.advice,
        when=when,
        found=one_line(probe_said(probe), 400) if probe else "",
        proposal=probe.proposal if probe else "",
        link=sender.links.page(f"/kilder/{report.municipality.code}"),
    )


def _names(reports: Sequence[SourceReport]) -> str:
    names = [one_line(one.municipality.name) for one in reports[:NAMED]]
    left = len(reports) - len(names)
    return listed([*names, f"{left} mere"]) if left else listed(names)


def _subject(turns: Turns, cause: str) -> str:
    ill = [one.report for one in turns.ill]
    if cause:
        return "Ingen kommuner kan læses lige nu"
    if not ill and turns.moved:
        return f"{_names(turns.moved)} har nok skiftet system"
    if not ill:
        return f"{_names([one.report for one in turns.well])} læses igen"
    states = {one.state for one in ill}
    if len(ill) == 1:
        said = _SAYS[ill[0].state][0]
        name = one_line(ill[0].municipality.name)
        return f"{name} {said}" if ill[0].state is SourceState.FAILING else f"{name}: {said}"
    wholly = " helt" if SourceState.HEALTHY in states else ""
    said = _SAYS[next(iter(states))][1] if len(states) == 1 else f"bliver ikke læst{wholly}"
    return f"{counted(len(ill), 'kommune', 'kommuner')} {said}: {_names(ill)}"


def _heading(turns: Turns, cause: str) -> str:
    if cause:
        return "Ingen kommuner kan læses"
    if not turns.ill:
        return "Nok skiftet system" if turns.moved else "Læses igen"
    more = ", andre læses igen" if turns.well else ""
    wholly = " helt" if any(one.report.judgement.lasting for one in turns.ill) else ""
    return f"{counted(len(turns.ill), 'kommune', 'kommuner')} bliver ikke læst{wholly}{more}"


def _intro(ill: Sequence[SourceReport], cause: str) -> str:
    if cause or not ill:
        return cause
    if all(one.judgement.lasting for one in ill):
        return "Resten af kommunens møder bliver læst. Sager i det, der mangler, kan gå foreningerne forbi imens."
    return "Foreninger, der følger med her, får det at vide i deres næste overblik. Sager kan gå dem forbi imens."


def _well(well: Sequence[Well], today: date) -> list[str]:
    if len(well) > SHOWN_IN_FULL:
        return [f"{len(well)} kommuner læses igen: {_names([one.report for one in well])}."]
    return [
        f"{one_line(one.report.municipality.name)} læses igen. Den {_was(one)} siden {day(one.alarm.since, today)}."
        for one in well
    ]


def _was(one: Well) -> str:
    if one.alarm.state is SourceState.HEALTHY:
        return "kunne kun læses delvis"
    return "fejlede" if one.alarm.state is SourceState.FAILING else f"var {STATE_WORDS[one.alarm.state][0]}"


def _mails(week: Week) -> str:
    said = f"{counted(week.sent, 'mail', 'mails')} sendt"
    said += f", {week.lost} kunne ikke leveres (se `dagsordenvagt mails list`)" if week.lost else ""
    said += f", {week.unmade} kunne ikke laves (se `dagsordenvagt mails list`)" if week.unmade else ""
    refusing = counted(week.refusing, "adresse tager", "adresser tager")
    return f"{said}." + (f" {refusing} ikke imod mail (se `dagsordenvagt bounces list`)." if week.refusing else "")


def _week_facts(reports: Sequence[SourceReport], week: Week) -> list[str]:
    failed = f", {week.failed} kunne ikke læses" if week.failed else ""
    done = (
        counted(week.visits, "besøg", "besøg"),
        counted(week.requests, "forespørgsel", "forespørgsler"),
        f"{counted(week.fetched, 'dagsorden eller referat', 'dagsordener og referater')} læst{failed}",
    )
    facts = [f"De seneste syv dage: {', '.join(done)}.", _mails(week)]
    if week.missed:
        found = counted(week.missed, "sag, som de mener", "sager, som de mener")
        facts.append(f"Læsere har meldt {found}, vi overså. Se dem med `dagsordenvagt missed list`.")
    missing = [one for one in reports if one.state in {SourceState.UNSUPPORTED, SourceState.NEVER}]
    if missing:
        facts.append(f"Ikke læst endnu eller ikke dækket: {_names(missing)}.")
    partly = [one for one in reports if one.judgement.remark]
    if partly:
        facts.append(f"Læst, men noget mangler: {_names(partly)}.")
    return facts
