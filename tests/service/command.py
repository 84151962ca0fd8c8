"""Runs the real command in a process and a folder of its own."""

import os
from pathlib import Path

from tests.servers.forks import Finished, Fork

MAIN = "service.cli:main"


def command(folder: Path, *arguments: str, **environment: str) -> Finished:
    """The finished command; its data folder is ``folder/data``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DAGSORDENVAGT_")}
    own |= {"DAGSORDENVAGT_DATA_DIR": str(folder / "data")} | environment
    with Fork(MAIN, arguments, own, folder) as process:
        return process.finish()
