"""A full stream and a full spool: the collector says when to come back, pages go on, nothing accepted is lost."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import httpx
import pytest
from nats.js import JetStreamContext

from tailorbird.bus.connect import open_client
from tailorbird.contracts.profiles import COLLECTED
from tailorbird.suite.running import read_running
from tests.faults.conftest import SPOOL_BYTES
from tests.faults.traffic import home, pages_all_the_while, until, until_whole
from tests.runningsuite import RunningSuite

pytestmark = pytest.mark.anyio

ROOM = 300_000


def large_view(visitor: str) -> dict[str, Any]:
    properties = {"product_id": "i-05", "padding": "x" * 25_000}
    return {
        "type": "track", "event": "Product Viewed", "messageId": str(uuid.uuid4()), "anonymousId": visitor,
        "properties": properties,
    }  # fmt: skip


async def limit(stream: JetStreamContext, size: int) -> None:
    config = (await stream.stream_info(COLLECTED.stream)).config
    config.max_bytes = size
    await stream.update_stream(config)


def metric(suite: RunningSuite, name: str) -> float:
    lines = httpx.get(f"{suite.base_url}/metrics").text.splitlines()
    return float(next(line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")))


def holds(suite: RunningSuite, name: str, value: float) -> bool:
    return metric(suite, name) == value


@pytest.mark.row(111)
async def test_what_does_not_fit_is_refused_and_what_was_accepted_is_counted(fragile: RunningSuite) -> None:
    await until_whole(fragile)
    client = await open_client(read_running(fragile.home).nats, "test")
    stream = client.jetstream()
    server = httpx.AsyncClient(base_url=fragile.base_url, headers=fragile.server_headers, timeout=20.0)
    async with server:
        assert (await server.post("/v1/track", json=large_view("v-first"))).status_code == 200
        before = (await stream.stream_info(COLLECTED.stream)).config.max_bytes
        assert before is not None
        await limit(stream, (await stream.stream_info(COLLECTED.stream)).state.bytes + ROOM)
        accepted: list[str] = []
        refused: httpx.Response | None = None
        while refused is None and len(accepted) < 500:
            visitor = f"v-{len(accepted)}"
            answer = await server.post("/v1/track", json=large_view(visitor))
            if answer.status_code == 200:
                accepted.append(visitor)
            else:
                refused = answer
        assert refused is not None
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert "full" in refused.json()["detail"]
        assert len(accepted) * 25_000 > SPOOL_BYTES
        assert metric(fragile, "tailorbird_collector_refuses") == 1
        assert metric(fragile, "tailorbird_events_not_kept_total") >= 1
        async with pages_all_the_while(fragile) as traffic:
            await until(lambda: len(traffic.seconds) > 40, "pages while events are refused")
        assert set(traffic.statuses) == {200}
        with_events = await server.post("/v1/pages/home", json={"events": [large_view("v-page")]})
        assert with_events.status_code == 200
        assert "full" in with_events.headers["tailorbird-events-not-kept"]
        assert "tailorbird-events-not-kept" not in (await home(server, "c-01")).headers
        await limit(stream, before)
        await until(partial(holds, fragile, "tailorbird_spooled_batches", 0), "the spool drained by itself", 60)
        assert (await server.post("/v1/track", json=large_view("v-last"))).status_code == 200
        assert metric(fragile, "tailorbird_collector_refuses") == 0

        async def views(visitor: str) -> int:
            answer = await server.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"})
            recent = answer.json()["facts"]["recent"] if answer.status_code == 200 else []
            return sum(one["kind"] == "viewed" for one in recent)

        found = 0
        while found != 1:
            found = await views("v-last")
        assert {await views(visitor) for visitor in accepted} == {1}
    await client.close()
