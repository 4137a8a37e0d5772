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


async def test_many_keys_are_read_at_once_and_what_is_not_there_is_left_out(brokers: tuple[Broker, Broker]) -> None:
    address = Address(brokers[0].url)
    async with connect("test", address, address) as bus:
        bucket = await bus.bucket("test_many_reads")
        revisions = {f"key-{number}": await bucket.put(f"key-{number}", b"%d" % number) for number in range(150)}
        await bucket.delete("key-7")
        found = await bucket.get_all([*revisions, "nobody"])
        assert {key: entry.revision for key, entry in found.items()} == {
            key: revision for key, revision in revisions.items() if key != "key-7"
        }
        assert all(entry.value == entry.key.removeprefix("key-").encode() for entry in found.values())
        assert (await bucket.get_all(["nobody", "key-7"]), await bucket.get_all([])) == ({}, {})
        assert (await bucket.get("key-7"), await bucket.get("nobody")) == (None, None)
        one = await bucket.get("key-8")
        assert (one and (one.value, one.revision)) == (b"8", revisions["key-8"])
