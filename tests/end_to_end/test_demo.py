"""The demo as a newcomer runs it, and the service as an operator stops it."""

import json
import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from service.demo.serving import serve
from service.demo.site import build_site
from tests.end_to_end.conftest import Installation, on_sqlite
from tests.service.command import command


@pytest.mark.slow
def test_the_demo_ends_well_and_says_what_was_found_and_sent(tmp_path: Path) -> None:
    done = command(tmp_path, "demo", "--once")
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) møder, (\d+) punkter, (\d+) fund", done.stdout)
    assert found, done.stdout
    assert int(found[2]) >= 60
    sent = re.search(r"(\d+) mails er sendt", done.stdout)
    assert sent
    mails = list((tmp_path / "data" / "demo" / "mails").glob("*.eml"))
    assert len(mails) == int(sent[1]) >= 8
    assert "Lindebjerg: " in done.stdout
    told = [message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",)) for path in mails]
    texts = [" ".join(body.get_content().split()) for body in told if body]
    # Nothing but the second page of its PDF, behind a signed address, says that this item is about loneliness.
    assert any("»ensomhed« og »ensomme« i bilag »Befolkningsprognose«, side 2" in text for text in texts)


def test_the_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("kept")
    done = command(tmp_path, "demo", "--once", "--folder", "mine")
    assert done.returncode == 2
    assert (tmp_path / "mine" / "letter.txt").read_text() == "kept"


@pytest.mark.slow
@on_sqlite
def test_the_service_catches_up_at_its_start_and_ends_politely(installation: Installation) -> None:
    with serve(build_site().app) as base_url:
        installation.watch(base_url)
        with installation.start("run") as process:
            status: list[dict[str, object]] = []
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline and not (status and status[0]["last_success_at"]):
                time.sleep(1)
                status = json.loads(installation.run("sources", "status", "--json").stdout or "[]")
            process.terminate()
            done = process.finish(90)
    assert status[0]["state"] == "frisk"
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
