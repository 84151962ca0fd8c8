"""Writes the demo's catalogue: one municipality whose address is the demo site on this machine."""

from pathlib import Path

CODE = 999
NAME = "Lindebjerg"
REGION = "Demoregionen"

_ENTRY = """\
# Written by the demo: a made-up municipality on this machine.
[[municipality]]
code = {code}
name = "{name}"
region = "{region}"
platform = "firstagenda"
url = "{url}"
website = "{url}/"
crawl_delay = 0.0
"""


def write_catalogue(path: Path, url: str) -> Path:
    """Writes the TOML catalogue with the loopback origin `url` (such as http://127.0.0.1:8098); returns `path`."""
    text = _ENTRY.format(code=CODE, name=NAME, region=REGION, url=url.rstrip("/"))
    path.write_text(text, encoding="utf-8")
    return path
