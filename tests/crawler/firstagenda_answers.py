"""Small FirstAgenda answers with dates ahead, to be broken one way each."""

from datetime import timedelta
from typing import Any

from config.clock import now
from tests.servers.replay import Saved, saved_json

LIST = "/api/agenda/udvalgsliste"
MEETING = "/api/agenda/dagsorden/"
FRONT = Saved(
    "<html>powered by FirstAgenda Publication</html>",
    headers={"Set-Cookie": ".AspNet.Cookies=abc; path=/; HttpOnly", "Content-Type": "text/html"},
)


def begins(days: float, hour: int = 16) -> str:
    """A start as the platform writes it, ``days`` from today."""
    return (now() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0).isoformat()


def line(meeting_id: str, days: float = 10, **more: Any) -> dict[str, Any]:
    """A meeting as the list has it."""
    told = {"Id": meeting_id, "MeetingBeginUtc": begins(days), "Dato": begins(days), "ReleasedDate": begins(days - 6)}
    return told | {"Navn": "Dagsorden", "Afsluttet": False, "IsSupplementaryAgenda": False, "Sted": ""} | more


def listing(*lines: dict[str, Any], committee: str = "Byrådet") -> dict[str, Any]:
    """The list, with all meetings in one committee."""
    return {"Udvalg": {"Udvalg 2026-2029": [{"Id": "c1", "Navn": committee, "Moeder": [*lines]}]}}


def point(
    number: int, title: str, html: str = "<h3>Resume</h3><span>Om natcafé.</span>", **more: Any
) -> dict[str, Any]:
    """An agenda item."""
    told = {"Id": f"p{number}", "Number": str(number), "Sorting": number, "Navn": title, "SagsNummer": f"26/{number}"}
    fields = [{"Html": f"<div><div id='sagsfremstillingContainer'>{html}</div></div>", "DocumentId": None}]
    return told | {"IsOpen": True, "Felter": fields, "Bilag": []} | more


def agenda(*points: dict[str, Any], days: float = 10, **head: Any) -> dict[str, Any]:
    """A meeting's answer."""
    moede = {"MeetingBeginUtc": begins(days), "Dato": begins(days), "Sted": "Salen"} | head
    return {"Udvalg": {"Id": "c1", "Navn": "Byrådet"}, "Moede": moede, "Dagsordenpunkter": [*points]}


def portal(*lines: dict[str, Any], **meetings: Any) -> dict[str, Any]:
    """A site's answers: ``meetings`` by id, as JSON or as ``Saved``."""
    answers: dict[str, Any] = {"/": FRONT, LIST: saved_json(listing(*lines))}
    for meeting_id, body in meetings.items():
        answers[MEETING + meeting_id] = body if isinstance(body, Saved) else saved_json(body)
    return answers
