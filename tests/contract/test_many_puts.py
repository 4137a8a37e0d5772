"""Many values are put into a bucket at once, each on its own: one that somebody else was faster with stops no other."""

from __future__ import annotations

import pytest

from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker

pytestmark = pytest.mark.anyio


async def test_each_value_is_put_or_says_why_not(brokers: tuple[Broker, Broker]) -> None:
    address = Address(brokers[0].url)
    async with connect("test", address, address) as bus:
        bucket = await bus.bucket("test_many_puts")
        there = await bucket.put("there", b"1")
        await bucket.put("deleted", b"1")
        await bucket.delete("deleted")
        found = await bucket.put_all(
            [("new", b"2", 0), ("there", b"2", there), ("there", b"3", there), ("deleted", b"2", 0), ("new", b"3", 0)]
        )
        assert [isinstance(one, Fault) and one.code for one in found] == [False, False, 409, False, 409]
        values = {key: entry.value for key, entry in (await bucket.entries()).items()}
        assert values == {"new": b"2", "there": b"2", "deleted": b"2"}
