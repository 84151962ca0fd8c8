"""Every saved site reads as a person has approved in its expected.json."""

import asyncio
import json
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import COPENHAGEN, now
from crawler.fetch import HostFetch
from crawler.items import MeetingRead, Record, Site, Window
from crawler.pipelines.check import faults
from crawler.platforms import all_platforms
from crawler.template.adapter import Template
from crawler.visit import Visit
from tests.servers.download import download
from tests.servers.replay import replay, saved_site

SITES = sorted(path.parent for path in (Path(__file__).parents[1] / "sites").glob("*/*/site.toml"))


def visit(
    base_url: str,
    platform: str,
    since: date,
    until: date | None = None,
    options: dict[str, Any] | None = None,
) -> list[Record]:
    """What a visit to ``base_url`` hands on; ``until`` is the last day."""
    end = datetime.combine(until + timedelta(days=1), time(0), COPENHAGEN) if until else None
    site = Site(
        code=999,
        name="Saved",
        platform=platform,
        base_url=base_url,
        window=Window(since=datetime.combine(since, time(0), COPENHAGEN), until=end),
        crawl_delay=0,
        options=options or {},
    )
    records: list[Record] = []

    async def hand(record: Record) -> str:
        records.append(record)
        return ""

    async def run() -> None:
        fetch = HostFetch(download, base_url)
        adapter = (all_platforms() | {"template": Template})[platform](site, fetch)
        await Visit(site, adapter, fetch, hand).run()

    asyncio.run(run())
    return records


def told(records: list[Record], base_url: str) -> Any:
    """The records as JSON that a person can read and that does not depend on today's date or the port."""
    plain = [{"record": type(one).__name__, **asdict(one)} for one in records]
    for one in plain:
        # A saved site has no past of ours, so it waits for no minutes; and all of it can be read.
        assert not one.pop("late", ())
        if "meeting" in one:
            assert not one["meeting"].pop("problems")
            assert not any(item.pop("unread") for item in one["meeting"]["items"])
    text = json.dumps(plain, default=str, ensure_ascii=False).replace(base_url, "{base}")
    return sorted(
        json.loads(text), key=lambda one: str(one.get("platform_id") or one.get("meeting", {}).get("platform_id"))
    )


@pytest.mark.parametrize("folder", SITES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_saved_site_reads_as_approved(folder: Path) -> None:
    settings, answers = saved_site(folder)
    with replay(answers) as server:
        records = visit(server.base_url, **settings)
    assert server.unsaved == []
    for record in records:
        if isinstance(record, MeetingRead):
            assert list(faults(record.meeting, server.base_url, now())) == []
    found, approved = told(records, server.base_url), folder / "expected.json"
    if not approved.exists():
        approved.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.fail(f"{approved} was written; read it, correct the adapter until it is right, and run again")
    assert found == json.loads(approved.read_text(encoding="utf-8"))
