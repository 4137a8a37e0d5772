"""How soon a page knows of an event: from the collector's 200 to the first page that tells of it, at a steady rate."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import msgspec

from tailorbird.suite.bench.load import Target, request_bytes, steady_rate
from tailorbird.suite.bench.table import Figure
from tailorbird.suite.running import Running

__all__ = ["measure_visible"]

RATE = 200.0
PROBES_A_SECOND = 10
SECONDS = 15
P99_MS = 50.0


async def measure_visible(running: Running, items: Sequence[str]) -> list[Figure]:
    """p99 of the milliseconds over all probes; visitors whose page was asked for before, as in a visit."""
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    visitors = [f"probe-{uuid.uuid4()}" for _ in range(PROBES_A_SECOND * SECONDS)]
    headers = {"Authorization": f"Bearer {running.server_key}"}
    limits = httpx.Limits(max_connections=40, max_keepalive_connections=40)
    async with httpx.AsyncClient(
        base_url=running.gateway_url, headers=headers, timeout=30.0, limits=limits
    ) as client:
        for visitor in visitors:
            await _seen(client, visitor, items[0], 1)
        load = asyncio.create_task(
            steady_rate(Target(host, int(port)), _views(running, items), RATE - PROBES_A_SECOND, SECONDS)
        )
        probes: list[asyncio.Task[float]] = []
        for visitor in visitors:
            probes.append(asyncio.create_task(_seen(client, visitor, items[1], 2)))
            await asyncio.sleep(1.0 / PROBES_A_SECOND)
        waited = sorted(await asyncio.gather(*probes))
        result = await load
    return [
        Figure(
            name="event accepted -> in the next page, p99 at 200 events/s", unit="ms", at_most=P99_MS,
            measured=waited[int(len(waited) * 0.99)] * 1e3,
            detail=f"p50 {waited[len(waited) // 2] * 1e3:.1f} ms of {len(waited)}, {result.failed} events failed",
        )
    ]


async def _seen(client: httpx.AsyncClient, visitor: str, item_id: str, views: int) -> float:
    """Seconds from the acceptance of a view to the end of the first page that knows of so many."""
    (await client.post("/v1/track", json=_view(visitor, item_id))).raise_for_status()
    accepted = time.perf_counter()
    body = {"customer": {"anonymous_id": visitor}, "preview": True, "explain": True}
    while True:
        page = (await client.post("/v1/pages/home", json=body)).json()
        if page["trace"]["attributes"].get("session.views") == views:
            return time.perf_counter() - accepted


def _view(visitor: str, item_id: str) -> dict[str, Any]:
    return {
        "type": "track", "event": "Product Viewed", "messageId": str(uuid.uuid4()), "anonymousId": visitor,
        "properties": {"product_id": item_id},
    }  # fmt: skip


def _views(running: Running, items: Sequence[str]) -> Iterator[bytes]:
    key = base64.b64encode(f"{running.write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    for number in itertools.count():
        view = _view(f"steady-{number % 3_000}", items[number % len(items)])
        yield request_bytes("POST", "/v1/track", msgspec.json.encode(view), headers)
