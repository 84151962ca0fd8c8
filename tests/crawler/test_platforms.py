"""Adapters are found by themselves, and a broken one is loud."""

from pathlib import Path

import pytest

import crawler.platforms
from crawler.platforms import BadAdapter, all_platforms
from crawler.platforms.firstagenda import FirstAgenda


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is searched for adapters too."""
    monkeypatch.setattr(crawler.platforms, "__path__", [*crawler.platforms.__path__, str(tmp_path)])
    return tmp_path


ADAPTER = '''
"""An adapter."""
from crawler.platforms.base import Platform
class Other(Platform):
    """Adapter."""
    name = "{name}"
    async def read_list(self): ...
    async def read_meeting(self, listed): ...
'''


def test_firstagenda_is_found_under_the_catalogues_name() -> None:
    assert all_platforms()["firstagenda"] is FirstAgenda


def test_a_new_file_is_found_without_registration(folder: Path) -> None:
    (folder / "other_one.py").write_text(ADAPTER.format(name="other"))
    assert set(all_platforms()) >= {"firstagenda", "other"}


def test_a_file_without_an_adapter_is_an_error(folder: Path) -> None:
    (folder / "other_two.py").write_text("x = 1\n")
    with pytest.raises(BadAdapter, match="other_two must hold exactly one Platform"):
        all_platforms()


def test_a_file_that_cannot_be_imported_is_an_error(folder: Path) -> None:
    (folder / "other_three.py").write_text("import no_such_module\n")
    with pytest.raises(ModuleNotFoundError):
        all_platforms()


def test_a_name_used_twice_is_an_error(folder: Path) -> None:
    (folder / "other_four.py").write_text(ADAPTER.format(name="firstagenda"))
    with pytest.raises(BadAdapter, match="firstagenda"):
        all_platforms()
