"""Whose turn it is, where fewer can go than want to: the visit that has most left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count

# Of a site whose list has not been read, nobody knows how much it has.
UNKNOWN = 1_000_000


class Turns:
    """``places`` at a time, of those that wait the one with most left.

    A run ends with its longest visit, and that one needs its full pace from the first request on: in plain order of
    arrival it would go at the pace of everybody while all are under way, and finish its rest alone afterwards.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, left: int) -> AsyncIterator[None]:
        """Waits for a place and holds it for the block. ``left``: how much the visit has before it."""
        if self._free:
            self._free -= 1
        else:
            place = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (-left, next(self._order), place))
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._give_up()  # it came in the moment in which the wait was broken off
                raise
        try:
            yield
        finally:
            self._give_up()

    def _give_up(self) -> None:
        while self._waiting:
            place = heappop(self._waiting)[2]
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
