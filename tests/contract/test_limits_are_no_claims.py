"""What streams may hold is a limit: a suite starts on a disk that has less free than all of them together."""

from __future__ import annotations

import pytest
from nats.js import api

from tailorbird.bus.connect import Address, open_client
from tailorbird.host.broker import Broker

pytestmark = pytest.mark.anyio


async def test_streams_are_made_that_together_may_hold_more_than_is_free(brokers: tuple[Broker, Broker]) -> None:
    client = await open_client(Address(brokers[0].url), "test")
    try:
        context = client.jetstream()
        for number in range(3):
            name = f"TEST_LIMITS_{number}"
            made = await context.add_stream(api.StreamConfig(name=name, subjects=[name], max_bytes=250 * 1024**3))
            assert made.config.max_bytes == 250 * 1024**3
    finally:
        for number in range(3):
            await client.jetstream().delete_stream(f"TEST_LIMITS_{number}")
        await client.close()
