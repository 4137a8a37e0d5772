"""Events: from the collector's door to the folded profile, in batches of 50."""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
import time
import uuid
from collections.abc import Iterator, Sequence

import msgspec
from nats.js import JetStreamContext

from tailorbird.bus.connect import open_client
from tailorbird.contracts.profiles import COLLECTED
from tailorbird.suite.bench.cost import Meter
from tailorbird.suite.bench.load import Target, closed_loop, request_bytes
from tailorbird.suite.bench.table import Figure, median
from tailorbird.suite.running import Running

__all__ = ["folded", "measure_events"]

BATCH = 50
BATCHES = 100
CPU_US = 200.0
CONSUMER = "profiles"


async def measure_events(
    running: Running, processes: dict[str, int], customers: Sequence[str], items: Sequence[str], rounds: int
) -> list[Figure]:
    """Events a second until the last is folded, and CPU per event over all processes."""
    requests = _batches(running, customers, items)
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    rates: list[float] = []
    costs: list[float] = []
    failed = 0
    client = await open_client(running.nats, "bench")
    try:
        for _ in range(rounds):
            meter = Meter(processes)
            began = time.perf_counter()
            result = await closed_loop(Target(host, int(port)), requests, BATCHES, 8)
            await folded(client.jetstream())
            rates.append(BATCH * BATCHES / (time.perf_counter() - began))
            costs.append(meter.cost().per(BATCH * BATCHES))
            failed += result.failed
    finally:
        await client.close()
    return [
        Figure(
            name="events/s, collector to folded profile", measured=median(rates), unit="/s", detail=f"{failed} failed"
        ),
        Figure(
            name="event CPU, all processes", measured=median(costs), unit="us", at_most=CPU_US,
            detail=f"in batches of {BATCH}",
        ),
    ]


async def folded(context: JetStreamContext) -> None:
    """Returns when profiles have taken over everything that was collected."""
    async with asyncio.timeout(120):
        while True:
            info = await context.consumer_info(COLLECTED.stream, CONSUMER)
            if not info.num_pending and not info.num_ack_pending:
                return
            await asyncio.sleep(0.03)  # Asking costs the server something, too.


def _batches(running: Running, customers: Sequence[str], items: Sequence[str]) -> Iterator[bytes]:
    chance = random.Random(3)
    key = base64.b64encode(f"{running.write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    for _ in itertools.count():
        events = [
            {
                "type": "track",
                "event": "Product Viewed",
                "messageId": str(uuid.UUID(int=chance.getrandbits(128))) + f"-{time.time_ns()}",
                "anonymousId": f"bench-{chance.choice(customers)}",
                "properties": {"product_id": chance.choice(items)},
            }
            for _ in range(BATCH)
        ]
        yield request_bytes("POST", "/v1/batch", msgspec.json.encode({"batch": events}), headers)
