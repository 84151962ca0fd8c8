"""The name of our own reading: it moves with the code that makes items, and with nothing else."""

import ast
from pathlib import Path

from sqlalchemy import select

from crawler import platforms, reader
from crawler.platforms import all_platforms
from storage.engine import reading
from storage.models import Publication
from tests.crawler.conftest import add_source, crawl
from tests.crawler.firstagenda_answers import agenda, line, point, portal
from tests.servers.replay import replay

# They ask for pages or say whether to ask again; what stands on a page is not theirs.
NO_READING = {"freshness", "fetch", "turns"}


def imported(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.removeprefix("crawler.").replace(".", "/") for name in names if name and name.startswith("crawler.")}


def test_every_module_that_an_adapter_reads_with_is_counted() -> None:
    waiting = {path for path in Path(platforms.__path__[0]).glob("*.py") if path.stem not in {"__init__", "base"}}
    seen: set[str] = set()
    while waiting:
        new = imported(waiting.pop()) - NO_READING - seen
        seen |= new
        waiting |= {reader.HERE / f"{name}.py" for name in new}
    assert seen == {*reader.SHARED}


def test_each_platform_has_a_name_of_its_own() -> None:
    names = [reader.reader_of(platform) for platform in all_platforms()]
    assert len({*names}) == len(names) > 5
    assert reader.reader_of("nobody knows it") == ""


def test_a_paper_remembers_who_read_it(sqlite_url: str) -> None:
    with replay(portal(line("a1"), a1=agenda(point(1, "Natcafé")))) as server:
        add_source(sqlite_url, 1, server.base_url)
        assert crawl(sqlite_url).exit_code == 0
    with reading(sqlite_url) as session:
        assert session.scalars(select(Publication.reader)).all() == [reader.reader_of("firstagenda")]
