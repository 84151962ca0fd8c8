"""What a command shows while it works: bars on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Steps:
    """The progress of one stage. ``start`` once, then ``advance`` and ``say`` as things happen."""

    def __init__(self, title: str, bars: Progress | None) -> None:
        self._title = title
        self._bars = bars
        self._task: TaskID | None = None

    @property
    def has_bars(self) -> bool:
        """True on a terminal; elsewhere only lines are seen."""
        return self._bars is not None

    def start(self, total: int | None, note: str = "") -> None:
        """``total`` things to do, or None when it is not known yet."""
        if self._bars is None:
            if total:
                console.print(f"{self._title} ({total} i alt). {note}".rstrip())
            return
        if self._task is None:
            self._task = self._bars.add_task(self._title, total=total, note=note)
        else:
            self._bars.update(self._task, total=total, note=note)

    def advance(self, by: int = 1, note: str = "") -> None:
        """``by`` more are done; ``note`` says what is being looked at."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, advance=by, note=note)

    def reach(self, done: int, total: int, note: str = "") -> None:
        """``done`` of ``total`` are done."""
        if self._bars is None:
            return
        self.start(total, note)
        if self._task is not None:
            self._bars.update(self._task, completed=done)

    def say(self, line: str) -> None:
        """A line that stays."""
        (self._bars.console if self._bars is not None else console).print(line, markup=False)


@contextmanager
def steps(title: str) -> Iterator[Steps]:
    """Shows one stage's progress for the block."""
    if not console.is_terminal:
        yield Steps(title, None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console) as bars:
        yield Steps(title, bars)
