"""An order that came as an event is among the rows that training reads: once, and not again when a file tells it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ApplyQuery, Document, Imported, ImportQuery
from tailorbird.contracts.profiles import (
    APPLY,
    COLLECTED,
    GATHER,
    IMPORT,
    PROFILE,
    Event,
    EventBatch,
    GatherQuery,
    ProfileQuery,
)
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.broker import Broker, free_port
from tailorbird.profiles.importing.importer import INTERACTIONS_OBJECT
from tailorbird.profiles.segments.buying import SEGMENTS_OBJECT
from tailorbird.profiles.service import open_profiles
from tailorbird.profiles.settings import Settings

pytestmark = pytest.mark.anyio

NOW = int(time.time())


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[NatsBus]:
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    async with connect("gateway", address, address) as bus, open_profiles(bus, Settings(home=tmp_path)):
        yield bus
    process.kill()
    process.wait()


def order(order_id: str, *items: str, **whose: Any) -> Event:
    products = [{"product_id": item, "quantity": 2, "price": 1.5} for item in items]
    return Event(
        message_id=str(uuid.uuid4()), type="track", event="Order Completed", at=NOW,
        properties={"order_id": order_id, "total": 9, "products": products}, **(whose or {"customer_id": "c-1"}),
    )  # fmt: skip


async def collect(bus: NatsBus, *events: Event) -> None:
    await bus.announcer.append(COLLECTED, EventBatch(events=events), str(uuid.uuid4()))


async def orders_are(bus: NatsBus, count: int, **whose: str) -> None:
    async def there() -> bool:
        profile = await bus.asker.ask(PROFILE, ProfileQuery(customer=CustomerRef(**whose or {"customer_id": "c-1"})))
        return profile.facts.attributes.get("history.orders") == count

    await until(there)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():
            await asyncio.sleep(0.01)


async def gathered(bus: NatsBus) -> int:
    return (await bus.asker.ask(GATHER, GatherQuery())).orders


async def rows(bus: NatsBus, folder: Path) -> list[tuple[str, float, bool]]:
    """(item, quantity, whether it came as an event) of the snapshot."""
    snapshots = await bus.objects("snapshots")
    await snapshots.fetch(INTERACTIONS_OBJECT, folder / "seen.parquet")
    table = pq.read_table(folder / "seen.parquet")
    sources = table["source"].to_pylist() if "source" in table.column_names else [None] * table.num_rows
    found = zip(table["item_id"].to_pylist(), table["quantity"].to_pylist(), sources, strict=True)
    return sorted((item, quantity, source == "live") for item, quantity, source in found)


@pytest.fixture
def load(bus: NatsBus, tmp_path: Path) -> Callable[[list[dict[str, Any]]], Awaitable[Imported]]:
    async def hand_over(lines: list[dict[str, Any]]) -> Imported:
        path = tmp_path / "interactions.parquet"
        pq.write_table(pa.Table.from_pylist(lines), path)
        await (await bus.objects("staging")).put("x/interactions.parquet", path)
        return await bus.asker.ask(IMPORT, ImportQuery(table="interactions", object_name="x/interactions.parquet"))

    return hand_over


def line(order_id: str, item_id: str) -> dict[str, Any]:
    return {"customer_id": "c-1", "item_id": item_id, "time": NOW - 60, "quantity": 5.0, "order_id": order_id}


async def test_orders_are_gathered_once_with_and_without_loaded_rows(
    bus: NatsBus, tmp_path: Path, load: Callable[[list[dict[str, Any]]], Awaitable[Imported]]
) -> None:
    again = order("o-1", "milk", "rye")
    await collect(bus, again, order("o-1", "milk", "rye"), again, order("o-2", "tea", anonymous_id="guest"))
    await orders_are(bus, 1)
    await orders_are(bus, 1, anonymous_id="guest")
    assert await gathered(bus) == 2
    assert await gathered(bus) == 0
    live = [("milk", 2.0, True), ("rye", 2.0, True), ("tea", 2.0, True)]
    assert await rows(bus, tmp_path) == live
    # A file tells one of the orders, and one of its own: the file's rows stand, each order once.
    imported = await load([line("o-1", "milk"), line("o-1", "rye"), line("o-9", "jam")])
    assert (imported.stored, imported.unchanged) == (3, 0)
    loaded = [("jam", 5.0, False), ("milk", 5.0, False), ("rye", 5.0, False), ("tea", 2.0, True)]
    assert await rows(bus, tmp_path) == loaded
    await collect(bus, order("o-3", "oats"), order("o-9", "jam"))
    await orders_are(bus, 3)
    assert await gathered(bus) == 1
    assert await rows(bus, tmp_path) == sorted([*loaded, ("oats", 2.0, True)])
    assert (await load([line("o-1", "milk"), line("o-1", "rye"), line("o-9", "jam")])).stored == 0


async def test_a_refusal_keeps_orders_from_training(bus: NatsBus, tmp_path: Path) -> None:
    refusal = {"consent": {"categoryPreferences": {"personalization": False}}}
    await collect(bus, order("o-1", "milk"), order("o-2", "rye", customer_id="c-2"))
    await orders_are(bus, 1, customer_id="c-2")
    await collect(bus, Event(message_id="n", type="page", at=NOW, customer_id="c-2", context=refusal, trusted=True))
    await orders_are(bus, 0, customer_id="c-2")
    assert await gathered(bus) == 1
    assert [item for item, _, _ in await rows(bus, tmp_path)] == ["milk"]


async def test_what_a_segment_buys_reaches_training_as_sums_alone(bus: NatsBus, tmp_path: Path) -> None:
    body = msgspec.Raw(b'{"rule": {"field": "history.orders", "operator": ">=", "value": 1}}')
    applied = await bus.asker.ask(APPLY, ApplyQuery(documents=(Document(kind="segment", id="buyers", body=body),)))
    assert applied.problems == ()
    people = [f"b-{number}" for number in range(6)]
    for person in people:
        await collect(bus, order(f"s-{person}", "i-1", *(["i-2"] if person < "b-4" else []), customer_id=person))
    for person in people:
        await orders_are(bus, 1, customer_id=person)
    await bus.asker.ask(GATHER, GatherQuery())
    snapshots = await bus.objects("snapshots")
    await snapshots.fetch(SEGMENTS_OBJECT, tmp_path / "segments.parquet")
    told = pq.read_table(tmp_path / "segments.parquet").to_pylist()
    # Six bought the one, four the other: too few to be told of.
    assert [(row["group"], row["item_id"]) for row in told] == [("segment buyers", "i-1")]
    assert told[0]["customers"] == pytest.approx(6.0, abs=0.1)
