"""Runs the real command in a process and a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PATIENCE = 120


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The finished command; its data folder is ``folder/data``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DAGSORDENVAGT_")}
    return subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *arguments],
        cwd=folder,
        env=own | {"DAGSORDENVAGT_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
