"""How soon a page knows of an event: from the collector's 200 to the asking of the first page that tells of it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from typing import Any

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
    for visitor in visitors:
        await asyncio.to_thread(_seen, running, visitor, items[0], 1)
    load = asyncio.create_task(
        steady_rate(Target(host, int(port)), _views(running, items), RATE - PROBES_A_SECOND, SECONDS)
    )
    probes: list[asyncio.Task[float]] = []
    for visitor in visitors:
        probes.append(asyncio.create_task(asyncio.to_thread(_seen, running, visitor, items[1], 2)))
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


def _seen(running: Running, visitor: str, item_id: str, views: int) -> float:
    """Seconds from the acceptance of a view to when the first page was asked for that knows of so many; one is asked
    for after the other, so at most one page's time too long. In a thread.
    """
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=30.0)
    headers = {"Authorization": f"Bearer {running.server_key}", "Content-Type": "application/json"}

    def posted(path: str, body: dict[str, Any]) -> Any:
        connection.request("POST", path, msgspec.json.encode(body), headers)
        return msgspec.json.decode(connection.getresponse().read())

    try:
        posted("/v1/track", _view(visitor, item_id))
        accepted = time.perf_counter()
        asked = {"customer": {"anonymous_id": visitor}, "preview": True, "explain": True}
        while True:
            waited = time.perf_counter() - accepted
            if posted("/v1/pages/home", asked)["trace"]["attributes"].get("session.views") == views:
                return waited
    finally:
        connection.close()


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
