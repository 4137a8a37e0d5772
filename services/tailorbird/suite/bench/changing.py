"""Events that change what is known of customers, so that pages after them cannot use what was kept."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import msgspec
from nats.aio.client import Client

from tailorbird.bus.connect import open_client
from tailorbird.suite.bench.events import folded
from tailorbird.suite.bench.load import Target, closed_loop, request_bytes
from tailorbird.suite.running import Running

__all__ = ["Changes"]

AT_ONCE = 100


class Changes:
    """While entered, makes every customer view an item, each time another one."""

    def __init__(self, running: Running, customers: Sequence[str], items: Sequence[str]) -> None:
        self._running = running
        self._customers = customers
        self._items = items
        self._chance = random.Random(7)
        self._client: Client

    async def __aenter__(self) -> Self:
        self._client = await open_client(self._running.nats, "bench")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def make(self) -> None:
        """Returns when every view is in its profile."""
        host, _, port = self._running.gateway_url.removeprefix("http://").rpartition(":")
        sent = await closed_loop(Target(host, int(port)), self._batches(), -(-len(self._customers) // AT_ONCE), 4)
        if sent.failed:
            raise RuntimeError(f"{sent.failed} batches of events were not taken: {sent.statuses}")
        await folded(self._client.jetstream())

    def _batches(self) -> Iterator[bytes]:
        headers = {"Authorization": f"Bearer {self._running.server_key}", "Content-Type": "application/json"}
        for start in range(0, len(self._customers), AT_ONCE):
            views = [self._view(customer) for customer in self._customers[start : start + AT_ONCE]]
            yield request_bytes("POST", "/v1/batch", msgspec.json.encode({"batch": views}), headers)

    def _view(self, customer_id: str) -> dict[str, object]:
        return {
            "type": "track", "event": "Product Viewed", "messageId": f"bench-{customer_id}-{time.time_ns()}",
            "userId": customer_id, "properties": {"product_id": self._chance.choice(self._items)},
        }  # fmt: skip
