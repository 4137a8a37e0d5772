"""`tailorbird train` and `tailorbird models` on a real nats-server: what was trained is kept, compared, promoted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.profiles import GATHER, Gathered, GatherQuery
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, free_port
from tailorbird.recommender.registry.store import Registry
from tailorbird.suite.learning.registered import compare_models, list_models, promote_model, roll_back_model
from tailorbird.suite.learning.training import INTERACTIONS_OBJECT, train_command
from tests.unit.recommender.smallshop import SETTINGS, interactions, item_table

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[NatsBus]:
    """A bus whose snapshots hold the small shop."""
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    async with connect("owners", address, address) as owners, connect("train", address, address) as bus:

        async def gathered(_: GatherQuery) -> Gathered:
            return Gathered()

        await owners.answerer.answer(GATHER, gathered)
        snapshots = await bus.objects("snapshots")
        frame = interactions()
        pq.write_table(pa.Table.from_pandas(frame), tmp_path / "interactions.parquet")
        columns = item_table()[["item_id", "kind", "title", "department", "category", "price"]]
        pq.write_table(pa.Table.from_pandas(columns), tmp_path / "items.parquet")
        await snapshots.put(INTERACTIONS_OBJECT, tmp_path / "interactions.parquet")
        await snapshots.put(CATALOGUE_OBJECT, tmp_path / "items.parquet")
        yield bus
    process.terminate()
    process.wait()


async def test_a_second_model_is_compared_before_it_serves(bus: NatsBus, tmp_path: Path) -> None:
    said = StringIO()
    console = Console(file=said, width=200, highlight=False)
    first = await train_command(bus, tmp_path, console, SETTINGS)
    assert await Registry(bus).active() == first.version
    other = msgspec.structs.replace(SETTINGS, reach_weight=0.149)
    second = await train_command(bus, tmp_path, console, other)
    record = await Registry(bus).record(second.version)
    assert set(record.against) == {first.version}
    assert record.values
    assert record.data == (await Registry(bus).record(first.version)).data
    assert await Registry(bus).active() == second.version
    await list_models(bus, console)
    narrow = StringIO()
    await list_models(bus, Console(file=narrow, width=60, highlight=False))
    assert first.version in narrow.getvalue()  # To be copied, whatever the window.
    await compare_models(bus, console, first.version, second.version)
    await roll_back_model(bus, console)
    assert await Registry(bus).active() == first.version
    await promote_model(bus, console, second.version, None)
    assert await Registry(bus).active() == second.version
    with pytest.raises(Fault, match=r"may be worse than .*5% of"):
        await train_command(bus, tmp_path, console, msgspec.structs.replace(SETTINGS, reach_weight=3.0))
    assert await Registry(bus).active() == second.version
    assert "Comparing with the models that served" in said.getvalue()
    assert "reach_weight" in said.getvalue()
