"""What a file may cost us, and what came of reading it: plain records that cross between the processes."""

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["read", "needs_ocr", "unreadable", "refused"]


@dataclass(frozen=True)
class Limits:
    """For one file. Bytes, seconds, pages and characters as named; ``memory`` is the whole reading process's."""

    file_bytes: int = 60_000_000
    unzipped_bytes: int = 200_000_000
    memory: int = 1_000_000_000
    seconds: float = 60.0
    pages: int = 1_500
    characters: int = 5_000_000
    ocr_pages: int = 40
    ocr_seconds: float = 240.0


@dataclass(frozen=True)
class DocumentRead:
    """What a file holds. ``status`` is a value of ``storage.models.DocumentStatus``.

    ``pages`` holds the text of each page that was read, lines in the file's reading order; ``page_count`` the pages
    that the file has. ``reason`` is a Danish sentence: why there is no text, or what of it is missing.
    """

    status: Status
    content_type: str = ""
    pages: tuple[str, ...] = ()
    page_count: int = 0
    reason: str = ""

    @property
    def text(self) -> str:
        """All pages with a line break between them."""
        return "\n".join(self.pages)

    @property
    def page_map(self) -> list[dict[str, int]]:
        """Where each page starts in ``text``."""
        found, start = [], 0
        for number, page in enumerate(self.pages, start=1):
            found.append({"page": number, "start": start})
            start += len(page) + 1
        return found


class CannotRead(Exception):
    """The file gives no text. ``reason`` is a Danish sentence, ``status`` what becomes of the document."""

    def __init__(self, reason: str, *, status: Status = "unreadable", content_type: str = "") -> None:
        super().__init__(reason)
        self.reason, self.status, self.content_type = reason, status, content_type


@dataclass
class Pages:
    """Collects the pages of one file until a limit is met. ``full`` says which; empty while there is room."""

    limits: Limits
    deadline: float
    found: list[str] = field(default_factory=list)
    characters: int = 0
    full: str = ""

    def room(self) -> int:
        """Characters that may still come."""
        return max(0, self.limits.characters - self.characters)

    def add(self, text: str, clock: float) -> bool:
        """Takes the next page; False when no more may come. ``clock``: ``time.monotonic()`` now."""
        kept = text[: self.room()]
        self.found.append(kept)
        self.characters += len(kept)
        if len(kept) < len(text) or not self.room():
            self.full = f"der er mere tekst, end vi læser ({self.limits.characters:,} tegn)".replace(",", ".")
        elif len(self.found) >= self.limits.pages:
            self.full = f"der er flere sider, end vi læser ({self.limits.pages})"
        elif clock > self.deadline:
            self.full = "filen tog for lang tid at læse"
        return not self.full


@dataclass(frozen=True)
class TablesRead:
    """``status`` is a value of ``storage.models.TableStatus``; ``reason`` a Danish sentence when it is not "read".

    ``tables``: each ``{"page": n or None, "rows": [[cell, …], …]}`` in the order of the file. A cell is None where the
    cell to its left (or above) covers it.
    """

    status: Literal["read", "none", "failed"]
    reason: str = ""
    tables: list[dict[str, Any]] = field(default_factory=list)
