"""Where work that need not be done again is kept: the user's cache folder. Losing it costs seconds and nothing else."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def cache_folder() -> Path:
    """Our folder; it need not exist, and nothing can be written below it for a user without a home."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    except RuntimeError:  # a user without a home
        base = os.devnull
    return Path(base) / "dagsordenvagt"


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A file to write in, which then becomes ``path`` at once: nobody ever reads half of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
