"""`crawl --since`: which days are archive, and what a person sees of the reading."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.clock import now
from config.errors import ConfigError
from config.settings import settings
from crawler.progress import ArchiveReached, ListFound, MeetingStored, RunStarted, SourceFinished, to_line
from service.archive import split_span
from service.archive_progress import show_archive_progress
from service.cli import app
from service.console import Steps
from storage.engine import transaction
from storage.models import Meeting, Revision
from tests.crawler.firstagenda_answers import agenda, line, point, portal
from tests.servers.replay import replay

TODAY = date(2026, 11, 22)
NEWEST = date(2026, 10, 23)


@pytest.mark.parametrize(
    ("since", "until", "archive", "ordinary"),
    [
        (None, None, None, True),
        (date(2026, 11, 1), None, None, True),
        (date(2022, 1, 1), None, (date(2022, 1, 1), NEWEST), False),
        (date(2022, 1, 1), date(2022, 12, 31), (date(2022, 1, 1), date(2023, 1, 1)), False),
        (date(2022, 1, 1), date(2026, 12, 1), (date(2022, 1, 1), NEWEST), True),
    ],
)
def test_what_is_older_than_sweeps_look_is_archive_and_what_is_ahead_never(
    since: date | None, until: date | None, archive: tuple[date, date] | None, ordinary: bool
) -> None:
    span = split_span(since, until, TODAY)
    assert (span.archive, span.ordinary) == (archive, ordinary)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ConfigError, match="ligger før"):
        split_span(date(2026, 1, 2), date(2026, 1, 1), TODAY)


def test_the_time_left_follows_the_pace_and_the_slowest_source(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter(range(0, 100_000, 10))
    roskilde = {"code": 265, "municipality": "Roskilde"}
    stored = MeetingStored(**roskilde, platform_id="1", committee="Byrådet", starts_at="", items=3, changed=3)
    events = [
        RunStarted(sources=1, put_off=[]),
        ListFound(**roskilde, listed=1400, wanted=600, again=0),
        *[stored] * 20,
        ArchiveReached(**roskilde, reached="2022-01-01", days_left=900, waiting=580, finished=False),
        SourceFinished(**roskilde, outcome="ok", reason="", requests=22, listed=600, fetched=20, changed=60, failed=0),
    ]
    run = show_archive_progress(map(to_line, events), Steps("", None), {265: 1.0}, clock=lambda: float(next(moments)))
    said = capsys.readouterr().out
    assert "Roskilde: 600 gamle møder venter, ca. 10 min." in said
    assert "Tilbage: ca. " in said
    assert (run.waiting, run.fetched, run.finished, run.unfinished) == (580, 20, 0, ["Roskilde"])
    assert run.in_words() == (
        "0 af 1 kommune er læst til bunds, 20 gamle møder hentet, 22 forespørgsler. Resten læses de kommende nætter."
    )


def test_since_reads_old_meetings_that_are_never_mailed_and_leaves_what_is_ahead_to_the_sweeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line("ahead", days=5), line("old", days=-40), line("older", days=-400)]
    papers = {"ahead": agenda(point(1, "Ny"), days=5), "old": agenda(point(1, "Gammel"), days=-40)}
    with replay(portal(*lines, **papers, older=agenda(point(1, "Ældre"), days=-400))) as server:
        catalogue = tmp_path / "catalogue.toml"
        catalogue.write_text(
            f'[[municipality]]\ncode = 1\nname = "Prøveby"\nplatform = "firstagenda"\nurl = "{server.base_url}"\n'
            "crawl_delay = 0\n",
            encoding="utf-8",
        )
        monkeypatch.setenv("DAGSORDENVAGT_MUNICIPALITIES", str(catalogue))
        monkeypatch.setenv("DAGSORDENVAGT_DATABASE_URL", f"sqlite:///{tmp_path / 'archive.sqlite3'}")
        settings.cache_clear()
        since = str((now() - timedelta(days=500)).date())
        noted = CliRunner().invoke(app, ["crawl", "--since", since, "--overnight"])
        assert (noted.exit_code, server.requests) == (0, []), noted.output
        shown = CliRunner().invoke(app, ["sources", "archive"])
        assert "Prøveby" in shown.output
        assert "nej" in shown.output
        done = CliRunner().invoke(app, ["crawl", "--since", since])
        assert done.exit_code == 0, done.output
        assert "1 af 1 kommune er læst til bunds, 2 gamle møder hentet" in done.output
        assert server.unsaved == []
    with transaction(settings().effective_database_url) as session:
        assert session.query(Meeting).count() == 2
        assert all(row.backfill for row in session.query(Revision))
