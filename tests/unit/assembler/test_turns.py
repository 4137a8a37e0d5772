"""Who begins in which turn of the event loop."""

from __future__ import annotations

import asyncio

import pytest

from tailorbird.assembler.pages.turns import Turns

pytestmark = pytest.mark.anyio


async def test_so_many_begin_in_a_turn_in_the_order_in_which_they_came() -> None:
    turns, begun = Turns(3), []
    elsewhere: list[int] = []

    async def page(number: int) -> None:
        await turns.begin()
        begun.append(number)

    async def reader() -> None:
        while len(begun) < 10:
            elsewhere.append(len(begun))
            await asyncio.sleep(0)

    await asyncio.gather(*(page(number) for number in range(10)), reader())
    assert begun == list(range(10))
    # Others had their turn after every three.
    assert max(after - before for before, after in zip([0, *elsewhere], [*elsewhere, 10], strict=True)) <= 3


async def test_who_gave_up_takes_no_place_and_holds_nobody_up() -> None:
    turns, begun = Turns(1), []

    async def page(number: int) -> None:
        await turns.begin()
        begun.append(number)

    tasks = [asyncio.create_task(page(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.wait(tasks)
    assert begun == [0, 1, 3]
    await page(4)
    assert begun == [0, 1, 3, 4]
