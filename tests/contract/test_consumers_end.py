"""A consumer with messages at hand ends when it is told to, whatever it is doing in that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.wire import Message, Topic
from tailorbird.host.broker import Broker

pytestmark = pytest.mark.anyio

MESSAGES = 100
TURNS = 40


class Said(Message):
    value: int


SOME = Topic("tailorbird.test.v1.some", Said, stream="TEST_SOME")


@pytest.mark.timeout(120)
async def test_no_moment_is_a_wrong_one_to_end_a_consumer(brokers: tuple[Broker, Broker]) -> None:
    address = Address(brokers[0].url)
    async with connect("test", address, address) as bus:
        for value in range(MESSAGES):
            await bus.announcer.append(SOME, Said(value=value), f"some-{value}")
        for turns in range(TURNS):
            begun = asyncio.Event()

            async def take(messages: Sequence[Said], begun: asyncio.Event = begun) -> None:
                begun.set()

            await bus.listener.consume(SOME, f"reader-{turns}", take, batch=5)
            await begun.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            await bus.listener.close()
