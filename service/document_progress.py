"""Follows the child process that reads papers: what it says becomes bars, lines and counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.progress import PaperNotFetched, PaperRead, PapersStarted, from_line
from service.console import Steps
from service.words import counted
from storage.models import DocumentStatus

# Failures of one municipality beyond this are counted, not listed.
SHOWN_FAILURES = 3


@dataclass
class PapersRead:
    """Counts over one run. ``known``: files whose content had been read before, at another address."""

    papers: int = 0
    read: int = 0
    pages: int = 0
    known: int = 0
    needs_ocr: int = 0
    unreadable: int = 0
    failed: int = 0
    failed_by: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the job's row."""
        return asdict(self)

    def in_words(self) -> str:
        """One line for people."""
        if not self.papers:
            return "Ingen bilag venter."
        said = [f"{counted(self.read, 'bilag', 'bilag')} læst ({counted(self.pages, 'side', 'sider')})"]
        said += [f"{self.needs_ocr} er billeder af tekst og venter på tesseract"] if self.needs_ocr else []
        said += [f"{self.unreadable} kunne ikke læses"] if self.unreadable else []
        said += [f"{self.failed} kunne ikke hentes"] if self.failed else []
        left = self.papers - self.read - self.needs_ocr - self.unreadable - self.failed
        said += [f"{left} venter til næste gang"] if left > 0 else []
        return ", ".join(said) + "."


def show_paper_progress(lines: Iterable[str], shown: Steps) -> PapersRead:
    """Reads the child's lines to their end."""
    total = PapersRead()
    failures: Counter[str] = Counter()
    for line in lines:
        match from_line(line):
            case PapersStarted(papers=papers):
                total.papers = papers
                shown.start(papers)
            case PaperRead() as one:
                _count(total, one)
                shown.advance(1, note=f"{one.municipality}: {one.title}"[:80])
            case PaperNotFetched(municipality=name, title=title, reason=reason):
                total.failed += 1
                failures[name] += 1
                if failures[name] <= SHOWN_FAILURES:
                    shown.say(f"  {name}: »{title}«: {reason}")
                shown.advance(1, note=name)
    total.failed_by = dict(failures)
    return total


def _count(total: PapersRead, one: PaperRead) -> None:
    total.known += one.known
    match DocumentStatus(one.status):
        case DocumentStatus.READ:
            total.read += 1
            total.pages += one.pages
        case DocumentStatus.NEEDS_OCR:
            total.needs_ocr += 1
        case _:
            total.unreadable += 1
