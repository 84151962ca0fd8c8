"""The portal's pages for people (plain Danish HTML), and PDFs of an item or a whole meeting."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import nh3
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader

from service.demo.calendar_dates import date_and_time
from service.demo.pdf import make_pdf

Json = dict[str, Any]

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "portal.css").read_text(encoding="utf-8")
TAGS = {"p", "h3", "ul", "ol", "li", "table", "tr", "td", "b", "strong", "em", "i", "br", "div"}
# Dropped with what they hold: the Word export's title is the word "Dagsordenspunkt".
DROPPED = {"script", "style", "title"}

_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


def shell_page(name: str) -> str:
    """The front page: an empty shell that a script fills, as the real one is."""
    return _environment.get_template("shell.html").render(name=name)


def error_page(name: str) -> str:
    """What the portal shows for an address that it does not know."""
    return _environment.get_template("error.html").render(name=name)


def document_view_page(address: str) -> str:
    """The page "Dokumentvisning" whose iframe holds the signed address."""
    return _environment.get_template("document_view.html").render(address=address)


def meeting_page(name: str, meeting: Json, item_id: str = "") -> str | None:
    """The meeting for people, or only one of its items; None if it has no such item."""
    items = [item for item in meeting["Dagsordenpunkter"] if not item_id or item["Id"] == item_id]
    if not items:
        return None
    return _environment.get_template("meeting.html").render(
        name=name,
        meeting=meeting,
        items=[_shown(item) for item in items],
        starts_at=_when(meeting),
        only_one=bool(item_id),
    )


def _when(meeting: Json) -> str:
    return date_and_time(datetime.fromisoformat(meeting["Moede"]["MeetingBeginUtc"]))


def _shown(item: Json) -> Json:
    html = "".join(part.get("Html") or "" for part in item["Felter"])
    return {
        "id": item["Id"],
        "number": item["Punktnummer"],
        "title": item["Navn"],
        "case": item["SagsNummer"],
        "open": item["IsOpen"],
        "html": nh3.clean(html, tags=TAGS, attributes={}, clean_content_tags=DROPPED),
        "documents": [part["Link"] for part in item["Felter"] if part.get("Link")],
        "attachments": [bilag for bilag in item["Bilag"] if str(bilag["HarPdfVersion"]).lower() == "true"],
    }


def item_pdf(name: str, meetings: Iterable[Json], item_id: str) -> bytes | None:
    """One item as a PDF; None if no meeting has it."""
    for meeting in meetings:
        for item in meeting["Dagsordenpunkter"]:
            if item["Id"] == item_id:
                return make_pdf(f"{item['Punktnummer']}. {item['Navn']}", _plain(item), _footer(name, meeting))
    return None


def meeting_pdf(name: str, meeting: Json) -> bytes:
    """The whole meeting as a PDF."""
    blocks = [f"## {item['Punktnummer']}. {item['Navn']}\n\n{_plain(item)}" for item in meeting["Dagsordenpunkter"]]
    title = f"{meeting['Moede']['Navn'] or 'Dagsorden'}: {meeting['Udvalg']['Navn']}"
    return make_pdf(title, "\n\n".join(blocks), _footer(name, meeting))


def _footer(name: str, meeting: Json) -> str:
    return f"{name} · {meeting['Udvalg']['Navn']}, {_when(meeting)}"


def _plain(item: Json) -> str:
    if not item["IsOpen"]:
        return "Lukket punkt."
    soup = BeautifulSoup("".join(part.get("Html") or "" for part in item["Felter"]), "lxml")
    for tag in soup.find_all(DROPPED):
        tag.decompose()
    blocks = [tag.get_text(strip=True) for tag in soup.find_all(["h3", "p", "li"])]
    return "\n\n".join(filter(None, blocks)) or soup.get_text("\n\n", strip=True)
