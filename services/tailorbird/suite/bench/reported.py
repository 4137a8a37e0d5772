"""How soon a report knows: from an order's 200 at the collector to the first report that counts it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from http.client import HTTPConnection
from typing import Any

import msgspec

from tailorbird.suite.bench.table import Figure
from tailorbird.suite.running import Running

__all__ = ["measure_reported"]

PROBES = 20
SECONDS = 5.0


async def measure_reported(running: Running, customers: Sequence[str]) -> list[Figure]:
    """The slowest of the probes, one after the other."""
    waited = [await asyncio.to_thread(_waited, running, customers[number]) for number in range(PROBES)]
    return [
        Figure(
            name="order accepted -> counted in a report, slowest", measured=max(waited), unit="s", at_most=SECONDS,
            detail=f"median {sorted(waited)[PROBES // 2]:.2f} s of {PROBES}",
        )
    ]


def _waited(running: Running, customer: str) -> float:
    host, _, port = running.gateway_url.removeprefix("http://").rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=30.0)
    headers = {"Authorization": f"Bearer {running.server_key}", "Content-Type": "application/json"}

    def asked(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
        return msgspec.json.decode(connection.getresponse().read())

    def orders() -> float:
        rows = asked("GET", "/v1/reports/kpis")["rows"]
        return float(rows[0]["kpis"]["orders"]["value"]) if rows else 0.0

    before = orders()
    key = str(uuid.uuid4())
    told = {"order_id": key, "total": 10.0, "products": [{"product_id": "bench", "quantity": 1, "price": 10.0}]}
    event = {"type": "track", "event": "Order Completed", "messageId": key, "userId": customer, "properties": told}
    asked("POST", "/v1/batch", {"batch": [event]})
    began = time.perf_counter()
    while orders() <= before:
        time.sleep(0.05)
        if time.perf_counter() - began > 60.0:
            break
    return time.perf_counter() - began
