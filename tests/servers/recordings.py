"""Recordings with their dates moved, so that an old agenda lies ahead again."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from config.clock import COPENHAGEN, now

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d:\d\d)")
_DAY = re.compile(r"\b(\d\d)-(\d\d)-(20\d\d)\b")


def moved(data: Any, days: int) -> Any:
    """The same JSON with every time and every DD-MM-YYYY in its texts ``days`` later; clock times stay, offsets follow
    the Danish summer time.
    """
    return json.loads(_DAY.sub(lambda m: _day(m, days), _MOMENT.sub(lambda m: _moment(m, days), json.dumps(data))))


def _moment(found: re.Match[str], days: int) -> str:
    local = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) + timedelta(days=days)
    offset = local.replace(tzinfo=COPENHAGEN).strftime("%z")
    return f"{local:%Y-%m-%dT%H:%M:%S}{found[2] or ''}{offset[:3]}:{offset[3:]}"


def _day(found: re.Match[str], days: int) -> str:
    try:
        return f"{date(int(found[3]), int(found[2]), int(found[1])) + timedelta(days=days):%d-%m-%Y}"
    except ValueError:
        return found[0]


def aarhus(shared: Path, days_ahead: int = 10) -> tuple[Any, dict[str, Any]]:
    """(list, meetings by id) of the Aarhus recording, its council meeting (8 October 2025) ``days_ahead`` of today."""
    folder = shared / "recordings" / "firstagenda-aarhus"
    days = (now().date() + timedelta(days=days_ahead) - date(2025, 10, 8)).days
    meetings = {
        path.stem: moved(json.loads(path.read_text(encoding="utf-8")), days)
        for path in (folder / "dagsorden").glob("*.json")
    }
    return moved(json.loads((folder / "udvalgsliste.json").read_text(encoding="utf-8")), days), meetings
