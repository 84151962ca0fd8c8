"""How fast mails may go: over all, and to each host."""

import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Pace:
    """So many a second in the long run, ``burst`` at once (the leaky bucket of ITU I.371). 0 a second: no limit.

    Times are seconds of any clock that only goes forward.
    """

    per_second: float
    burst: int = 1
    _ahead: float = 0.0

    def ready_at(self) -> float:
        """The moment from which the next may go."""
        return self._ahead - (self.burst - 1) / self.per_second if self.per_second else 0.0

    def take(self, at: float) -> None:
        """One goes now."""
        if self.per_second:
            self._ahead = max(self._ahead, at) + 1 / self.per_second


class Line:
    """The mails of one round, in the order in which they may go: the first whose host is ready is the next.

    ``mails``: (message id, host), the most urgent first. Each host has a pace of its own.
    """

    def __init__(self, mails: Iterable[tuple[int, str]], *, host_per_second: float = 0.0, host_burst: int = 1) -> None:
        self._waiting: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
        for place, (number, host) in enumerate(mails):
            self._waiting[host].append((place, number))
        self._paces = {host: Pace(host_per_second, host_burst) for host in self._waiting}
        # The place of a host's first mail, for hosts that may be written to; the others by the moment they may.
        self._ready = [(queue[0][0], host) for host, queue in self._waiting.items()]
        heapq.heapify(self._ready)
        self._later: list[tuple[float, str]] = []
        self._closed: set[str] = set()

    def __len__(self) -> int:
        """How many are left, those to closed hosts too."""
        return sum(map(len, self._waiting.values()))

    def pop(self, at: float) -> tuple[int, str] | float | None:
        """The next mail with its host, or how many seconds until one may go, or None when nothing more may."""
        while self._later and self._later[0][0] <= at:
            _, host = heapq.heappop(self._later)
            heapq.heappush(self._ready, (self._waiting[host][0][0], host))
        while self._ready:
            _, host = heapq.heappop(self._ready)
            if host in self._closed or not self._waiting[host]:
                continue
            _, number = self._waiting[host].popleft()
            self._paces[host].take(at)
            self._offer(host, at)
            return number, host
        open_later = [moment for moment, host in self._later if host not in self._closed]
        return min(open_later) - at if open_later else None

    def next(self, count: int) -> list[int]:
        """Mails that may well be the next to go: the first ones to each open host, the most urgent first."""
        several = (
            one
            for host, queue in self._waiting.items()
            if host not in self._closed
            for one in itertools.islice(queue, count)
        )
        return [number for _, number in heapq.nsmallest(count, several)]

    def give_back(self, number: int, host: str) -> None:
        """Puts a mail that was not tried at the head of its host's line."""
        self._waiting[host].appendleft((-1, number))
        heapq.heappush(self._ready, (-1, host))

    def close(self, host: str) -> None:
        """Nothing more to this host in this round."""
        self._closed.add(host)

    def left(self) -> list[int]:
        """The mails that did not go, the most urgent first."""
        return [number for _, number in sorted(one for queue in self._waiting.values() for one in queue)]

    def _offer(self, host: str, at: float) -> None:
        if not self._waiting[host]:
            return
        ready_at = self._paces[host].ready_at()
        if ready_at <= at:
            heapq.heappush(self._ready, (self._waiting[host][0][0], host))
        else:
            heapq.heappush(self._later, (ready_at, host))
