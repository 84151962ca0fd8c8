"""The command line as a person meets it: what it prints, what it says when something is wrong, how it exits."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from config.settings import PREFIX, Settings
from service.cli import app
from service.demo.mailbox import Mailbox, mail_server
from service.demo.serving import serve
from service.demo.site import build_site
from tests.conftest import ROOT
from tests.service.command import command

PROFILES = """
profiles:
- {id: varme, name: Varmestuen, topics: [hjemløshed], contacts: [{name: Alice, email: alice@example.org}]}
- {id: fejl, name: Fejl, topcs: [x]}
"""


def every_command() -> list[str]:
    root = get_command(app)
    assert hasattr(root, "commands")
    found = []
    for name, one in root.commands.items():
        found += [f"{name} {sub}" for sub in one.commands] if hasattr(one, "commands") else [name]
    return found


@pytest.mark.parametrize("name", every_command())
def test_every_command_has_help_and_stands_in_the_guide(name: str) -> None:
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    root, _, sub = name.partition(" ")
    one = get_command(app).commands[root]  # type: ignore[attr-defined]
    one = one.commands[sub] if sub else one
    assert one.help
    assert f"`{root}" in guide
    assert not sub or sub in guide


def test_every_setting_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{PREFIX}{name.upper()}`" not in guide] == []


def test_a_wrong_setting_ends_with_two_and_one_line_of_advice(tmp_path: Path) -> None:
    done = command(tmp_path, "sources", "status", DAGSORDENVAGT_SMPT_URL="smtp://x")
    assert done.returncode == 2
    assert "DAGSORDENVAGT_" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_municipality_is_answered_with_the_likely_one(tmp_path: Path) -> None:
    done = command(tmp_path, "sources", "status", "-m", "Århus")
    assert done.returncode == 2
    assert "Did you mean 'Aarhus'" in done.stderr


def test_sources_lists_all_of_denmark(tmp_path: Path) -> None:
    done = command(tmp_path, "sources", "status", "--json")
    rows = json.loads(done.stdout)
    assert len(rows) == 98
    assert {row["state"] for row in rows} == {"aldrig læst"}


def test_import_says_what_is_wrong_with_one_entry_and_takes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "foreninger.yaml").write_text(PROFILES, encoding="utf-8")
    done = command(tmp_path, "associations", "import", "foreninger.yaml")
    assert done.returncode == 3
    assert "'topcs'. Did you mean 'topics'" in done.stderr
    assert "1 forening og 0 konsulenter er indlæst" in done.stdout
    listed = json.loads(command(tmp_path, "associations", "list", "--json").stdout)
    assert [(row["id"], row["confirmed"], row["pending"]) for row in listed] == [("varme", 0, 1)]

    exported = json.loads(command(tmp_path, "associations", "export", "varme").stdout)
    assert exported["people"][0]["email"] == "alice@example.org"
    assert command(tmp_path, "associations", "delete", "varme", "--yes").returncode == 0
    assert command(tmp_path, "associations", "export", "varme").returncode == 2


def test_the_doctor_finds_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    done = command(tmp_path, "doctor", "--json", DAGSORDENVAGT_SMTP_URL="smtp://127.0.0.1:9")
    findings = {row["subject"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert findings["Mailserver"]["state"] == "error"
    assert "DAGSORDENVAGT_SMTP_URL" in findings["Mailserver"]["advice"]
    assert findings["Sprogdata"]["state"] == "ok"
    assert findings["Database"]["advice"] == "Kør `dagsordenvagt db upgrade`."
    assert findings["Indstillinger"]["state"] == "warning"
    assert "DAGSORDENVAGT_OPERATOR_EMAIL" in findings["Driftens mail"]["advice"]


def test_the_doctor_is_content_when_all_is_there(tmp_path: Path) -> None:
    with mail_server(Mailbox(tmp_path / "mails")) as mailbox:
        settings = {
            "DAGSORDENVAGT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}?starttls=0",
            "DAGSORDENVAGT_CONTACT": "vagt@example.org",
            "DAGSORDENVAGT_BASE_URL": "https://vagt.example.org",
            "DAGSORDENVAGT_OPERATOR_EMAIL": "drift@example.org",
        }
        assert command(tmp_path, "db", "upgrade").returncode == 0
        done = command(tmp_path, "doctor", "--json", **settings)
    # Nobody reads returned mails here, which is worth a word and no error.
    assert [row["subject"] for row in json.loads(done.stdout) if row["state"] != "ok"] == ["Returmails"]
    assert done.returncode == 0


def test_check_recognises_a_site_and_proposes_the_catalogues_lines(tmp_path: Path) -> None:
    with serve(build_site().app) as base_url:
        done = command(tmp_path, "sources", "check", base_url)
    assert done.returncode == 0, done.stderr
    assert 'platform = "firstagenda"' in done.stdout
    assert f'url = "{base_url}"' in done.stdout


def test_preview_tells_what_an_association_would_have_got(tmp_path: Path) -> None:
    profile = "profiles:\n- {id: naer, name: Nærvær, topics: [ensomhed, besøgsvenner], target_groups: [ældre]}\n"
    (tmp_path / "foreninger.yaml").write_text(profile, encoding="utf-8")
    with serve(build_site().app) as base_url:
        entry = f'code = 999\nname = "Lindebjerg"\nplatform = "firstagenda"\nurl = "{base_url}"\ncrawl_delay = 0.0\n'
        (tmp_path / "municipalities.toml").write_text(f"[[municipality]]\n{entry}", encoding="utf-8")
        watched = {"DAGSORDENVAGT_MUNICIPALITIES": str(tmp_path / "municipalities.toml")}
        command(tmp_path, "associations", "import", "foreninger.yaml", **watched)
        assert command(tmp_path, "crawl", **watched).returncode == 0
        done = command(tmp_path, "associations", "preview", "naer", "--json", **watched)
    shown = json.loads(done.stdout)
    assert "Handleplan for færre ensomme ældre" in [hit["title"] for hit in shown["hits"]]
    assert shown["per_week"] > 0
    assert not (tmp_path / "data" / "outbox").exists()


def test_evaluate_prints_figures_by_kind_of_text(tmp_path: Path, shared: Path) -> None:
    gold = shared / "gold"
    files = ["--items", gold / "items.jsonl", "--profiles", gold / "profiles.yaml", "--gold", gold / "gold.csv"]
    done = command(tmp_path, "evaluate", *map(str, files), "--json", "--out", "scores.csv")
    report = json.loads(done.stdout)
    assert set(report["by_text_kind"]) == {"official", "own_words"}
    assert report["overall"]["f1"] >= 0.70
    header, first, *_ = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert header == "item_id,profile_id,score,alert"
    assert first.rsplit(",", 1)[1] in {"0", "1"}


def test_the_compose_file_is_well_formed_and_names_only_known_settings() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"scheduler", "web", "database", "mailcatcher"}
    for service in compose["services"].values():
        assert "healthcheck" in service
        for name in service.get("environment", {}):
            assert not name.startswith(PREFIX) or name.removeprefix(PREFIX).lower() in Settings.model_fields


def test_no_file_of_the_project_names_a_registry_or_a_path_of_a_machine() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    words = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "/work" + "/main", "/work" + "/shared"]
    found = [
        f"{name}: {word}"
        for name in files
        if name
        and (ROOT / name).suffix in {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ""}
        and (ROOT / name).is_file()
        for word in words
        if word in (ROOT / name).read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []
