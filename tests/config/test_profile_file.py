"""The profile file: what people write, and what they mistype."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.profile_file import read_profile_file


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "profiles.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_format_of_the_shared_profiles_is_read(shared: Path) -> None:
    found = read_profile_file(shared / "gold" / "profiles.yaml")
    assert len(found.associations) == 12
    assert found.problems == ()


def test_single_words_and_codes_are_taken_as_lists(tmp_path: Path) -> None:
    text = "profiles:\n- {id: a, name: A, topics: ensomhed, municipalities: 751, contacts: [{email: a@example.org}]}\n"
    (entry,) = read_profile_file(written(tmp_path, text)).associations
    assert entry.topics == ["ensomhed"]
    assert entry.municipalities == ["751"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{id: b, name: B, topcs: [x]}", "'topcs'. Did you mean 'topics'"),
        ("{id: b, name: B, contacts: [{email: nobody}]}", "contacts.0.email"),
        ("{id: b, name: B, frequency: hourly}", "frequency"),
        ("{name: B}", "'id'"),
        ("just a word", "entry 2"),
        ("{id: a, name: Again}", "'a' is used twice"),
    ],
)
def test_one_bad_entry_is_said_and_the_others_kept(tmp_path: Path, line: str, said: str) -> None:
    found = read_profile_file(written(tmp_path, f"profiles:\n- {{id: a, name: A}}\n- {line}\n- {{id: c, name: C}}\n"))
    assert [entry.id for entry in found.associations] == ["a", "c"]
    assert found.associations[0].name == "A"
    assert len(found.problems) == 1
    assert said in found.problems[0]


@pytest.mark.parametrize("text", ["profiles: [", "profils: []", "- a"])
def test_a_file_that_is_no_profile_file_stops_with_a_reason(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"profiles\.yaml"):
        read_profile_file(written(tmp_path, text))


@pytest.mark.parametrize("text", ["profiles: 5\n", "profiles: {a: b}\n", "consultants: ja\n"])
def test_something_else_than_a_list_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    found = read_profile_file(written(tmp_path, text))
    assert (found.associations, found.consultants) == ((), ())
    assert "list of entries" in found.problems[0]


def test_a_folder_and_endless_nesting_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_profile_file(tmp_path)
    with pytest.raises(ConfigError, match=r"profiles\.yaml is no valid YAML"):
        read_profile_file(written(tmp_path, "profiles: " + "[" * 5_000))


def test_control_characters_become_blanks_and_have_no_place_in_addresses(tmp_path: Path) -> None:
    text = r"""profiles:
- {id: a, name: "Nul \0 navn", topics: ["a\x1bb"], contacts: [{name: "A\r\nBcc: x@y.dk", email: a@example.org}]}
- {id: b, name: B, contacts: [{email: "b\0@example.org"}]}
- {id: "c d", name: C}
"""
    found = read_profile_file(written(tmp_path, text))
    (entry,) = found.associations
    assert (entry.name, entry.topics, entry.contacts[0].name) == ("Nul   navn", ["a b"], "A \nBcc: x@y.dk")
    assert len(found.problems) == 2
    assert "e-mail" not in found.problems[1]
