"""Two hundred files that want to break us: none stops the others, none takes more than it was given."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.document_limits import Limits
from crawler.document_text import DocumentReader, ReaderClosed
from tests.crawler.document_files import bomb_part, hostile, pdf, zipped

STATUSES = {"read", "needs_ocr", "unreadable", "refused"}
MEGABYTE = 1_000_000


@pytest.fixture
def reader() -> Iterator[DocumentReader]:
    with DocumentReader(Limits(seconds=2, memory=500 * MEGABYTE), ocr=False) as one:
        yield one


def test_every_hostile_file_ends_as_a_status_with_a_reason_and_the_next_is_read(reader: DocumentReader) -> None:
    wrong, seen, most = [], 0, 0
    for name, data in hostile():
        read = reader.read(data)
        seen += 1
        most = max(most, most_memory(reader))
        if read.status not in STATUSES or not (read.reason or (read.status == "read" and read.text.strip())):
            wrong.append(f"{name}: {read.status} {read.reason!r}")
        if any(sign in read.text for sign in ("\x00", "\ufffe")) or "root:" in read.text or "haha" in read.text:
            wrong.append(f"{name}: {read.text[:80]!r}")
    assert not wrong
    assert seen >= 200
    assert reader.read(pdf("Ensomhed")).text == "Ensomhed"
    assert 20 * MEGABYTE < most < 500 * MEGABYTE, "no process that read them ever held more than the limit"


def most_memory(reader: DocumentReader) -> int:
    """The most bytes that the reading process has held so far; 0 where a file has just ended it."""
    if not reader._child or reader._child.poll() is not None:
        return 0
    status = Path(f"/proc/{reader._child.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def test_a_file_that_needs_more_memory_than_it_may_have_costs_only_itself() -> None:
    ended = b"</w:t></w:r></w:p></w:body></w:document>"
    hungry = zipped(word__document_xml=bomb_part(190) + ended)
    with DocumentReader(Limits(memory=250 * MEGABYTE), ocr=False) as small:
        read = small.read(hungry)
        after = small.read(pdf("Ensomhed"))
    assert read.status == "unreadable"
    assert read.reason
    assert after.text == "Ensomhed"
    with DocumentReader(Limits(memory=3_000 * MEGABYTE, seconds=60), ocr=False) as large:
        assert large.read(hungry).text.startswith("aaa"), "the file is whole: it was the limit that stopped it"


def test_a_file_that_kills_the_process_costs_only_itself(reader: DocumentReader) -> None:
    reader.read(pdf("Ensomhed"))
    child = reader._child
    assert child
    os.kill(child.pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (child.pid, signal.SIGKILL)).start()
    assert "brød sammen" in reader.read(pdf("Ensomhed")).reason
    assert reader.read(pdf("Ensomhed")).text == "Ensomhed"


def test_a_process_that_hangs_is_ended() -> None:
    with DocumentReader(Limits(seconds=-7), ocr=False) as reader:  # with the patience of fifteen: one second
        reader.read(b"")
        child = reader._child
        assert child
        os.kill(child.pid, signal.SIGSTOP)
        assert reader.read(pdf("Ensomhed")).reason == "Filen tog for lang tid at læse."
        assert child.wait(timeout=10) == -signal.SIGKILL


def test_a_reader_that_is_closed_says_nothing_of_the_file_it_held(reader: DocumentReader) -> None:
    reader.read(b"")
    child = reader._child
    assert child
    os.kill(child.pid, signal.SIGSTOP)
    threading.Timer(0.3, reader.close).start()
    with pytest.raises(ReaderClosed):
        reader.read(pdf("Ensomhed"))
