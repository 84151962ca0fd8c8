"""`forward`, `missed` and `associations close` as a person types them."""

import json
from pathlib import Path

from sqlalchemy import select

from config.clock import now
from storage.engine import transaction
from storage.models import MissedOutcome, MissedReport
from tests.factories import a_subscription, an_association, an_item
from tests.service.command import command


def test_passing_on_reports_and_closing(tmp_path: Path) -> None:
    assert command(tmp_path, "db", "upgrade").returncode == 0
    url = f"sqlite:///{tmp_path / 'data' / 'dagsordenvagt.sqlite3'}"
    with transaction(url) as session:
        one = a_subscription(session, "Alice", an_association(session))
        item = an_item(session, "Varmestue på havnen")
        number = item.id
        report = MissedReport(recipient_id=one.recipient_id, association_id=one.association_id, what="Klubhuset")
        report.outcome, report.said, report.created_at = MissedOutcome.ABSENT, ["Vi havde det ikke."], now()
        session.add(report)

    sent = command(tmp_path, "forward", str(number), "--to", "sind-aarhus", "--note", "Ring til mig")
    assert (sent.returncode, "Sind Aarhus: 1 mail er lagt i kø." in sent.stdout) == (0, True), sent
    again = command(tmp_path, "forward", str(number), "--to", "sind-aarhus")
    assert again.returncode == 1
    assert "har allerede fået besked" in " ".join(again.stderr.split())
    unknown = command(tmp_path, "forward", str(number), "--to", "findes-ikke")
    assert (unknown.returncode, "'findes-ikke'" in unknown.stderr) == (2, True)
    nobody = command(tmp_path, "forward", str(number), "--to", "sind-aarhus", "--from", "x@example.org")
    assert (nobody.returncode, "Ingen bekræftet konsulent" in nobody.stderr) == (2, True)

    listed = json.loads(command(tmp_path, "missed", "list", "--json").stdout)
    assert [(row["association"], row["what"], row["outcome"]) for row in listed] == [
        ("sind-aarhus", "Klubhuset", "absent")
    ]
    assert command(tmp_path, "missed", "done", str(listed[0]["id"])).returncode == 0
    assert "0 indberetninger venter" in command(tmp_path, "missed", "list").stdout
    assert command(tmp_path, "missed", "done", "99").returncode == 2

    closed = command(tmp_path, "associations", "close", "sind-aarhus")
    assert "1 modtager får en mail om det" in " ".join(closed.stdout.split())
    assert "åben igen" in command(tmp_path, "associations", "close", "sind-aarhus", "--undo").stdout
    with transaction(url) as session:
        assert session.scalars(select(MissedReport.handled_at)).one() is not None
