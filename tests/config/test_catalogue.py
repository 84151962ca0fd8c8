"""The catalogue: all of Denmark built in, one typo never hides the rest."""

from pathlib import Path

import pytest

from config.catalogue import load_catalogue, read_catalogue
from config.errors import ConfigError
from config.settings import load_settings

GOOD = (
    '[[municipality]]\ncode = 751\nname = "Aarhus"\nplatform = "firstagenda"\nurl = "https://dagsordener.aarhus.dk"\n'
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "municipalities.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_built_in_catalogue_names_all_98_municipalities() -> None:
    catalogue = load_catalogue(load_settings())
    assert len(catalogue.municipalities) == 98
    assert catalogue.problems == ()
    platforms = [entry.platform for entry in catalogue]
    assert platforms.count("firstagenda") == 88
    assert len(set(platforms)) == 9


def test_an_environment_variable_replaces_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("https://dagsordener.aarhus.dk", "http://127.0.0.1:8123"))
    monkeypatch.setenv("DAGSORDENVAGT_MUNICIPALITIES", str(path))
    assert [entry.url for entry in load_catalogue(load_settings())] == ["http://127.0.0.1:8123"]


def test_an_unknown_key_is_named_and_the_entry_still_watched(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, GOOD + "crawl_dealy = 2\n"))
    assert len(catalogue.municipalities) == 1
    (problem,) = catalogue.problems
    assert problem.code == 751
    assert "'crawl_dealy'" in problem.message
    assert "'crawl_delay'" in problem.message


@pytest.mark.parametrize("line", ['url = "ftp://x"', "code = 0", 'crawl_delay = "fast"', "code = 751"])
def test_a_bad_entry_is_left_out_and_the_others_go_on(tmp_path: Path, line: str) -> None:
    other = 'name = "Samsø"\nplatform = "firstagenda"\n'
    bad = "[[municipality]]\n" + other + line + "\n"
    bad += "" if line.startswith("url") else 'url = "https://dagsorden.samsoe.dk"\n'
    bad += "" if line.startswith("code") else "code = 741\n"
    catalogue = read_catalogue(written(tmp_path, GOOD + bad))
    assert [entry.name for entry in catalogue] == ["Aarhus"]
    assert len(catalogue.problems) == 1
    assert catalogue.problems[0].skipped
    assert "Samsø" in catalogue.problems[0].message


@pytest.mark.parametrize("text", ["", "[[municipality]\n", "title = 'x'"])
def test_a_file_that_cannot_be_used_at_all_stops_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"municipalities\.toml"):
        read_catalogue(written(tmp_path, text))


def test_selecting_by_name_or_code_and_a_hint_for_a_typo(tmp_path: Path) -> None:
    catalogue = read_catalogue(written(tmp_path, GOOD))
    assert [entry.code for entry in catalogue.select(["aarhus"])] == [751]
    assert [entry.code for entry in catalogue.select(["751"])] == [751]
    with pytest.raises(ConfigError, match="Did you mean 'Aarhus'"):
        catalogue.select(["Århus"])


def test_an_entry_that_is_no_table_is_left_out_and_a_folder_refused(tmp_path: Path) -> None:
    good = '{code = 751, name = "Aarhus", platform = "firstagenda", url = "https://example.dk"}'
    catalogue = read_catalogue(written(tmp_path, f'municipality = [1, "x", {good}]\n'))
    assert [entry.name for entry in catalogue] == ["Aarhus"]
    assert [problem.skipped for problem in catalogue.problems] == [True, True]
    with pytest.raises(ConfigError, match="cannot be read"):
        read_catalogue(tmp_path)
