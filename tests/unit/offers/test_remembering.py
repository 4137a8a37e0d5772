"""Notes of somebody erased leave the bucket, what was learned stays, and a process that starts counts nothing twice."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from tailorbird.bus import Bucket
from tailorbird.bus.connect import connect
from tailorbird.offers.documents.goal import DEFAULT
from tailorbird.offers.learning.memory import Made
from tailorbird.offers.learning.remembering import Remembering
from tests.unit.offers.conftest import Servers
from tests.unit.offers.shop import NOW

pytestmark = pytest.mark.anyio


def made(person: str) -> Made:
    return Made(f"d-{person}", person, NOW, "web", "", ("ship",), identities=(f"digest-{person}",))


def promised(remembering: Remembering, person: str) -> tuple[str, ...]:
    return remembering.memory.standing(person, NOW + 60, "web", {}, DEFAULT).promised


async def written(bucket: Bucket) -> bytes:
    values = [entry.value for entry in (await bucket.entries()).values() if entry.value is not None]
    return b"".join(zlib.decompress(value) for value in values)


async def test_the_notes_of_somebody_erased_are_nowhere_and_counts_stay(servers: Servers) -> None:
    async with connect("offers", *servers.addresses) as bus:
        bucket = await bus.bucket("offer_memory")
        async with Remembering(bucket, lambda: DEFAULT) as first, Remembering(bucket, lambda: DEFAULT) as second:
            for person in ("gone", "stays"):
                first.write(made(person))
            async with asyncio.timeout(60):
                while b"gone" not in await written(bucket) or promised(second, "gone") != ("ship",):
                    await asyncio.sleep(0.02)
            first.write(made("gone"))
            await asyncio.gather(*(one.forget(["gone"]) for one in (first, second)))
            assert (promised(first, "gone"), promised(second, "gone")) == ((), ())
            second.write(made("gone"))
            assert promised(second, "gone") == ()
            learned = first.memory.learned()
        found = await written(bucket)
        assert (b"gone" in found, b"stays" in found) == (False, True)
        async with Remembering(bucket, lambda: DEFAULT) as third:
            assert third.memory.learned() == learned
            assert (promised(third, "gone"), promised(third, "stays")) == ((), ("ship",))
