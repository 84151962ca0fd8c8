"""How often one client may do a thing: a token bucket each, in this process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Limiter:
    """Lets a client do ``burst`` things at once, then ``per_minute`` of them a minute.

    A bucket holds up to ``burst`` tokens and refills steadily; each thing takes one. At most ``clients`` buckets are
    kept: the one used longest ago goes first, so an attacker with many addresses costs no memory. The count is
    of this process: with several web processes a client gets a share of each.
    """

    def __init__(
        self, *, burst: int, per_minute: float, clients: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._clients = clients
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, client: str) -> bool:
        """Takes a token of ``client``; False when there is none."""
        with self._lock:
            bucket = self._filled(client)
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True

    def spent(self, client: str) -> bool:
        """Whether ``allow`` would say no; takes nothing."""
        with self._lock:
            return self._filled(client).tokens < 1

    def wait(self, client: str) -> int:
        """Seconds until ``client`` has a token, at least 1: what Retry-After says."""
        with self._lock:
            lacking = 1 - self._filled(client).tokens
        return max(1, round(lacking / self._per_second))

    def _filled(self, client: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(client, _Bucket(self._burst, now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._per_second)
        bucket.filled_at = now
        self._buckets.move_to_end(client)
        while len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        return bucket
