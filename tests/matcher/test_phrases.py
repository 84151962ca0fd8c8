"""The keys of the thesaurus' phrases are kept between processes, and are the same whether kept or made anew."""

import json
import subprocess
import sys

import pytest

from matcher import phrases
from matcher.compiled import compile_profiles
from matcher.language.hunspell import compound_tables
from matcher.profile import Profile
from matcher.topics import load_thesaurus

KEPT = ["besøgsven", "STU", "servicelovens § 18", "børn og unge", "ensomme ældre"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache folder, and a process that knows no phrase yet."""
    compound_tables()  # these have their own place there, and take long to make
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for known in (phrases._kept, phrases._file):
        known.cache_clear()
    yield tmp_path / "dagsordenvagt"
    for known in (phrases._kept, phrases._file):
        known.cache_clear()


def _forget() -> None:
    phrases._kept.cache_clear()


def test_what_is_kept_is_what_the_analysis_says(folder):
    before = {phrase: phrases.phrase_keys(phrase) for phrase in KEPT}
    phrases.prepare_phrases(KEPT)
    _forget()
    phrases.prepare_phrases(KEPT)
    assert {phrase: phrases.phrase_keys(phrase) for phrase in KEPT} == before
    assert before["besøgsven"] == (("besøgsven",), "besøg+ven")
    (file,) = folder.iterdir()
    assert json.loads(file.read_text(encoding="utf-8"))["børn og unge"]


def test_new_phrases_join_those_that_are_kept(folder):
    phrases.prepare_phrases(KEPT[:2])
    _forget()
    phrases.prepare_phrases(KEPT)
    (file,) = folder.iterdir()
    assert set(KEPT) <= json.loads(file.read_text(encoding="utf-8")).keys()


@pytest.mark.parametrize(
    "content", [b"", b'{"STU":', b"[1, 2]", b'{"besogsven": 3}', b'{"STU": ["stu", ""]}', b"\xff\xfe"]
)
def test_a_broken_file_is_made_anew(folder, content):
    folder.mkdir(parents=True)
    phrases._file().write_bytes(content)
    phrases.prepare_phrases(KEPT)
    assert phrases.phrase_keys("besøgsven") == (("besøgsven",), "besøg+ven")
    _forget()
    assert set(KEPT) <= phrases._read(phrases._file()).keys()


def test_without_a_folder_to_write_in_everything_still_works(monkeypatch, folder):
    folder.parent.joinpath("file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "file"))
    phrases._file.cache_clear()
    phrases.prepare_phrases(KEPT)
    assert phrases.phrase_keys("ensomme ældre") == (("ensom", "ældre"), "")


def test_a_process_without_text_to_read_goes_without_spacy():
    compile_profiles([Profile(id="a", topics=("ensomhed",))], load_thesaurus())  # the cache is filled
    program = (
        "import sys; from matcher.run import compile_profiles, load_thesaurus; from matcher.profile import Profile; "
        "compile_profiles([Profile(id='a', topics=('ensomhed',))], load_thesaurus()); sys.exit('spacy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
