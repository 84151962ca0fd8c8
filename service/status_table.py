"""The sources on a console of 80 columns: the big picture, then those in trouble with what to do, then the rest."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from config.clock import local
from service.words import counted
from storage.models import SourceState
from storage.source_report import STATE_WORDS, SourceReport, summary
from storage.source_words import probe_said

STYLES = {
    SourceState.FAILING: "red",
    SourceState.EMPTY: "red",
    SourceState.BLOCKED: "red",
    SourceState.LATE: "yellow",
    SourceState.NEVER: "cyan",
    SourceState.UNSUPPORTED: "magenta",
    SourceState.HEALTHY: "green",
    SourceState.INACTIVE: "dim",
}
NARROWEST, WIDEST = 60, 110
_INDENT = "    "
_FIXED = "\N{NO-BREAK SPACE}"


def status_lines(
    reports: Sequence[SourceReport], *, cause: str, swept_at: datetime | None, width: int, closely: bool
) -> Iterator[Text]:
    """The lines to print. ``cause`` is one sentence when the fault is ours; ``closely`` says more of each source."""
    width = min(max(width, NARROWEST), WIDEST)
    yield Text(f"{counted(len(reports), 'kommune', 'kommuner')}: {summary(reports) or 'ingen'}.", style="bold")
    yield Text(f"Seneste besøg: {_when(swept_at)}.")
    if cause:
        yield from _wrapped(cause, "", width, "red")
    if not reports:
        return
    yield Text("")
    yield Text(f"{'Kommune':<18} {'Tilstand':<13} {'Sidst læst':<17} {'Forude':>6} {'Ulæste':>6}", style="dim")
    for report in reports:
        yield _line(report)
        if closely or report.in_trouble or report.judgement.remark or report.state is SourceState.UNSUPPORTED:
            yield from _explained(report, width, closely=closely)


def _line(report: SourceReport) -> Text:
    facts = report.facts
    ahead = "–" if facts.ahead is None else str(facts.ahead)
    line = Text(f"{report.municipality.name:<18} ")
    line.append(f"{STATE_WORDS[report.state][0]:<13}", style=STYLES[report.state])
    line.append(f" {_when(facts.last_success_at):<17} {ahead:>6} {report.failed:>6}")
    return line


def _explained(report: SourceReport, width: int, *, closely: bool) -> Iterator[Text]:
    judged = report.judgement
    yield from _wrapped(judged.why, _INDENT, width)
    if judged.detail and judged.detail != judged.why:
        yield from _wrapped(judged.detail, _INDENT, width)
    if judged.advice:
        yield from _wrapped(f"→ {judged.advice}", _INDENT, width)
    if report.probe is not None and (closely or report.in_trouble):
        yield from _wrapped(probe_said(report.probe), _INDENT, width)
        for line in report.probe.proposal.splitlines():
            yield Text(f"{_INDENT}  {line}")


def _wrapped(said: str, indent: str, width: int, style: str = "") -> Iterator[Text]:
    # Addresses and commands are copied from here: they are not to be broken.
    for line in textwrap.wrap(
        re.sub("`[^`]*`", lambda command: command[0].replace(" ", _FIXED), said),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield Text(line.replace(_FIXED, " "), style=style)


def _when(moment: datetime | None) -> str:
    return f"{local(moment):%d-%m-%Y kl. %H.%M}".replace(" kl. ", " ") if moment else "aldrig"
