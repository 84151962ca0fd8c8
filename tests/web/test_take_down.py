"""The page of an item that was taken down, by the command that does it."""

import httpx
import pytest
from typer.testing import CliRunner

from config.settings import settings
from service.cli import app
from tests.web.reading import words
from tests.web.world import LONELINESS, World


def test_the_page_says_in_a_sentence_that_the_text_was_removed(
    public: httpx.Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSORDENVAGT_DATABASE_URL", world.settings.effective_database_url)
    settings.cache_clear()
    page = f"/sager/{world.loneliness}"
    assert CliRunner().invoke(app, ["items", "takedown", page]).exit_code != 0, "a reason is needed"
    reason = "Kommunen har trukket punktet tilbage."
    done = CliRunner().invoke(app, ["items", "takedown", f"https://vagt.example.dk{page}", "--reason", reason])
    assert done.exit_code == 0, done.output
    assert "teksten er fjernet" in done.output

    answer = public.get(page)
    assert answer.status_code == 410
    said = words(answer.text)
    assert "Punktet er taget ned" in said
    assert reason in said
    for address in ("/", "/sager", "/moeder", page, "/sager?q=ensomhed"):
        assert LONELINESS not in words(public.get(address).text)

    undone = CliRunner().invoke(app, ["items", "takedown", str(world.loneliness), "--undo"])
    assert undone.exit_code == 0, undone.output
