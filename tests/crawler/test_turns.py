"""Who goes first where not everybody can: the longest visit, whatever became of those that gave up waiting."""

import asyncio

from crawler.turns import UNKNOWN, Turns


async def _take(turns: Turns, left: int, went: list[int]) -> None:
    async with turns.turn(left):
        went.append(left)
        await asyncio.sleep(0)


def test_the_visit_with_most_left_goes_first_and_an_unread_list_before_all() -> None:
    async def crowd() -> list[int]:
        turns, went = Turns(1), list[int]()
        await asyncio.gather(*(_take(turns, left, went) for left in (5, 1, 150, UNKNOWN, 40)))
        return went

    assert asyncio.run(crowd()) == [5, UNKNOWN, 150, 40, 1]  # the first one found the place free


def test_a_visit_that_is_broken_off_while_it_waits_or_goes_leaves_its_place_to_the_others() -> None:
    async def crowd() -> list[int]:
        turns, went = Turns(1), list[int]()
        going, waiting, called, last = (asyncio.create_task(_take(turns, left, went)) for left in (4, 3, 2, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        going.cancel()
        await asyncio.wait([going, waiting])
        called.cancel()
        await asyncio.wait([called])
        await asyncio.wait_for(last, 5)
        return went

    assert asyncio.run(crowd())[-1] == 1
