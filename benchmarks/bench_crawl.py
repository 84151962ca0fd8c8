"""A whole country on loopback: how long a full first sweep takes, and how little a quiet second one asks.

98 FirstAgenda-shaped sites in processes of their own (``benchmarks.country``), 4,000 agendas in the window, 50 ms for
each answer. The bar for time is a ratio: the slowest site's requests times its delay is what politeness demands, and no
crawler can be quicker; ours may take 1.2 times that, storing included. ``--delay`` is each site's, in seconds;
``--every 14`` takes each 14th site only, for a look at the work that an agenda costs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.country import sizes
from crawler.run import crawl_command, crawl_environment
from storage.engine import engine_for, reading, transaction
from storage.migrate import upgrade
from storage.models import AgendaItem, Municipality, Publication, PublicationStatus, Source

# The catalogue's own.
DELAY = 1.0
SERVERS = 2
TIMES, MEGABYTES, QUIET_REQUESTS = 1.2, 600.0, 200
# robots.txt, the cookie and the list come before a site's agendas.
BEFORE = 3


@dataclass(frozen=True)
class Sweep:
    """One run of the crawler and the process beside it: wall seconds, seconds of their work, peak memory of both,
    requests that arrived.
    """

    seconds: float
    busy: float
    megabytes: float
    requests: int
    exit_code: int


def main(arguments: list[str] | None = None) -> int:
    """Prints the figures and whether each bar is met; 0 when all are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--delay", type=float, default=DELAY, help="seconds between a site's requests")
    parser.add_argument("--every", type=int, default=1, help="only each N-th site")
    options = parser.parse_args(arguments)
    delay, wanted = options.delay, sizes()[:: options.every]
    folder = Path(tempfile.mkdtemp(prefix="bench-crawl-"))
    url = f"sqlite:///{folder / 'bench.sqlite3'}"
    try:
        upgrade(url)
        with _country(options.every) as country:
            _enter(url, country.ports, delay)
            first = country.sweep(url)
            stored, items = _stored(url)
            second = country.sweep(url)
    finally:
        engine_for(url).dispose()
        shutil.rmtree(folder)
    agendas, demanded = sum(wanted), (max(wanted) + BEFORE) * delay
    print(f"{len(wanted)} sites, {stored} of {agendas} agendas with {items} items stored, delay {delay} s, 50 ms each")
    print(f"demanded:     {demanded:6.1f} s; {first.busy / agendas * 1000:.0f} ms of work an agenda, starting included")
    print(f"first sweep:  {first.seconds:6.1f} s ({first.busy:.0f} s of it at work), {first.requests} requests")
    print(f"second sweep: {second.seconds:6.1f} s ({second.busy:.0f} s of it at work), {second.requests} requests")
    bars = [
        ("all agendas stored", stored, agendas, stored == agendas and first.exit_code == second.exit_code == 0),
        ("times what the slowest site demands", first.seconds / demanded, TIMES, first.seconds <= TIMES * demanded),
        ("peak memory of the crawler, MB", first.megabytes, MEGABYTES, first.megabytes < MEGABYTES),
        ("requests of a quiet second sweep", second.requests, QUIET_REQUESTS, second.requests <= QUIET_REQUESTS),
    ]
    for name, figure, bar, met in bars:
        print(f"{'PASS' if met else 'FAIL'}  {name}: {figure:.2f} (bar {bar})".replace(".00", ""))
    return 0 if all(met for *_, met in bars) else 1


class _Country:
    """The servers' processes, and the crawls of their sites."""

    def __init__(self, servers: "list[subprocess.Popen[str]]") -> None:
        self._servers = servers
        self.ports: dict[int, int] = {}
        for server in servers:
            self.ports |= {int(number): port for number, port in json.loads(_line(server)).items()}

    def requests(self) -> int:
        """How many requests have arrived so far, at all sites."""
        return sum(int(_line(server, "count\n")) for server in self._servers)

    def sweep(self, url: str) -> Sweep:
        """Runs the crawler once over all sites."""
        before, start = self.requests(), time.perf_counter()
        crawler = subprocess.Popen(crawl_command(), env=crawl_environment(url), stdout=subprocess.DEVNULL)
        most, pid = 0.0, 0
        while not pid:
            most = max(most, _megabytes(crawler.pid))
            time.sleep(0.2)
            pid, status, used = os.wait4(crawler.pid, os.WNOHANG)
        crawler.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        busy = used.ru_utime + used.ru_stime
        return Sweep(seconds, busy, most, self.requests() - before, crawler.returncode)


def _megabytes(pid: int) -> float:
    """The memory of a process and its children now, in MB."""
    pages = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for one in (pid if task.name == str(pid) else None, *(task / "children").read_text().split()):
            with suppress(FileNotFoundError):
                pages += int(Path(f"/proc/{one}/statm").read_text().split()[1]) if one else 0
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


@contextmanager
def _country(every: int) -> Iterator[_Country]:
    servers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.country", str(part), str(SERVERS), str(every)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in range(SERVERS)
    ]
    try:
        yield _Country(servers)
    finally:
        for server in servers:
            server.kill()
            server.wait()


def _line(server: "subprocess.Popen[str]", asked: str = "") -> str:
    if server.stdin is None or server.stdout is None:
        raise ValueError("the server was started without pipes")
    server.stdin.write(asked)
    server.stdin.flush()
    return server.stdout.readline()


def _enter(url: str, ports: dict[int, int], delay: float) -> None:
    with transaction(url) as session:
        for number, port in ports.items():
            row = Municipality(code=100 + number, name=f"Kommune {number}")
            row.source = Source(platform="firstagenda", base_url=f"http://127.0.0.1:{port}", crawl_delay=delay)
            session.add(row)


def _stored(url: str) -> tuple[int, int]:
    with reading(url) as session:
        papers = session.scalar(
            select(func.count(Publication.id)).where(Publication.status == PublicationStatus.STORED)
        )
        return papers or 0, session.scalar(select(func.count(AgendaItem.id))) or 0


if __name__ == "__main__":
    sys.exit(main())
