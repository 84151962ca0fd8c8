"""Every publishing system from its site to the database, through the crawler's own process."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crawler.progress import SourceFinished
from storage.engine import reading, transaction
from storage.models import AgendaItem, Meeting, Publication, Revision
from tests.crawler.conftest import add_source, crawl, publications_of, source_of
from tests.crawler.test_saved_sites import SITES
from tests.servers.replay import replay, saved_site

CODE = 999
# The copy-me adapter is no platform of the catalogue.
SITES = [folder for folder in SITES if folder.parent.name != "template"]


def catalogue(folder: Path, settings: dict[str, Any], base_url: str) -> Path:
    """A catalogue with this one site, as an operator would write it."""
    options = settings.get("options", {})
    told = ", ".join(f"{key} = {json.dumps(value)}" for key, value in options.items())
    path = folder / "catalogue.toml"
    path.write_text(
        f'[[municipality]]\ncode = {CODE}\nname = "Saved"\nplatform = "{settings["platform"]}"\n'
        f'url = "{base_url}"\noptions = {{ {told} }}\n'
    )
    return path


@pytest.mark.slow
@pytest.mark.parametrize("folder", SITES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_replayed_crawl_stores_what_was_approved_and_reading_it_again_adds_nothing(
    folder: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, answers = saved_site(folder)
    approved = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    meetings = [one["meeting"] for one in approved if one["record"] == "MeetingRead"]
    failed = {one["platform_id"] for one in approved if one["record"] == "MeetingFailed"}
    with replay(answers) as server:
        add_source(sqlite_url, CODE, server.base_url, platform=settings["platform"])
        monkeypatch.setenv("DAGSORDENVAGT_MUNICIPALITIES", str(catalogue(tmp_path, settings, server.base_url)))
        first = crawl(sqlite_url, since=settings["since"], until=settings.get("until"))
        assert server.unsaved == [], first.log
        stored = {key for key, row in publications_of(sqlite_url, CODE).items() if row.status == "stored"}
        assert stored == {meeting["platform_id"] for meeting in meetings}
        assert {key for key, row in publications_of(sqlite_url, CODE).items() if row.status == "failed"} == failed
        with reading(sqlite_url) as session:
            starts = {(row.committee.name, row.starts_at.isoformat(" ")) for row in session.query(Meeting)}
            titles = {row.title for row in session.query(AgendaItem)}
            revisions = session.query(Revision).count()
        assert starts == {(meeting["committee_name"], meeting["starts_at"]) for meeting in meetings}
        assert titles == {item["title"] for meeting in meetings for item in meeting["items"]}
        reason = source_of(sqlite_url, CODE).last_error or ""
        assert bool(reason) == any(one.get("reason") for one in approved)

        quiet = crawl(sqlite_url, since=settings["since"], until=settings.get("until"))
        # What was stored is not asked for again: only what failed is.
        assert [event.fetched for event in quiet.events if isinstance(event, SourceFinished)] == [0]

        with transaction(sqlite_url) as session:
            session.execute(update(Publication).values(fingerprint=""))
        again = crawl(sqlite_url, since=settings["since"], until=settings.get("until"))
        assert [event.fetched for event in again.events if isinstance(event, SourceFinished)] == [len(meetings)]
        assert server.unsaved == [], again.log
        with reading(sqlite_url) as session:
            assert session.query(Revision).count() == revisions
            assert {(row.committee.name, row.starts_at.isoformat(" ")) for row in session.query(Meeting)} == starts
