"""Settings complain at start, by name and with a hint."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load_settings


def test_defaults_need_nothing_set() -> None:
    loaded = load_settings()
    assert loaded.effective_database_url.startswith("sqlite:///")
    assert loaded.smtp_url is None


def test_a_misspelt_variable_is_named_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSORDENVAGT_SMPT_URL", "smtp://localhost")
    with pytest.raises(ConfigError, match=r"DAGSORDENVAGT_SMPT_URL.*Did you mean 'DAGSORDENVAGT_SMTP_URL'"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_URL", "mail.example.dk:25", "must look like smtp://"),
        ("SMTP_URL", "smtp://mail.example.dk?startls=1", "unknown option 'startls'"),
        ("BASE_URL", "dagsordenvagt.dk", "absolute address"),
        ("DATABASE_URL", "mysql://x", "sqlite: or postgresql:"),
        ("TIMEZONE", "Europe/Copenhagn", "no time zone"),
        ("MAIL_FROM", "nobody", "one mail address"),
        ("LOG_FORMAT", "xml", "'auto', 'console' or 'json'"),
    ],
)
def test_a_bad_value_says_what_it_should_be(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"DAGSORDENVAGT_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert f"DAGSORDENVAGT_{name}" in str(caught.value)
    assert said in str(caught.value)


def test_a_password_in_the_smtp_url_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSORDENVAGT_SMTP_URL", "smtp://vagt:hemmelig@mail.example.dk?x=1")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "hemmelig" not in str(caught.value)
    monkeypatch.setenv("DAGSORDENVAGT_SMTP_URL", "smtp://vagt:hemmelig@mail.example.dk")
    assert "hemmelig" not in repr(load_settings())


def test_short_postgres_urls_get_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSORDENVAGT_DATABASE_URL", "postgresql://vagt@db/vagt")
    assert load_settings().effective_database_url == "postgresql+psycopg://vagt@db/vagt"


def test_the_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    key = load_settings().signing_key()
    assert len(key) > 30
    assert load_settings().signing_key() == key
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "smtp://user:hemme#ligt@example.dk"),
        ("SMTP_URL", "smtp://user:hemme/ligt@example.dk"),
        ("SMTP_URL", "smtp://user:hemmeligt@example.dk:port"),
        ("DATABASE_URL", "postgresql://user:hemme@ligt@example.dk/x"),
        ("DATABASE_URL", "postgresql:hemmeligt"),
        ("CONTACT", "hemmeligt@example.dk\nX-Evil: 1"),
        ("MAIL_FROM", "hemmeligt @"),
    ],
)
def test_a_bad_value_is_never_repeated_for_it_may_hold_the_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"DAGSORDENVAGT_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "hemme" not in str(caught.value)
    assert "ligt" not in str(caught.value)


@pytest.mark.parametrize("kept", ["", "\n", "half a k"])
def test_an_empty_or_cut_key_signs_nothing(tmp_path: Path, kept: str) -> None:
    settings = load_settings()
    settings.data_dir.mkdir(parents=True)
    (settings.data_dir / "secret_key").write_text(kept)
    with pytest.raises(ConfigError, match="cut short"):
        settings.signing_key()
