"""Pages per second and core: the limited process with all its safety, against pypdfium2 alone on the same files.

Target: at least 0.6 of it. Both run on one core, in turns, in this one run; the best of several rounds counts.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium

from crawler.document_text import DocumentReader
from service.demo.pdf import make_pdf

TARGET = 0.6
ROUNDS = 5
RECORDED = Path(__file__).parents[2] / "shared" / "recordings" / "documents"
TEXT = (
    "Forvaltningen indstiller, at udvalget godkender fordelingen af puljen til frivilligt socialt arbejde. I perioden "
    "har kommunen modtaget 42 ansøgninger, og høringssvarene peger på, at flere ældre oplever ensomhed i hverdagen. "
)


def files() -> list[bytes]:
    """Papers of the usual sizes: many notes of a few pages, some reports, one long plan; the recorded one if there."""
    made = [make_pdf(f"Notat {number}", "\n\n".join([TEXT * 4] * 12), "Bilag") for number in range(30)]
    made += [make_pdf(f"Rapport {number}", "\n\n".join([TEXT * 4] * 130), "Bilag") for number in range(4)]
    made.append(make_pdf("Kommuneplan", "\n\n".join([TEXT * 4] * 800), "Bilag"))
    recorded = [path.read_bytes() for path in sorted(RECORDED.glob("*.pdf"))] if RECORDED.is_dir() else []
    return made + recorded * 10


def directly(papers: list[bytes]) -> int:
    """The pages' text by the library alone; how many pages."""
    pages = 0
    for data in papers:
        pdf = pdfium.PdfDocument(data)
        for number in range(len(pdf)):
            page = pdf[number]
            words = page.get_textpage()
            words.get_text_range()
            words.close()
            page.close()
            pages += 1
        pdf.close()
    return pages


def main() -> int:
    """Prints both speeds and the ratio; 1 when it falls short of the target."""
    papers = files()
    with DocumentReader(ocr=False) as reader:
        reader.read(papers[0])  # starting the process is a cost of the run, not of a page

        def safely(papers: list[bytes]) -> int:
            return sum(reader.read(data).page_count for data in papers)

        best: dict[Callable[[list[bytes]], int], float] = {}
        pages = directly(papers)
        for _ in range(ROUNDS):
            for how in (directly, safely):
                began = time.perf_counter()
                if how(papers) != pages:
                    raise AssertionError("both read the same pages")
                best[how] = min(best.get(how, 1e9), time.perf_counter() - began)
    ratio = best[directly] / best[safely]
    print(f"{len(papers)} files, {pages} pages")
    print(f"pypdfium2 alone:      {pages / best[directly]:8.0f} pages/s")
    print(f"with all safety:      {pages / best[safely]:8.0f} pages/s")
    print(f"ratio {ratio:.2f} (target {TARGET})")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
