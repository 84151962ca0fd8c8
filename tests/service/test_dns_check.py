"""The doctor's look at SPF, DKIM and DMARC, against a real DNS server on loopback."""

from pathlib import Path

import dns.resolver
import pytest
from pydantic import SecretStr

from config.settings import Settings
from service.dns_check import NoResolver, dns_records
from service.doctor import examine
from tests.servers.dns import dns_server

GOOD = {
    "vagt.example.dk": ["v=spf1 include:mail.example.dk -all", "google-site-verification=x"],
    "dagsordenvagt._domainkey.vagt.example.dk": "v=DKIM1; k=rsa; p=" + "A" * 390,
    "_dmarc.example.dk": "v=DMARC1; p=quarantine; rua=mailto:drift@example.dk",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    key = tmp_path / "dkim.pem"
    key.write_text("the key itself is not looked at here")
    return Settings(
        data_dir=tmp_path,
        mail_from="Vagt <vagt@vagt.example.dk>",
        secret_key=SecretStr("test key"),
        dkim_key_file=key,
    )


def advice(settings: Settings, records: dict[str, str | list[str]]) -> dict[str, str]:
    with dns_server(records) as resolver:
        return {one.name: one.advice for one in dns_records(settings, lambda: resolver)}


def test_a_domain_in_order_needs_no_advice(settings: Settings) -> None:
    assert advice(settings, GOOD) == {"SPF": "", "DKIM": "", "DMARC": ""}


@pytest.mark.parametrize(
    ("name", "value", "about", "says"),
    [
        ("vagt.example.dk", None, "SPF", "Sæt en TXT-post på vagt.example.dk"),
        ("vagt.example.dk", "v=spf1 +all", "SPF", "-all"),
        ("vagt.example.dk", ["v=spf1 -all", "v=spf1 ~all"], "SPF", "kun være én"),
        ("dagsordenvagt._domainkey.vagt.example.dk", None, "DKIM", "offentlige nøgle"),
        ("dagsordenvagt._domainkey.vagt.example.dk", "v=DKIM1; p=", "DKIM", "nye offentlige nøgle"),
        ("_dmarc.example.dk", None, "DMARC", "_dmarc.vagt.example.dk"),
    ],
)
def test_each_fault_is_told_with_what_to_do(
    settings: Settings, name: str, value: str | list[str] | None, about: str, says: str
) -> None:
    records: dict[str, str | list[str]] = dict(GOOD)
    if value is None:
        del records[name]
    else:
        records[name] = value
    told = advice(settings, records)
    assert says in told[about]
    assert [name for name, one in told.items() if one] == [about]


def test_no_answer_is_told_as_such(settings: Settings) -> None:
    nobody = dns.resolver.Resolver(configure=False)
    nobody.nameservers, nobody.port, nobody.lifetime = ["127.0.0.1"], 9, 0.2
    with pytest.raises(NoResolver):
        dns_records(settings, lambda: nobody)


def test_the_doctor_says_that_an_allow_list_is_on(settings: Settings) -> None:
    held = settings.model_copy(update={"mail_allowlist": "test@example.dk, example.org"})
    (found,) = [one for one in examine(held) if one.subject == "Tilladte modtagere"]
    assert found.state == "warning"
    assert "2" in found.said
    assert all(one.subject != "Tilladte modtagere" for one in examine(settings))
