"""``python -m crawler.document_child FD``: reads files in a process that may not take more than it was given.

Each request on the socket is a line of JSON (``limits``, ``ocr``, ``size``) and the file's bytes; each answer a line
of JSON with a ``DocumentRead``'s fields, or with a ``TablesRead``'s when ``tables`` names the file's content type
instead of ``ocr``. ``last`` in it: the process ends after this file, for another to take over.
"""

import json
import os
import resource
import socket
import sys
from dataclasses import asdict

from crawler.document_limits import DocumentRead, Limits, TablesRead

# Memory that a large file leaves behind is given back by ending.
_MOST_LEFT_BEHIND = 350_000_000


def main() -> None:
    """Serves the socket until the other side closes it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing here has any business writing files
    os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract's threads cost more than they save
    with socket.socket(fileno=int(sys.argv[1])) as talk, talk.makefile("rb") as asked:
        while line := asked.readline():
            question = json.loads(line)
            data = asked.read(question["size"])
            limits = Limits(**question["limits"])
            answer: DocumentRead | TablesRead
            if "tables" in question:
                answer, last = _tables(data, question["tables"], limits)
            else:
                answer, last = _read(data, limits, ocr=question["ocr"])
            del data
            last = last or _left_behind() > _MOST_LEFT_BEHIND
            talk.sendall(json.dumps(asdict(answer) | {"last": last}, ensure_ascii=False).encode() + b"\n")
            if last:
                return


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _tables(data: bytes, kind: str, limits: Limits) -> tuple[TablesRead, bool]:
    _confine(limits)
    try:
        from crawler.document_tables import read_tables  # noqa: PLC0415 - within the limits, like all that follows

        return read_tables(data, kind, limits.seconds / 2), False
    except (MemoryError, RecursionError):
        return TablesRead("failed", "Tabellerne i filen kræver for megen hukommelse at læse."), True


def _read(data: bytes, limits: Limits, *, ocr: bool) -> tuple[DocumentRead, bool]:
    _confine(limits)
    try:
        from crawler.document_formats import read_document  # noqa: PLC0415 - within the limits, like all that follows

        return read_document(data, limits, ocr=ocr), False
    except MemoryError:
        megabytes = limits.memory // 1_000_000
        return DocumentRead("unreadable", reason=f"Filen kræver mere end {megabytes} MB hukommelse."), True
    except RecursionError:
        return DocumentRead("unreadable", reason="Filen er i stykker: indholdet ligger i uendeligt mange lag."), True


def _left_behind() -> int:
    with open("/proc/self/statm", encoding="ascii") as told:  # noqa: PTH123
        return int(told.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()
