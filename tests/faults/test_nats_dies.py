"""The nats-server or the gateway may die: pages go on or come back, and nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

import httpx
import pytest

from tests.faults.processes import running_process
from tests.faults.traffic import FULL, client_of, pages_all_the_while, until, until_whole
from tests.runningsuite import RunningSuite

pytestmark = pytest.mark.anyio

EVENTS = 2_000 if FULL else 300
KILLS = 10 if FULL else 2
PATIENCE = 180.0
"""Seconds from the last event sent to the last one counted, on a busy machine."""


def viewed(visitor: str, item_id: str = "i-05") -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": str(uuid.uuid4()),
        "anonymousId": visitor,
        "properties": {"product_id": item_id},
    }


async def views_of(client: httpx.AsyncClient, visitor: str) -> int:
    """Views in this visitor's profile; 0 while there is none, or while nobody can be asked."""
    response = await client.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"})
    # The server that was killed last may be on its way back still: 503 and 504 say "ask again".
    if response.status_code in (404, 503, 504):
        return 0
    response.raise_for_status()
    return sum(1 for signal in response.json()["facts"]["recent"] if signal["kind"] == "viewed")


def at_most(waiting: list[str], left: int) -> bool:
    return len(waiting) <= left


async def accept(collector: httpx.AsyncClient, event: dict[str, object]) -> None:
    """Sends it until it is accepted, as every client library of Segment's does."""
    while True:
        try:
            response = await collector.post("/v1/track", json=event)
            if response.status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)


@pytest.mark.row(111)
@pytest.mark.parametrize("name", ["nats", "gateway"])
async def test_no_accepted_event_is_lost_and_none_counts_twice_when_it_is_killed(
    fragile: RunningSuite, name: str
) -> None:
    visitors = [f"{name}-{number}" for number in range(EVENTS)]
    collector = httpx.AsyncClient(base_url=fragile.base_url, auth=(fragile.write_key, ""), timeout=20.0)
    async with collector, client_of(fragile) as server:
        waiting = list(visitors)

        async def send() -> None:
            while waiting:
                await accept(collector, viewed(waiting.pop()))

        senders = [asyncio.create_task(send()) for _ in range(8)]
        for kill in range(KILLS):
            left = EVENTS * (KILLS - kill) // (KILLS + 1)
            await until(partial(at_most, waiting, left), "events sent before the next kill", 120)
            (await running_process(fragile, name)).kill()
        await asyncio.gather(*senders)
        counted = dict.fromkeys(visitors, 0)

        places = asyncio.Semaphore(16)

        async def count(visitor: str) -> None:
            async with places:
                counted[visitor] = await views_of(server, visitor)

        until_all = asyncio.get_running_loop().time() + PATIENCE
        while missing := [visitor for visitor, views in counted.items() if views == 0]:
            assert asyncio.get_running_loop().time() < until_all, f"{len(missing)} of {EVENTS} lost: {missing[:10]}"
            await asyncio.gather(*map(count, missing))
            await asyncio.sleep(0.2)
    assert set(counted.values()) == {1}


async def test_pages_go_on_while_nats_is_away(fragile: RunningSuite) -> None:
    await until_whole(fragile)
    async with pages_all_the_while(fragile) as traffic:
        (await running_process(fragile, "nats")).kill()
        await until(lambda: bool(traffic.fallbacks), "a page that lists a fallback")
        before = sum(traffic.statuses.values())
        await until(lambda: sum(traffic.statuses.values()) > before + 50, "fifty more pages")
        seconds = await until_whole(fragile)
    assert set(traffic.statuses) == {200}
    print(f"nats killed: p99 {traffic.p99_ms:.0f} ms, whole after {seconds:.1f} s")


async def test_a_killed_gateway_comes_back_by_itself(fragile: RunningSuite) -> None:
    killed = await running_process(fragile, "gateway")
    killed.kill()
    seconds = await until_answered(fragile)
    await until_whole(fragile)
    await running_process(fragile, "gateway", other_than=killed.pid)
    print(f"gateway killed: a page again after {seconds:.1f} s")


async def until_answered(suite: RunningSuite) -> float:
    """Seconds until a page is answered with 200."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with client_of(suite) as client, asyncio.timeout(90):
        while True:
            try:
                response = await client.post("/v1/pages/home", json={})
                if response.status_code == 200:
                    return loop.time() - began
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)
